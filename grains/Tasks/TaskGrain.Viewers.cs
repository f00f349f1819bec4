using Holdfast.Grains.Feeds;

namespace Holdfast.Grains.Tasks;

/// <summary>The fronts that watch, and their viewers. Nothing here waits, and nothing that a front does reaches the work.</summary>
internal sealed partial class TaskGrain
{
    /// <inheritdoc/>
    public async Task<WatchReply> WatchAsync(FrontWatch watch)
    {
        await ReadyAsync();
        var local = feeds.Find(watch.Front, _id);
        if (_delivery.Watch(local is null ? watch : watch with { Observer = local }, _time.Now) is not { } position)
        {
            return NotWatched();
        }

        ViewersChanged();
        return new WatchReply(null, position, true);
    }

    /// <inheritdoc/>
    public async Task<WatchReply> RenewAsync(FrontRenewal renewal)
    {
        await ReadyAsync();
        if (_delivery.Renew(renewal, _time.Now) is not { } renewed)
        {
            return NotWatched();
        }

        ViewersChanged();
        return new WatchReply(null, renewed.Position, renewed.Watching);
    }

    /// <inheritdoc/>
    public Task UnwatchAsync(string front)
    {
        _delivery.Remove(front, _time.Now);
        ViewersChanged();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task JoinAsync(string front, string session)
    {
        if (_writer is not null)
        {
            _delivery.Join(front, session, _time.Now);
            ViewersChanged();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task LeaveAsync(string front, string session)
    {
        _delivery.Leave(front, session, _time.Now);
        ViewersChanged();
        return Task.CompletedTask;
    }

    private static FeedPosition Position(TaskLog log, StoredState stored) => new(
        log.Epoch, log.Fence, stored.Seq, stored.Head.IsTerminal, stored.Head.CheckpointSeq, stored.Head.Cuts, stored.Head.CutsDroppedUpTo);

    private WatchReply NotWatched()
    {
        if (_read is null)
        {
            return new WatchReply(NotFound(_id), null, false);
        }

        if (!_read.Sealed)
        {
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
        if (_delivery.Viewers > 0 && head is { OnDisconnect: not null, Watched: false, IsTerminal: false })
        {
            // Durable, so that a restart still knows that there was somebody to lose.
            writer.Log.Make((current, step) => current.IsTerminal ? null : new Change(current with { Watched = true, UpdatedAt = step.Now }, []));
            writer.Kick();
        }

        SetDeadline(head);
    }

    /// <summary>A notice for lists and the monitor: at most once, and nothing depends on it.</summary>
    private void Tell(TaskHead head)
    {
        if (_pace.Next(head, _time.Now) is { } notice)
        {
            _ = TellAsync(notice);
        }
    }

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
