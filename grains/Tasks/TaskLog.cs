using Holdfast.Grains.Events;
using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// The tail of a task's log as its one writer sees it: numbers events, encodes them, keeps what waits for the store, and knows two states,
/// the one that is accepted and the one that is stored. What was accepted after a loss is dropped; nobody has seen it.
/// </summary>
/// <remarks>
/// Thread-safe: a generator appends from the thread pool while its grain decides between turns. A rule runs inside the lock, so it sees
/// everything accepted before it and nothing comes between its look and its change.
/// </remarks>
internal sealed class TaskLog
{
    private readonly Lock _gate = new();
    private readonly string _taskId;
    private readonly TaskOptions _options;
    private readonly TimeProvider _clock;
    private readonly SteadyTime _time;
    private readonly EventEnvelope _envelope;

    private byte[] _pending = [];
    private int _used;
    private int _count;
    private List<RecordKey>? _keys;
    private LogBlob? _blob;
    private TaskHead _accepted;
    private TaskHead _flushed;
    private StoredState _visible;
    private long _acceptedSeq;
    private long _historyBytes;
    private DateTimeOffset _lastTime;
    private DateTimeOffset _lastProgress;
    private TaskCompletionSource? _stored;
    private TaskCompletionSource? _room;
    private LogFlush? _inFlight;
    private Exception? _closed;

    /// <summary>A log that was just taken over.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="opened">What the store gave.</param>
    /// <param name="head">The task's state in it.</param>
    /// <param name="lastEvent">Time of the last event: no later one may be before it.</param>
    /// <param name="options">Limits.</param>
    /// <param name="clock">The product's clock.</param>
    /// <param name="time">The time by which the task's waits are measured; null: its own.</param>
    public TaskLog(
        string taskId, OpenedLog opened, TaskHead head, DateTimeOffset lastEvent, TaskOptions options, TimeProvider clock, SteadyTime? time = null)
    {
        (_taskId, _options, _clock, _envelope, _time) = (taskId, options, clock, new EventEnvelope(taskId), time ?? new SteadyTime(clock));
        (_accepted, _flushed, _visible) = (head, head, new StoredState(head, opened.LastSeq));
        (Epoch, Fence, _acceptedSeq) = (opened.Epoch, opened.Fence, opened.LastSeq);
        _historyBytes = head.HistoryBytes;
        _lastTime = lastEvent > head.UpdatedAt ? lastEvent : head.UpdatedAt;
        _lastProgress = _time.Now;
        Keys = new KnownKeys(options.KnownKeys);
    }

    /// <summary>The keys of everything accepted so far. Only a rule may look: it runs inside the lock.</summary>
    public KnownKeys Keys { get; init; }

    /// <summary>The log's epoch.</summary>
    public string Epoch { get; }

    /// <summary>The fencing token under which this writer appends.</summary>
    public long Fence { get; }

    /// <summary>What is stored, and so may be seen: the state, and the number of the last event.</summary>
    public StoredState StoredState
    {
        get
        {
            lock (_gate)
            {
                return _visible;
            }
        }
    }

    /// <summary>The state that is stored: what the outside may see.</summary>
    public TaskHead StoredHead => StoredState.Head;

    /// <summary>Number of the last stored event.</summary>
    public long StoredSeq => StoredState.Seq;

    /// <summary>The state with everything accepted so far.</summary>
    public TaskHead Head
    {
        get
        {
            lock (_gate)
            {
                return _accepted;
            }
        }
    }

    /// <summary>When an event or a checkpoint was last accepted, by the time that waits are measured by.</summary>
    public DateTimeOffset LastProgress
    {
        get
        {
            lock (_gate)
            {
                return _lastProgress;
            }
        }
    }

    /// <summary>Makes one step, if the rule wants one.</summary>
    /// <param name="rule">Looks at the accepted state and says what follows, or null.</param>
    /// <returns>The number of the step's last event; null when the rule wanted nothing.</returns>
    /// <exception cref="RefusedException">The rule refuses, or an event or the history is too large; nothing was changed.</exception>
    /// <exception cref="TaskLogLostException">The log is no longer this writer's.</exception>
    public long? Make(Func<TaskHead, Step, Change?> rule) => Make(rule, null);

    /// <summary>As <see cref="Make(Func{TaskHead, Step, Change})"/>, for a rule that is made often: what it needs comes as an argument.</summary>
    public long? Make<T>(Func<TaskHead, Step, T, Change?> rule, in T argument) => Make(rule, argument, null);

    /// <summary>As <see cref="Make(Func{TaskHead, Step, Change})"/>, with keys for some of the events (null for those without).</summary>
    public long? Make(Func<TaskHead, Step, Change?> rule, IReadOnlyList<string?>? keys) =>
        Make(static (head, step, rule) => rule(head, step), rule, keys);

    private long? Make<T>(Func<TaskHead, Step, T, Change?> rule, in T argument, IReadOnlyList<string?>? keys)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            var now = Now();
            var change = rule(_accepted, new Step(_acceptedSeq + 1, now) { Steady = _time.Now }, argument);
            if (change is null)
            {
                return null;
            }

            Accept(change, now, keys);
            return _acceptedSeq;
        }
    }

    /// <summary>True when another append is welcome: less than the bounded list's size waits.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _used < _options.PendingBytes;
            }
        }
    }

    /// <summary>Complete when <see cref="HasRoom"/>.</summary>
    public Task WhenRoomAsync()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            return _used < _options.PendingBytes ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Complete when everything accepted so far is stored.</summary>
    public Task WhenStoredAsync()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            if (_count == 0 && ReferenceEquals(_accepted, _flushed))
            {
                return _inFlight is null ? Task.CompletedTask : (_inFlight.Stored ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            return (_stored ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Takes everything that waits, as the one append in flight; null when there is nothing, or one is in flight already.</summary>
    public LogFlush? TryTake()
    {
        lock (_gate)
        {
            if (_closed is not null || _inFlight is not null || (_count == 0 && ReferenceEquals(_accepted, _flushed)))
            {
                return null;
            }

            var headChanged = !ReferenceEquals(_accepted, _flushed);
            if (headChanged)
            {
                _accepted = _accepted with { HistoryBytes = _historyBytes };
            }

            var expected = _acceptedSeq - _count;
            _inFlight = new LogFlush(
                new LogAppend
                {
                    Id = _taskId,
                    Fence = Fence,
                    ExpectedLastSeq = expected,
                    Records = _count == 0 ? new RecordRun(expected + 1, 0, default) : new RecordRun(expected + 1, _count, _pending.AsSpan(0, _used).ToArray()),
                    Keys = (IReadOnlyList<RecordKey>?)_keys ?? [],
                    Head = headChanged ? (ReadOnlyMemory<byte>?)_accepted.ToBytes() : null,
                    Tags = headChanged && (_accepted.Status != _flushed.Status || _accepted.Silo != _flushed.Silo || _visible.Seq == 0) ? TaskTags.Of(_accepted) : null,
                    Blob = _blob,
                    Seal = _accepted.IsTerminal,
                },
                _accepted,
                _clock.GetTimestamp())
            {
                Stored = _stored,
            };
            _flushed = _accepted;
            (_stored, _keys, _blob, _used, _count) = (null, null, null, 0, 0);
            if (_pending.Length > KeepBuffer)
            {
                _pending = [];
            }

            _room?.SetResult();
            _room = null;
            return _inFlight;
        }
    }

    /// <summary>The append in flight is stored: its state becomes the visible one. The next one waits for <see cref="Finish"/>.</summary>
    public void Stored(LogFlush flush)
    {
        lock (_gate)
        {
            _visible = new StoredState(flush.Head, flush.Append.ExpectedLastSeq + flush.Append.Records.Count);
        }
    }

    /// <summary>All that had to follow the stored append has happened: whoever waited for it learns so, and the next one may be taken.</summary>
    public void Finish(LogFlush flush)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            (_inFlight, waiting) = (null, flush.Stored);
        }

        // Not there when the log was closed meanwhile: whoever waited has heard of that.
        waiting?.TrySetResult();
    }

    /// <summary>The log is lost to this writer, or it steps down: whoever waits learns it, and nothing is accepted any more.</summary>
    public void Close(Exception reason)
    {
        List<TaskCompletionSource?> waiting;
        lock (_gate)
        {
            if (_closed is not null)
            {
                return;
            }

            _closed = reason;
            waiting = [_stored, _room, _inFlight?.Stored];
            (_stored, _room, _inFlight, _used, _count, _pending) = (null, null, null, 0, 0, []);
        }

        foreach (var waiter in waiting)
        {
            if (waiter is not null && waiter.TrySetException(new TaskLogLostException(reason)))
            {
                // Nobody may be waiting: an unobserved failure here is none.
                _ = waiter.Task.Exception;
            }
        }
    }

    /// <summary>Above this an emptied buffer is given back.</summary>
    private const int KeepBuffer = 16 << 10;

    /// <summary>Events that are kept free, so that what only the platform writes still fits when a generator has used up its history.</summary>
    private const int Reserved = 64;

    private void ThrowIfClosed()
    {
        if (_closed is not null)
        {
            throw new TaskLogLostException(_closed);
        }
    }

    private DateTimeOffset Now()
    {
        var now = _clock.GetUtcNow();
        return now > _lastTime ? now : _lastTime;
    }

    private void Accept(Change change, DateTimeOffset now, IReadOnlyList<string?>? keys)
    {
        var events = change.Events;
        var size = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var one = _envelope.SizeOf(events[i].Type, events[i].Data.Length, _acceptedSeq + 1 + i);
            if (one > _options.MaxEventBytes && !EventTypes.IsTerminal(events[i].Type))
            {
                throw new RefusedException(new Refusal(RefusalCodes.TooLarge, $"An event is at most {_options.MaxEventBytes} bytes; this one has {one}.", $"events[{i}]"));
            }

            size += RecordFrame.HeaderSize(one) + one;
        }

        if (!change.Seal && events.Count > 0 && !EventTypes.IsPlatform(events[0].Type) && (_acceptedSeq + events.Count > _options.MaxEvents - Reserved || _historyBytes + size > _options.MaxHistoryBytes))
        {
            throw new RefusedException(new Refusal(
                RefusalCodes.HistoryLimit, $"A task's history is at most {_options.MaxEvents} events and {_options.MaxHistoryBytes} bytes.", null));
        }

        if (change.SupersedesAfter is { } supersedesAfter)
        {
            Keys.ForgetAfter(supersedesAfter);
        }

        if (keys?.Any(key => key is not null) is true)
        {
            Keys.MakeRoom();
        }

        EnsureBuffer(size);
        for (var i = 0; i < events.Count; i++)
        {
            _used += _envelope.Write(_pending.AsSpan(_used), events[i].Type, events[i].Data.Span, _acceptedSeq + 1, now);
            _acceptedSeq++;
            _count++;
            if (keys?[i] is { } key)
            {
                (_keys ??= []).Add(new RecordKey(_acceptedSeq, key));
                Keys.Add(key, _acceptedSeq);
            }
        }

        if (events.Count > 0 || change.Head.CheckpointSeq != _accepted.CheckpointSeq || change.Blob is not null)
        {
            _lastProgress = _time.Now;
        }

        _historyBytes += size;
        _accepted = change.Head;
        _blob = change.Blob ?? _blob;
        _lastTime = now;
    }

    private void EnsureBuffer(int more)
    {
        if (_pending.Length - _used < more)
        {
            Array.Resize(ref _pending, Math.Max(_used + more, Math.Max(512, _pending.Length * 2)));
        }
    }
}

/// <summary>What of a task is stored.</summary>
/// <param name="Head">The state.</param>
/// <param name="Seq">Number of the last event.</param>
internal readonly record struct StoredState(TaskHead Head, long Seq);

/// <summary>One append on its way to the store.</summary>
/// <param name="Append">What is appended.</param>
/// <param name="Head">The state that is visible once it is stored.</param>
/// <param name="TakenAt">When it was taken, as the clock's timestamp.</param>
internal sealed record LogFlush(LogAppend Append, TaskHead Head, long TakenAt)
{
    /// <summary>Complete when it is stored; null while nobody waits for that.</summary>
    public TaskCompletionSource? Stored { get; set; }
}

/// <summary>The log has another writer, or this one has stepped down: what was accepted and not stored is gone.</summary>
internal sealed class TaskLogLostException(Exception inner) : Exception("The task's log is no longer this writer's.", inner);
