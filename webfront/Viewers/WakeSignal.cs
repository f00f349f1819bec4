using System.Threading.Tasks.Sources;

namespace Holdfast.WebFront.Viewers;

/// <summary>
/// Wakes one loop, from any thread, as often as one likes: a set signal stays set until the loop looks. One waiter at a time. The loop goes on on
/// the thread that set the signal, which is what saves a thousand viewers a thousand hops.
/// </summary>
internal sealed class WakeSignal : IValueTaskSource
{
    private const int None = 0;
    private const int Set = 1;
    private const int Waiting = 2;

    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state;

    /// <summary>Wakes the loop, or lets its next wait return at once.</summary>
    public void Wake()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state == Set)
            {
                return;
            }

            if (state == None)
            {
                if (Interlocked.CompareExchange(ref _state, Set, None) == None)
                {
                    return;
                }
            }
            else if (Interlocked.CompareExchange(ref _state, None, Waiting) == Waiting)
            {
                _core.SetResult(true);
                return;
            }
        }
    }

    /// <summary>Complete when <see cref="Wake"/> has been called since the last wait.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, None, Set) == Set)
        {
            return ValueTask.CompletedTask;
        }

        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, None) != None)
        {
            Volatile.Write(ref _state, None);
            return ValueTask.CompletedTask;
        }

        return new ValueTask(this, _core.Version);
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
