using Holdfast.Grains.Fronts;

namespace Holdfast.Grains.Tasks;

/// <summary>The fronts that watch, and their viewers. Nothing here waits, and nothing that a front does reaches the work.</summary>
internal sealed partial class TaskGrain
{
    /// <inheritdoc/>
    public Task<WatchReply> WatchAsync(FrontWatch watch)
    {
        if (_writer is null)
        {
            return Task.FromResult(NotWatched());
        }

        _watchers.Watch(watch, Position(), _time.Now);
        ViewersChanged();
        return Task.FromResult(new WatchReply(null, Position(), true));
    }

    /// <inheritdoc/>
    public Task<WatchReply> RenewAsync(FrontRenewal renewal)
    {
        if (_writer is null)
        {
            return Task.FromResult(NotWatched());
        }

        var watching = _watchers.Renew(renewal, _time.Now);
        ViewersChanged();
        return Task.FromResult(new WatchReply(null, Position(), watching));
    }

    /// <inheritdoc/>
    public Task UnwatchAsync(string front)
    {
        _watchers.Remove(front, _time.Now);
        ViewersChanged();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task JoinAsync(string front, string session)
    {
        if (_writer is not null)
        {
            _watchers.Join(front, session, _time.Now);
            ViewersChanged();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task LeaveAsync(string front, string session)
    {
        _watchers.Leave(front, session, _time.Now);
        ViewersChanged();
        return Task.CompletedTask;
    }

    /// <summary>Where the visible log stands.</summary>
    private FeedPosition Position()
    {
        var log = _writer!.Log;
        var head = log.StoredHead;
        return new FeedPosition(
            log.Epoch, log.Fence, log.StoredSeq, head.IsTerminal, head.CheckpointSeq, head.Cuts, head.CutsDroppedUpTo);
    }

    private WatchReply NotWatched()
    {
        if (_read is null)
        {
            DeactivateOnIdle();
            return new WatchReply(NotFound(_id), null, false);
        }

        if (!_read.Sealed)
        {
            DeactivateOnIdle();
            return new WatchReply(Moving(), null, false);
        }

        var head = TaskHead.Parse(_read.Head.Span);
        return new WatchReply(null, new FeedPosition(_read.Epoch, 0, _read.LastSeq, true, head.CheckpointSeq, head.Cuts, head.CutsDroppedUpTo), false);
    }

    private void ViewersChanged()
    {
        if (_writer is not { } writer)
        {
            return;
        }

        var head = writer.Log.Head;
        if (_watchers.Viewers > 0 && head is { OnDisconnect: not null, Watched: false, IsTerminal: false })
        {
            // Durable, so that a restart still knows that there was somebody to lose.
            writer.Log.Make((current, step) => current.IsTerminal ? null : new Change(current with { Watched = true, UpdatedAt = step.Now }, []));
            writer.Kick();
        }

        SetDeadline(head);
    }

    /// <summary>Sends what is new to every front that has nothing in flight.</summary>
    private void Send()
    {
        while (_watchers.TryTakeSending(out var sending))
        {
            _watchers.Sent(sending, sending.Observer.OnBatchAsync(sending.Batch).AsTask());
        }

        while (_watchers.TryTakeAwaited(out var call))
        {
            _ = SendAfterAsync(call);
        }
    }

    /// <summary>What came while a batch was in flight goes out after it. No turn waits for it.</summary>
    private async Task SendAfterAsync(Task call)
    {
        await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Send();
    }

    /// <summary>A notice for lists and the monitor: at most once, and nothing depends on it.</summary>
    private void Tell(TaskHead head) => _ = TellAsync(new TaskNotice(_id, head.Kind, head.Owner, head.Status.Wire()));

    private async Task TellAsync(TaskNotice notice)
    {
        try
        {
            await this.GetStreamProvider(TaskNotice.Provider).GetStream<TaskNotice>(TaskNotice.Stream).OnNextAsync(notice);
        }
        catch (Exception e)
        {
            NoticeFailed(logger, _id, e);
        }
    }
}
