using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Holdfast.Engine;

/// <summary>
/// One grain in memory: its object, its scheduler, and the calls that wait for it.
/// Everything that the grain does runs in slices, one at a time, on the thread pool.
/// </summary>
internal sealed partial class Activation : TaskScheduler, IThreadPoolWorkItem, ITurnHost, ISwept, IStreamSink, IGrainContext
{
    private const int SliceLimit = 100;

    [ThreadStatic]
    private static Activation? t_running;

    private static readonly Action<object?> s_slice = static state => ((Activation)state!).RunSlice();

    // All fields below are guarded by it; what runs in a slice may read its own turn without.
    private readonly Queue<Task> _tasks = new();
    private Queue<ITurn>? _turns;
    private Queue<ITurn>? _interleaving;
    private ITurn? _current;
    private ITurn? _begin;
    private int _runningBeside;
    private Phase _phase;
    private bool _scheduled;
    private bool _watched;
    private bool _turnNext;
    private bool _ending;

    private enum Phase : byte
    {
        Starting,
        Running,
        Stopping,
        Gone,
    }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Takes a turn. False when this activation is gone: another one must be asked.</summary>
    public bool Enqueue(ITurn turn)
    {
        bool wake;
        lock (_tasks)
        {
            if (_phase == Phase.Gone)
            {
                return false;
            }

            var queue = turn.Interleaves ? _interleaving ??= new() : _turns ??= new();
            if (queue.Count >= Silo.MaxQueue && turn is ICall)
            {
                throw new LimitExceededException($"{queue.Count} calls wait for {_id} already: see SiloMessagingOptions.MaxEnqueuedRequestsHardLimit.");
            }

            queue.Enqueue(turn);
            Touch(turn);
            if (!_watched)
            {
                _watched = true;
                Silo.Clock.Watch(this);
            }

            wake = !_scheduled && CanRun();
            _scheduled |= wake;
        }

        if (wake)
        {
            Schedule();
        }

        return true;
    }

    public object TargetOf(Method method) => method.Table.Interface == typeof(IStreamSink) ? this : GrainInstance!;

    public void Failed(Exception exception)
    {
        // The state in memory is not the one in the store: the next call must see a new activation.
        if (exception is InconsistentStateException)
        {
            Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, exception, "A call ended with an InconsistentStateException."));
        }
    }

    public void Ended(ITurn turn)
    {
        lock (_tasks)
        {
            if (ReferenceEquals(_current, turn))
            {
                _current = null;
            }
            else
            {
                _runningBeside--;
            }

            Touch(turn);
        }

        WakeUp();
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (Silo.IsKilled)
        {
            return;
        }

        // A task, because nothing else makes this the current scheduler.
        var slice = new Task(s_slice, this);
        slice.RunSynchronously(this);
        if (slice.Exception is { } exception)
        {
            LogSliceFailed(Silo.Logger, _id, exception);
            Schedule();
        }
    }

    /// <summary>Ends calls whose time is up; their turns run on.</summary>
    bool ISwept.Sweep(int now)
    {
        List<ICall>? due = null;
        bool keep;
        lock (_tasks)
        {
            Collect(_current);
            CollectAll(_turns);
            CollectAll(_interleaving);
            keep = _phase != Phase.Gone && (_scheduled || _current is not null || _runningBeside > 0 || HasTurns);
            _watched = keep;
        }

        foreach (var call in due ?? [])
        {
            call.TimeOut();
        }

        return keep;

        void CollectAll(Queue<ITurn>? queue)
        {
            if (queue is { Count: > 0 })
            {
                foreach (var turn in queue)
                {
                    Collect(turn);
                }
            }
        }

        void Collect(ITurn? turn)
        {
            if (turn is ICall { IsOver: false } call && call.Deadline <= now)
            {
                (due ??= []).Add(call);
            }
        }
    }

    protected override void QueueTask(Task task)
    {
        bool wake;
        lock (_tasks)
        {
            _tasks.Enqueue(task);
            wake = !_scheduled;
            _scheduled = true;
        }

        if (wake)
        {
            Schedule();
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        (t_running == this || ReferenceEquals(task.AsyncState, this)) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_tasks)
        {
            return [.. _tasks];
        }
    }

    private void Schedule() => ThreadPool.UnsafeQueueUserWorkItem(this, Fairness.PreferLocal());

    private void WakeUp()
    {
        bool wake;
        lock (_tasks)
        {
            wake = !_scheduled && CanRun();
            _scheduled |= wake;
        }

        if (wake)
        {
            Schedule();
        }
    }

    private void RunSlice()
    {
        var outer = t_running;
        t_running = this;
        var flow = ExecutionContext.Capture();
        try
        {
            for (var left = SliceLimit; left > 0; left--)
            {
                object? next;
                lock (_tasks)
                {
                    next = TakeNext();
                    if (next is null)
                    {
                        _scheduled = false;
                        return;
                    }
                }

                if (next is Task task)
                {
                    TryExecuteTask(task);
                }
                else
                {
                    ((ITurn)next).Run(this);
                }

                // What one turn leaves in async locals is not for the next one.
                if (flow is not null && ExecutionContext.Capture() != flow)
                {
                    ExecutionContext.Restore(flow);
                }
            }
        }
        finally
        {
            t_running = outer;
        }

        // Others first.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private bool HasTurns => _turns is { Count: > 0 } || _interleaving is { Count: > 0 };

    private bool CanRun() => _tasks.Count > 0 || _begin is not null
        || (_phase == Phase.Running && (_ending ? IsFree : _interleaving is { Count: > 0 } || (_current is null && _turns is { Count: > 0 })));

    private bool IsFree => _current is null && _runningBeside == 0;

    /// <summary>The next thing to do: turns and continuations by turns, so that neither starves the other.</summary>
    private object? TakeNext()
    {
        if (_begin is { } begin)
        {
            _begin = null;
            return _current = begin;
        }

        if (_tasks.Count > 0 && !_turnNext)
        {
            _turnNext = true;
            return _tasks.Dequeue();
        }

        _turnNext = false;
        if (_phase == Phase.Running)
        {
            if (_ending)
            {
                if (IsFree)
                {
                    _phase = Phase.Stopping;
                    return _current = new LifeTurn(static activation => activation.StopAsync());
                }
            }
            else if (Next(_interleaving) is { } beside)
            {
                _runningBeside++;
                return beside;
            }
            else if (_current is null && Next(_turns) is { } turn)
            {
                return _current = turn;
            }
        }

        return _tasks.Count > 0 ? _tasks.Dequeue() : null;

        static ITurn? Next(Queue<ITurn>? queue)
        {
            while (queue is not null && queue.TryDequeue(out var turn))
            {
                if (!turn.IsOver)
                {
                    return turn;
                }
            }

            return null;
        }
    }
}
