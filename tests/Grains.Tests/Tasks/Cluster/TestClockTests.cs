using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>A clock that stands still holds the grains' time, and nothing of Orleans' own.</summary>
public sealed class TestClockTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public async Task WhileTheClockStandsStill_ASilosDeathIsNoticed_AndItsTasksGoOn()
    {
        await using var cluster = await TaskCluster.StartAsync(silos: 3, clock: _clock);
        var task = await cluster.CreateAsync("stepping", new { });
        SteppingGenerator.Tell(task, "a", "checkpoint");
        await cluster.UntilSeqAsync(task, 3);
        var owner = await cluster.OwnerAsync(task);
        await cluster.Inner.KillSiloAsync(owner);
        await cluster.UntilAsync(task, "the work elsewhere", head => head.Interruptions == 1 && head.Status == GenerationStatus.Running);
        SteppingGenerator.Tell(task, "return");
        await cluster.EndAsync(task, GenerationStatus.Completed);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), _clock.GetUtcNow());
    }

    [Fact]
    public void ATimer_IsSeenUntilItHasRunOrIsStopped()
    {
        using var once = Timer(1, 0);
        using var periodic = Timer(2, 2);
        using var stopped = Timer(3, 0);
        Assert.Equal(3, _clock.ArmedTimers);
        stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Assert.Equal((true, true, false), (Armed(1), Armed(2), Armed(3)));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((1, true), (_clock.ArmedTimers, Armed(2)));

        bool Armed(int seconds) => _clock.IsArmedFor(TimeSpan.FromSeconds(seconds));
        ITimer Timer(int due, int period) => _clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(due), TimeSpan.FromSeconds(period));
    }
}
