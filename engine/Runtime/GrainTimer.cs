using Orleans;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>A timer of a grain: each tick is a turn of its own, and the next one is set when it has ended.</summary>
internal sealed partial class GrainTimer : IGrainTimer, ITurn
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _disposed = new();
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private TimeSpan _period;
    private bool _queued;
    private bool _changed;

    private GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        Check(options.DueTime, options.Period);
        _activation = activation;
        _callback = callback;
        _options = options;
        _period = options.Period;
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _timer = activation.Silo.Time.CreateTimer(static state => ((GrainTimer)state!).Due(), this, options.DueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public bool Interleaves => _options.Interleave;

    public bool KeepsAlive => _options.KeepAlive;

    public bool IsOver => _disposed.IsCancellationRequested;

    public static IGrainTimer Register(IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var activation = grain.GrainContext as Activation
            ?? throw new InvalidOperationException($"{grain.GetType().Name} was not created by a silo, so it cannot have a timer.");
        var timer = new GrainTimer(activation, callback, options);
        activation.Add(timer);
        return timer;
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, period);
        lock (_gate)
        {
            _period = period;
            _changed = true;
            if (!IsOver)
            {
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timer.Dispose();
            _disposed.Cancel();
        }

        _activation.Remove(this);
    }

    public void Run(ITurnHost host) => _ = TickAsync(host);

    private static void Check(TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan && (dueTime < TimeSpan.Zero || dueTime > s_longest))
        {
            throw new ArgumentOutOfRangeException(nameof(dueTime), dueTime, "A due time is not negative, at most 49 days, or Timeout.InfiniteTimeSpan.");
        }

        if (period != Timeout.InfiniteTimeSpan && (period <= TimeSpan.Zero || period > s_longest))
        {
            throw new ArgumentOutOfRangeException(nameof(period), period, "A period is positive, at most 49 days, or Timeout.InfiniteTimeSpan for a timer that ticks once.");
        }
    }

    private void Due()
    {
        lock (_gate)
        {
            if (_queued || IsOver)
            {
                return;
            }

            _queued = true;
            _changed = false;
        }

        _activation.Enqueue(this);
    }

    private async Task TickAsync(ITurnHost host)
    {
        try
        {
            await _callback(_disposed.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException || !IsOver)
        {
            LogTickFailed(_activation.Silo.Logger, _activation.GrainId, e);
        }
        catch (OperationCanceledException)
        {
            // Told to stop, it stopped.
        }

        lock (_gate)
        {
            _queued = false;
            if (!_changed && !IsOver && _period != Timeout.InfiniteTimeSpan)
            {
                _timer.Change(_period, Timeout.InfiniteTimeSpan);
            }
        }

        host.Ended(this);
    }
}
