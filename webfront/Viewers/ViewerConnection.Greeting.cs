using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Sessions;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Live;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Rest;

namespace Holdfast.WebFront.Viewers;

/// <summary>How a connection comes in, and how it goes: the task, its feed, the session.</summary>
internal abstract partial class ViewerConnection
{
    /// <summary>
    /// Finds the task, takes the session and tells the viewer where it is. For itself, so that the state that was read for it is not held for
    /// as long as the viewer stays. False: the connection is to end.
    /// </summary>
    private async Task<bool> GreetAsync(CancellationToken aborted)
    {
        if (await FindAsync(aborted).ConfigureAwait(false) is not { } found)
        {
            End(_end ?? ViewerEnd.Of(new Refusal(RefusalCodes.TaskNotFound, $"There is no task '{request.TaskId}'; check the id, or create it first.")));
            return false;
        }

        _feed = found.Feed;
        if (!await AttachAsync(_feed).ConfigureAwait(false))
        {
            return false;
        }

        front.Metrics.Opened(transport);
        var (state, viewers) = await ReadStatusAsync(found.State).ConfigureAwait(false);
        var head = TaskHead.Parse(state.Head.Span);
        _script = new ViewerScript(request.Start, _feed.Position, head.IsTerminal ? state.LastSeq - 1 : state.LastSeq);
        if (request.Start.After is not null)
        {
            front.Metrics.Returned(_script.ResetReason is null ? ReturnOutcome.Resumed : ReturnOutcome.Reset);
        }

        await SendControlAsync(ControlMessages.Connected(
            request.TaskId, SessionId, front.Clock.GetUtcNow(), front.Options.HeartbeatInterval, _feed.Position.Epoch, Attached.Resumed)).ConfigureAwait(false);
        await SendControlAsync(ControlMessages.CurrentStatus(writer => Snapshot.Write(writer, state, head, viewers))).ConfigureAwait(false);
        if (_script.ResetReason is { } reason)
        {
            await SendControlAsync(ControlMessages.HistoryReset(reason, _feed.Position.Epoch)).ConfigureAwait(false);
        }

        Begin();
        return true;
    }

    /// <summary>Finds the task, waiting for it where that was asked for.</summary>
    private async Task<(TaskFeed Feed, LogState State)?> FindAsync(CancellationToken aborted)
    {
        var begun = front.Clock.GetTimestamp();
        while (_end is null)
        {
            if (await front.Feeds.FindAsync(request.TaskId, aborted).ConfigureAwait(false) is { } found)
            {
                return found;
            }

            var left = TaskIds.IsValid(request.TaskId) ? request.Wait - front.Clock.GetElapsedTime(begun) : TimeSpan.Zero;
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            await SendGatheredAsync().ConfigureAwait(false);
            await FlushAsync().ConfigureAwait(false);
            await Task.Delay(left < LookAgain ? left : LookAgain, front.Clock, aborted).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Takes the session that was asked for, or a new one. After this REST can find it.</summary>
    private async Task<bool> AttachAsync(TaskFeed feed)
    {
        try
        {
            if (request.SessionId is not { } asked || !await TakeAsync(feed, asked, resume: true).ConfigureAwait(false))
            {
                await TakeAsync(feed, NewId.Session(), resume: false).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException and not IOException)
        {
            var level = front.Away(e);
            ViewerLog.AttachFailed(front.Logger, level, request.TaskId, SessionId, e);
            End(ViewerEnd.Of(new Refusal(FrontCodes.Unavailable, "The cluster did not answer in time; come back with your cursor.")));
            return false;
        }
    }

    private async Task<bool> TakeAsync(TaskFeed feed, string session, bool resume)
    {
        SessionId = session;
        front.Connections.Add(this);

        // Here before the task hears of it: a renewal must not deny it.
        feed.Add(this);
        Attached = await Session(session).AttachAsync(Attachment, resume).WaitAsync(front.Options.AttachTimeout, front.Clock).ConfigureAwait(false);
        TouchedAt = front.Clock.GetTimestamp();
        if (!Attached.Accepted)
        {
            feed.Remove(this);
        }

        return Attached.Accepted;
    }

    private async Task<(LogState State, int Viewers)> ReadStatusAsync(LogState? known)
    {
        if (known is { Sealed: true })
        {
            return (known, front.Feeds.Viewers(request.TaskId));
        }

        try
        {
            var reply = await front.Grains.GetGrain<ITaskGrain>(request.TaskId).GetAsync().WaitAsync(front.Options.AttachTimeout, front.Clock).ConfigureAwait(false);
            if (reply.State is { } state)
            {
                return (state, reply.Viewers);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            ViewerLog.StatusFromLog(front.Logger, request.TaskId, e);
        }

        var read = await front.Logs.ReadHeadAsync(request.TaskId).ConfigureAwait(false) ?? known ?? throw new IOException("The task was deleted.");
        return (read, front.Feeds.Viewers(request.TaskId));
    }

    private async Task LeaveAsync(ViewerEnd end)
    {
        front.Connections.Remove(this);
        _feed?.Remove(this);
        if (SessionId.Length == 0)
        {
            return;
        }

        try
        {
            await Session(SessionId).DetachAsync(Attachment.Connection, end.Code).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The session's grain finds out by the silence.
            ViewerLog.DetachFailed(front.Logger, SessionId, e);
        }
    }

    private ISessionGrain Session(string id) => front.Grains.GetGrain<ISessionGrain>(id);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);
}
