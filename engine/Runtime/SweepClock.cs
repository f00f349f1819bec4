using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

/// <summary>Something that the clock looks at until it asks to be left alone.</summary>
internal interface ISwept
{
    /// <summary>Ends what is due. False when there is nothing left to look at.</summary>
    bool Sweep(int now);
}

/// <summary>A coarse clock: reading it costs nothing, and whatever waits is looked at on each of its ticks.</summary>
internal sealed partial class SweepClock : IDisposable
{
    /// <summary>Length of a tick: a time-out is late by at most two of them.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private List<ISwept> _watched = [];
    private List<ISwept> _spare = [];
    private volatile int _now;

    public SweepClock(TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((SweepClock)state!).Tick(), this, Period, Period);
    }

    /// <summary>Ticks so far.</summary>
    public int Now => _now;

    /// <summary>The tick after which <paramref name="time"/> has passed for certain.</summary>
    public int DeadlineIn(TimeSpan time) => time < TimeSpan.Zero ? int.MaxValue : (int)Math.Min(int.MaxValue, _now + Math.Ceiling(time / Period) + 1);

    public void Watch(ISwept swept)
    {
        lock (_gate)
        {
            _watched.Add(swept);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        var now = (int)(_time.GetElapsedTime(_start) / Period);
        List<ISwept> batch;
        lock (_gate)
        {
            // Ticks that come late come in a heap: one of them does the work.
            if (now == _now)
            {
                return;
            }

            _now = now;
            (batch, _watched, _spare) = (_watched, _spare, []);
        }

        foreach (var swept in batch)
        {
            try
            {
                if (swept.Sweep(now))
                {
                    Watch(swept);
                }
            }
            catch (Exception e)
            {
                LogSweepFailed(_logger, e);
            }
        }

        batch.Clear();
        lock (_gate)
        {
            _spare = batch;
        }
    }
}
