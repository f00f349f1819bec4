using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Logs.Sqlite;

public sealed class SqliteReadingTests
{
    [Fact]
    public async Task ASmallPage_OutOfALongLog_TakesNoMoreMemoryThanThePage()
    {
        using var fixture = new SqliteFixture();
        await using var store = fixture.OpenStore();
        var opened = await SqliteFixture.FillAsync(store, "a", 0);
        for (var last = 0; last < 40_000; last += 4000)
        {
            var run = Runs.Of(last + 1, Enumerable.Repeat(new byte[1000], 4000).ToArray());
            var append = new LogAppend { Id = "a", Fence = opened.Fence, ExpectedLastSeq = last, Records = run };
            Assert.Equal(AppendOutcome.Ok, (await store.AppendAsync(append)).Outcome);
        }

        foreach (var limit in new LogLimit[] { new(int.MaxValue, 100_000), new(100, int.MaxValue) })
        {
            await ReadAsync(500, limit);
            for (var after = 0; after < 39_000; after += 777)
            {
                Assert.InRange(await ReadAsync(after, limit), 90_000, 300_000);
            }
        }

        // Reads run on the caller's thread.
        async Task<long> ReadAsync(long after, LogLimit limit)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = store.ReadAsync("a", after, limit);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.InRange((await read)!.Records.Count, 90, 100);
            return allocated;
        }
    }
}
