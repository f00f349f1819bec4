using System.Collections.Concurrent;

using Microsoft.Extensions.Time.Testing;

namespace Holdfast.TestSupport;

/// <summary>
/// Microsoft's clock that stands still until a test moves it on, and that also says who waits for it: what a test looks at before it moves it.
/// It begins at the start of 2026.
/// </summary>
public sealed class TestClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly ConcurrentDictionary<WatchedTimer, DateTimeOffset> _due = new();
    private long _set;

    /// <summary>How many timers wait.</summary>
    public int ArmedTimers => _due.Count;

    /// <summary>Whether a timer waits for exactly the time in so long.</summary>
    public bool IsArmedFor(TimeSpan fromNow) => _due.Values.Contains(Passed + fromNow);

    /// <summary>The time by which timers go: setting the clock changes nothing about it.</summary>
    private DateTimeOffset Passed => base.GetUtcNow();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Passed.AddTicks(Interlocked.Read(ref _set));

    /// <inheritdoc/>
    public override long GetTimestamp() => Passed.UtcTicks;

    /// <summary>Sets the clock, forward or back, as an operator or a time server does: no time passes by it, and no timer falls due.</summary>
    public void Set(TimeSpan by) => Interlocked.Add(ref _set, by.Ticks);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WatchedTimer(this, callback);
        timer.Inner = base.CreateTimer(timer.Run, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class WatchedTimer(TestClock clock, TimerCallback callback) : ITimer
    {
        private readonly Lock _gate = new();
        private TimeSpan _period;
        private int _runs;

        public ITimer? Inner { get; set; }

        public void Run(object? state)
        {
            lock (_gate)
            {
                _runs++;
                Note(clock.Passed, _period);
            }

            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan;
            var (from, runs) = (clock.Passed, Volatile.Read(ref _runs));
            var changed = Inner!.Change(dueTime, period);
            lock (_gate)
            {
                // Only what is armed may be seen to be: a test moves the clock on at once. It may have run already.
                if (_runs == runs)
                {
                    Note(from, dueTime);
                }
            }

            return changed;
        }

        public void Dispose()
        {
            Inner!.Dispose();
            Note(clock.Passed, Timeout.InfiniteTimeSpan);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Note(DateTimeOffset from, TimeSpan due)
        {
            if (due == Timeout.InfiniteTimeSpan)
            {
                clock._due.TryRemove(this, out _);
            }
            else
            {
                clock._due[this] = from + due;
            }
        }
    }
}
