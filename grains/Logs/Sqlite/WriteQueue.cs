using System.Diagnostics;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// What waits for the writer. It holds so many bytes; who comes when it is full waits outside, in order, until there is room.
/// </summary>
/// <param name="maxBytes">How many bytes it holds; a larger change is let in when nothing else is there.</param>
/// <param name="commitDelay">See <see cref="SqliteLogOptions.CommitDelay"/>.</param>
/// <param name="commitSiblings">See <see cref="SqliteLogOptions.CommitSiblings"/>.</param>
internal sealed class WriteQueue(long maxBytes, TimeSpan commitDelay = default, int commitSiblings = 1)
{
    private readonly object _gate = new();
    private readonly Queue<WriteOperation> _inside = new();
    private readonly Queue<Waiting> _outside = new();
    private long _bytes;
    private long _takenAt;
    private bool _gathering;
    private bool _woken;
    private bool _closed;

    /// <summary>Lets a change in. False when the queue is closed.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up while it was waiting outside: the change was not made and never will be.</exception>
    public ValueTask<bool> EnterAsync(WriteOperation operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiting waiting;
        lock (_gate)
        {
            if (_closed)
            {
                return new(false);
            }

            if (_outside.Count == 0 && HasRoomFor(operation))
            {
                LetIn(operation);
                if (!_gathering)
                {
                    Monitor.Pulse(_gate);
                }

                return new(true);
            }

            waiting = new Waiting(operation);
            _outside.Enqueue(waiting);
        }

        return WaitOutsideAsync(waiting, cancellationToken);
    }

    /// <summary>
    /// The writer: takes what waits, up to so many bytes and at least one change. Comes back with nothing when <see cref="Wake"/> was called,
    /// or when it may not block.
    /// </summary>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Take(List<WriteOperation> taken, long bytes, bool block)
    {
        lock (_gate)
        {
            while (block && _inside.Count == 0 && !_woken && !_closed)
            {
                Monitor.Wait(_gate);
            }

            Gather();
            _woken = false;
            _takenAt = Stopwatch.GetTimestamp();
            while (_inside.TryPeek(out var next) && (taken.Count == 0 || bytes >= next.Size))
            {
                taken.Add(_inside.Dequeue());
                bytes -= next.Size;
                _bytes -= next.Size;
            }

            while (_outside.TryPeek(out var waiting) && HasRoomFor(waiting.Operation))
            {
                _outside.Dequeue();
                if (waiting.TryLetIn())
                {
                    LetIn(waiting.Operation);
                }
            }

            return !(_closed && _inside.Count == 0 && taken.Count == 0);
        }
    }

    /// <summary>Makes the writer look up from waiting.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Lets nobody in any more. What is inside is still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_outside.TryDequeue(out var waiting))
            {
                waiting.TurnAway();
            }

            Monitor.Pulse(_gate);
        }
    }

    /// <summary>
    /// Where many wait, a little time passes between two commits, so that each has more in it: a commit costs a flush of the disk, whatever it holds.
    /// Few are never held up.
    /// </summary>
    private void Gather()
    {
        while (_inside.Count >= commitSiblings && _outside.Count == 0 && !_closed && commitDelay - Stopwatch.GetElapsedTime(_takenAt) is var left && left > TimeSpan.Zero)
        {
            _gathering = true;
            Monitor.Wait(_gate, Math.Max(1, (int)left.TotalMilliseconds));
            _gathering = false;
        }
    }

    private static async ValueTask<bool> WaitOutsideAsync(Waiting waiting, CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(static (state, token) => ((Waiting)state!).GiveUp(token), waiting))
        {
            return await waiting.LetIn;
        }
    }

    private bool HasRoomFor(WriteOperation operation) => _inside.Count == 0 || _bytes + operation.Size <= maxBytes;

    private void LetIn(WriteOperation operation)
    {
        _inside.Enqueue(operation);
        _bytes += operation.Size;
    }

    private sealed class Waiting(WriteOperation operation)
    {
        private readonly TaskCompletionSource<bool> _letIn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public WriteOperation Operation => operation;

        public Task<bool> LetIn => _letIn.Task;

        public bool TryLetIn() => _letIn.TrySetResult(true);

        public void TurnAway() => _letIn.TrySetResult(false);

        public void GiveUp(CancellationToken cancellationToken) => _letIn.TrySetCanceled(cancellationToken);
    }
}
