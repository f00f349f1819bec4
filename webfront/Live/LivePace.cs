using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>
/// When a live stream looks again: at once when there is something to see, but a whole period after it said something, and once a period in any case.
/// </summary>
internal sealed class LivePace : IAsyncDisposable
{
    private readonly WakeSignal _signal = new();
    private readonly TimeSpan _period;
    private readonly ITimer _timer;
    private readonly CancellationToken _ended;
    private readonly CancellationTokenRegistration _end;
    private volatile bool _passed;

    /// <summary>The pace of one stream, which begins now.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="period">The period.</param>
    /// <param name="ended">The stream's end.</param>
    public LivePace(TimeProvider clock, TimeSpan period, CancellationToken ended)
    {
        (_period, _ended) = (period, ended);
        _timer = clock.CreateTimer(_ => Pass(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _end = ended.UnsafeRegister(_ => _signal.Wake(), null);
    }

    /// <summary>There is something to see.</summary>
    public void Wake() => _signal.Wake();

    /// <summary>Waits until it is time to look.</summary>
    /// <param name="said">Whether something was just said.</param>
    /// <exception cref="OperationCanceledException">The stream has ended.</exception>
    public async ValueTask NextAsync(bool said)
    {
        _passed = false;
        _timer.Change(_period, Timeout.InfiniteTimeSpan);
        do
        {
            await _signal.WaitAsync();
            _ended.ThrowIfCancellationRequested();
        }
        while (said && !_passed);

        // Whoever woke this has others to wake.
        await Task.Yield();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.DisposeAsync();
        await _timer.DisposeAsync();
    }

    private void Pass()
    {
        _passed = true;
        _signal.Wake();
    }
}
