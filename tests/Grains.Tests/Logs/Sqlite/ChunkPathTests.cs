using Holdfast.Grains.Logs.Sqlite;

namespace Holdfast.Grains.Tests.Logs.Sqlite;

public sealed class ChunkPathTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(5000)]
    public void AnyChunk_IsFoundInAFewSteps_ByJumpingWhereItIsNotTooFar(int count)
    {
        var paths = new List<ChunkPath>();
        for (var depth = 1; depth <= count; depth++)
        {
            var tail = paths.LastOrDefault();
            paths.Add(new ChunkPath(Row: depth * 10, depth, Last: depth, End: depth, ChunkPath.NextJump(tail)));
        }

        var most = 3 * (1 + (int)Math.Log2(count));
        for (var wanted = 1; wanted <= count; wanted++)
        {
            var (at, steps) = (paths[^1], 0);
            for (; at.Depth != wanted; steps++)
            {
                at = at.Jump is { } jump && jump.Depth >= wanted ? jump : paths[(int)at.Depth - 2];
            }

            Assert.InRange(steps, 0, most);
        }
    }
}
