using Holdfast.TestSupport.Hostile;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>
/// The invariants of the design on one silo and on several, whatever happens to these between any two steps, while calls get lost. A schedule is decided
/// by its seed; the silos' own timing is not. What happens within one front (invariants 5 and 8) has its own suite there.
/// </summary>
public sealed class ScheduleTests(ITestOutputHelper output)
{
    private const int Schedules = 5;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AnySchedule_OfDeathsStartsAndViewers_LeavesEveryTaskItsLogAndItsEnd(int silos)
    {
        for (var n = 0; n < Schedules; n++)
        {
            var seed = Random.Shared.Next();
            output.WriteLine($"seed {seed}");
            await using var cluster = await TaskCluster.StartAsync(silos, tasks: options => options.WorkerLease = TimeSpan.FromSeconds(2), calls: HostileOptions.Lossy);
            try
            {
                await new ScheduleModel(cluster, silos).RunAsync(ScheduleCommand.Of(seed, length: 40));
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, {silos} silos: {e}");
            }
        }
    }
}
