using Holdfast.TestSupport;

namespace Holdfast.Grains.Tests;

public sealed class FakeTimeProviderTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Advance_RunsTimersInTheOrderOfTheirTime_EachAtItsTime()
    {
        var start = _time.GetUtcNow();
        var ran = new List<(string, TimeSpan)>();
        using var late = Timer("late", 3, 0);
        using var periodic = Timer("every second", 1, 1);
        using var never = Timer("never", 10, 0);
        using var stopped = Timer("stopped", 1, 0);
        stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Assert.Equal(3, _time.ArmedTimers);

        _time.Advance(TimeSpan.FromSeconds(3.5));

        var seen = ran.Select(it => $"{it.Item1} {it.Item2.TotalSeconds:0}").Order(StringComparer.Ordinal);
        Assert.Equal(["every second 1", "every second 2", "every second 3", "late 3"], seen);
        Assert.Equal(ran.OrderBy(it => it.Item2).Select(it => it.Item2), ran.Select(it => it.Item2));
        Assert.Equal(TimeSpan.FromSeconds(3.5), _time.GetUtcNow() - start);
        Assert.Equal(TimeSpan.FromSeconds(3.5), _time.GetElapsedTime(start.Ticks));

        ITimer Timer(string name, int due, int period) =>
            _time.CreateTimer(_ => ran.Add((name, _time.GetUtcNow() - start)), null, TimeSpan.FromSeconds(due), TimeSpan.FromSeconds(period));
    }

    [Fact]
    public async Task Delay_EndsWhenTheClockIsMovedOn()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(5), _time);
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(delay.IsCompleted);

        _time.Advance(TimeSpan.FromMinutes(1));
        await delay;
    }
}
