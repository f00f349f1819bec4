using Holdfast.Grains.Feeds;
using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;

namespace Holdfast.WebFront.Feeds;

/// <summary>
/// The shared log of one task on this front: one per watched task, however many viewers. It watches the task under a lease, hears its batches,
/// and gives every viewer the events after its own cursor.
/// </summary>
internal sealed partial class TaskFeed : IFeedObserver
{
    private readonly FeedContext _context;
    private readonly ITaskGrain _task;
    private readonly Lock _gate = new();
    private readonly HashSet<IFeedViewer> _viewers = [];
    private readonly Dictionary<string, int> _sessions = new(StringComparer.Ordinal);
    private readonly FeedLog _log;
    private IFeedObserver? _reference;
    private IFeedViewer[]? _snapshot;
    private FeedPosition? _renewed;
    private Task _renewing = Task.CompletedTask;
    private long _idleSince;
    private Failure? _failure;
    private volatile bool _gone;

    /// <summary>A feed of a log that was just read; nothing is asked of the task until <see cref="Tick"/>.</summary>
    public TaskFeed(string taskId, FeedPosition position, FeedContext context)
    {
        (TaskId, _context) = (taskId, context);
        _log = new FeedLog(position, context.Options.FeedWindowBytes);
        _task = context.Grains.GetGrain<ITaskGrain>(taskId);
        _idleSince = context.Clock.GetTimestamp();
    }

    /// <summary>The task.</summary>
    public string TaskId { get; }

    /// <summary>The furthest position known here.</summary>
    public FeedPosition Position => _log.Position;

    /// <summary>Nothing is heard here any more: the log is gone, another one has taken its place, or nobody was here for a while.</summary>
    public bool Gone => _gone;

    /// <summary>How many connections are here.</summary>
    public int ViewerCount
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>The last event that a viewer may get before <c>caught_up</c>, or while the task runs: the terminal one is sent by itself.</summary>
    public static long VisibleEnd(FeedPosition position) => position.Sealed ? position.LastSeq - 1 : position.LastSeq;

    /// <inheritdoc/>
    public ValueTask OnBatchAsync(FeedBatch batch)
    {
        Hear(batch);
        return ValueTask.CompletedTask;
    }

    /// <summary>A viewer is here, and is woken when there is news.</summary>
    public void Add(IFeedViewer viewer)
    {
        lock (_gate)
        {
            _viewers.Add(viewer);
            _snapshot = null;
            _sessions[viewer.SessionId] = _sessions.GetValueOrDefault(viewer.SessionId) + 1;
        }
    }

    /// <summary>A viewer has left.</summary>
    public void Remove(IFeedViewer viewer)
    {
        lock (_gate)
        {
            if (!_viewers.Remove(viewer))
            {
                return;
            }

            _snapshot = null;
            if (--_sessions[viewer.SessionId] == 0)
            {
                _sessions.Remove(viewer.SessionId);
            }

            if (_viewers.Count == 0)
            {
                _idleSince = _context.Clock.GetTimestamp();
            }
        }
    }

    /// <summary>Keeps the feed for somebody who is about to come. False when it is too late for that.</summary>
    public bool TryUse()
    {
        lock (_gate)
        {
            _idleSince = _context.Clock.GetTimestamp();
            return !_gone;
        }
    }

    /// <summary>Ends the feed if nobody has been here for a while. Whoever comes all the same finds it gone.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            return _gone |= _viewers.Count == 0 && _context.Clock.GetElapsedTime(_idleSince) >= _context.Options.FeedLinger;
        }
    }

    /// <summary>Hears where the log stands from somebody who has just read it.</summary>
    public void Learn(FeedPosition position) => Hear(new FeedBatch(position, RecordRun.Empty));

    /// <summary>Watches or renews, unless it is doing so already. Called every few seconds.</summary>
    /// <returns>True when it does now.</returns>
    public bool Tick()
    {
        lock (_gate)
        {
            var ticks = _renewing.IsCompleted && !Position.Sealed && !_gone;
            if (ticks)
            {
                _renewing = RenewAsync();
            }

            return ticks;
        }
    }

    /// <summary>Watches again if that has failed, and it is time to. Called more often than <see cref="Tick"/>.</summary>
    /// <returns>True when it is tried now.</returns>
    public bool Retry() => _failure is { } failure && _context.Clock.GetElapsedTime(failure.LastAt) >= failure.Wait(_context) && Tick();

    /// <summary>Tells the task of a viewer that has no session of its own.</summary>
    public Task JoinAsync(string session) => _task.JoinAsync(_context.FrontId, session);

    /// <summary>Tells the task that such a viewer has left.</summary>
    public async Task LeaveAsync(string session)
    {
        try
        {
            await _task.LeaveAsync(_context.FrontId, session);
        }
        catch (Exception e)
        {
            // The next renewal says who is here.
            UnwatchFailed(_context.Logger, TaskId, e);
        }
    }

    /// <summary>Watches no more.</summary>
    public async Task StopAsync()
    {
        Forget();
        try
        {
            if (!Position.Sealed)
            {
                await _task.UnwatchAsync(_context.FrontId);
            }
        }
        catch (Exception e)
        {
            // The lease sees to it.
            UnwatchFailed(_context.Logger, TaskId, e);
        }
    }

    /// <summary>
    /// Events after <paramref name="after"/>, at most about <paramref name="bytes"/> bytes of them, one at least; the terminal event is not among
    /// them. Null when the log is gone. There has to be one: <see cref="VisibleEnd"/> says.
    /// </summary>
    public async ValueTask<FeedSlice?> ReadAsync(long after, bool compact, int bytes)
    {
        var position = Position;
        var upTo = VisibleEnd(position);
        compact &= upTo - after > 1;
        var run = _log.Read(after, compact ? _context.Options.PageBytes : bytes).UpTo(upTo);
        if (!run.IsEmpty)
        {
            return compact ? Compaction.Merge(run, position, _context.Options.MergedBytes) : new FeedSlice(run.First, run.Last, run.Count, run.Bytes);
        }

        return await _context.Pages.ReadAsync(TaskId, position.Epoch, after) is { Run.IsEmpty: false } page ? page.Slice(after, upTo, compact, position) : null;
    }

    /// <summary>The terminal event of a finished task; null when the log is gone.</summary>
    public async ValueTask<FeedSlice?> ReadTerminalAsync()
    {
        var position = Position;
        var run = _log.Read(position.LastSeq - 1, 1);
        if (run.IsEmpty && await _context.Pages.ReadAsync(TaskId, position.Epoch, position.LastSeq - 1) is { } page)
        {
            run = page.Run.After(position.LastSeq - 1);
        }

        return run.IsEmpty ? null : new FeedSlice(run.First, position.LastSeq, 1, run.Bytes);
    }

    private async Task RenewAsync()
    {
        await Task.Yield();
        try
        {
            var (first, anew) = (_reference is null, false);
            if (first)
            {
                _reference = _context.Grains.CreateObjectReference<IFeedObserver>(this);
                _context.Local.Add(_context.FrontId, TaskId, this);
            }

            var reply = first ? null : await _task.RenewAsync(new FrontRenewal(_context.FrontId, Sessions()));
            if (reply is not { Watching: true } && reply is not { Position.Sealed: true })
            {
                reply = await _task.WatchAsync(new FrontWatch(_context.FrontId, _reference!, Sessions()));
                anew = true;
            }

            _failure = reply.Watching || reply.Position is { Sealed: true } ? null : Failed();
            if (reply.Refusal?.Code == RefusalCodes.TaskNotFound)
            {
                End();
            }
            else if (reply.Position is { } position)
            {
                HearRenewal(position, watching: reply.Watching && !anew);
            }
        }
        catch (Exception e)
        {
            // The silo may be dying, or the task moving.
            _failure = Failed();
            WatchFailed(_context.Logger, TaskId, e);
        }
    }

    /// <summary>
    /// Hears where the task stood when it was asked. While it sends us its batches, those up to there are most likely on their way: reading them
    /// from the log would be done twice, and at thousands of tasks there is always one. What has not come by the next renewal was lost.
    /// </summary>
    private void HearRenewal(FeedPosition position, bool watching)
    {
        var known = watching && !position.Sealed && position.Epoch == Position.Epoch ? _renewed : position;
        _renewed = position;
        if (known is not null)
        {
            Learn(known);
        }
    }

    private void Hear(FeedBatch news)
    {
        try
        {
            if (!_log.Accept(news))
            {
                return;
            }
        }
        catch (EpochChangedException)
        {
            End();
            return;
        }

        WakeAll();
        if (Position.Sealed)
        {
            // Wherever this was heard: a reference can't be deleted in a grain's turn.
            ThreadPool.UnsafeQueueUserWorkItem(static feed => feed.Forget(), this, preferLocal: false);
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _gone = true;
        }

        WakeAll();
    }

    private void Forget()
    {
        lock (_gate)
        {
            if (_reference is not null)
            {
                _context.Local.Remove(_context.FrontId, TaskId, this);
                _context.Grains.DeleteObjectReference<IFeedObserver>(_reference);
                _reference = null;
            }
        }
    }

    private string[] Sessions()
    {
        lock (_gate)
        {
            return [.. _sessions.Keys];
        }
    }

    /// <summary>Few are woken where we are; many in groups on all processors, so that the last of a thousand does not wait for the others' writes.</summary>
    public void WakeAll()
    {
        IFeedViewer[] viewers;
        lock (_gate)
        {
            viewers = _snapshot ??= [.. _viewers];
        }

        if (viewers.Length <= Inline)
        {
            Wake(viewers);
            return;
        }

        foreach (var group in viewers.Chunk(GroupSize))
        {
            ThreadPool.UnsafeQueueUserWorkItem(Wake, group, preferLocal: false);
        }
    }

    private static void Wake(IFeedViewer[] viewers)
    {
        foreach (var viewer in viewers)
        {
            viewer.Wake();
        }
    }

    private Failure Failed()
    {
        var now = _context.Clock.GetTimestamp();
        return new Failure(_failure?.FirstAt ?? now, now);
    }

    /// <summary>The task is not found, since when, and when it was looked for last.</summary>
    private sealed record Failure(long FirstAt, long LastAt)
    {
        /// <summary>A fourth of the time that it has taken already.</summary>
        public TimeSpan Wait(FeedContext context)
        {
            var (wait, options) = (context.Clock.GetElapsedTime(FirstAt, LastAt) / 4, context.Options);
            return wait > options.FeedRenewal ? options.FeedRenewal : wait < options.FeedRetry ? options.FeedRetry : wait;
        }
    }

    private const int Inline = 4;

    private const int GroupSize = 64;
}

/// <summary>What all feeds of a front share.</summary>
internal sealed record FeedContext(string FrontId, IGrainFactory Grains, LocalFeeds Local, PageCache Pages, FrontOptions Options, TimeProvider Clock, ILogger Logger);

/// <summary>A viewer as its feed knows it.</summary>
internal interface IFeedViewer
{
    /// <summary>The viewer's session.</summary>
    string SessionId { get; }

    /// <summary>There is news: any thread, any time, never waits.</summary>
    void Wake();
}
