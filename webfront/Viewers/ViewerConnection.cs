using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Sessions;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Live;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Rest;

namespace Holdfast.WebFront.Viewers;

/// <summary>
/// One viewer's connection, whatever the transport: a session, a cursor into a feed, and one loop that sends everything. Whoever has something for
/// the viewer leaves it here and wakes the loop; nobody else ever sends.
/// </summary>
internal abstract partial class ViewerConnection(FrontContext front, ViewerRequest request, string transport) : IFeedViewer
{
    private static readonly TaskCompletionSource Begun = NewBegun();

    private readonly WakeSignal _signal = new();
    private TaskFeed? _feed;
    private ViewerScript? _script;
    private long _endedAt;
    private bool _over;
    private volatile ViewerEnd? _end;
    private TaskCompletionSource? _beginning;

    /// <summary>The connection as its session's grain knows it.</summary>
    public SessionAttachment Attachment { get; } =
        new(NewId.Connection(), request.TaskId, request.Principal, transport, front.Id, front.Clock.GetUtcNow());

    /// <inheritdoc/>
    public string SessionId { get; private set; } = "";

    /// <summary>Round trip of the last ping in milliseconds.</summary>
    public double? RttMs { get; protected set; }

    /// <summary>What the session's grain said when this connection took the session.</summary>
    public SessionAttached Attached { get; private set; } = new(false, false, 0, null);

    /// <summary>When the session's grain was last told of this connection.</summary>
    public long TouchedAt { get; set; }

    /// <summary>How the connection is to end; null while it is not.</summary>
    public ViewerEnd? Ending => _end;

    /// <summary>What the viewer has been sent.</summary>
    public SessionQuality Quality => new(_script is null || _feed is null ? null : CursorText, Lag, RttMs);

    /// <summary>How many events the viewer is behind.</summary>
    public long Lag => _script is { } script && _feed is { } feed ? Math.Max(0, feed.Position.LastSeq - script.Position) : 0;

    /// <summary>The front.</summary>
    protected FrontContext Front => front;

    /// <summary>What was asked for.</summary>
    protected ViewerRequest Request => request;

    /// <summary>The cursor of the last event sent.</summary>
    protected string CursorText => new Cursor(_feed?.Position.Epoch ?? "-", _script?.Position ?? 0).ToString();

    /// <summary>The log's last event as far as this front knows.</summary>
    protected long HeadSeq => _feed?.Position.LastSeq ?? 0;

    /// <inheritdoc/>
    public void Wake() => _signal.Wake();

    /// <summary>Ends the connection: said to the peer, then closed. The first reason counts. Any thread.</summary>
    public void End(ViewerEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is null)
        {
            _endedAt = front.Clock.GetTimestamp();
            Begin();
            Wake();
        }
    }

    /// <summary>Called about once a second: heartbeats, silence, comments. A peer that does not take its close is cut.</summary>
    public virtual void Tick()
    {
        if (_end is null || front.Clock.GetElapsedTime(_endedAt) <= Patience(_end) + front.Options.CloseWait)
        {
            return;
        }

        lock (_signal)
        {
            // Once it is over its request is somebody else's.
            if (!_over)
            {
                Cut();
            }
        }
    }

    /// <summary>The whole life of the connection, from the task to the close.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        try
        {
            if (await GreetAsync(aborted).ConfigureAwait(false))
            {
                await LoopAsync(_feed!, _script!).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (aborted.IsCancellationRequested || e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The peer is gone; that is its right.
            End(Gone);
        }
        catch (LogStoreUnavailableException e)
        {
            var level = front.Away(e);
            ViewerLog.StoreAway(front.Logger, level, request.TaskId, SessionId, e);
            End(ViewerEnd.Of(new Refusal(RefusalCodes.StoreUnavailable, "The task's log can't be read at the moment; come back with your cursor.")));
        }
        catch (Exception e)
        {
            ViewerLog.Faulted(front.Logger, request.TaskId, SessionId, e);
            End(ViewerEnd.Of(new Refusal(FrontCodes.Internal, "Something went wrong here; come back with your cursor.")));
        }

        var end = _end ?? Gone;
        try
        {
            await FinishAsync(end).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Gone while we said goodbye.
        }
        catch (Exception e)
        {
            ViewerLog.Faulted(front.Logger, request.TaskId, SessionId, e);
        }

        lock (_signal)
        {
            _over = true;
        }

        front.Metrics.Closed(transport, end.Code, end.Stop);
        if (_script is null && request.Start.After is not null && end.Stop)
        {
            front.Metrics.Returned(ReturnOutcome.Refused);
        }

        await LeaveAsync(end).ConfigureAwait(false);
    }

    /// <summary>The end of a connection whose peer has gone.</summary>
    protected static ViewerEnd Gone { get; } = new(CloseCodes.Abnormal, "gone", false) { Silent = true };

    /// <summary>How long the peer has to take the goodbye, and to say its own.</summary>
    protected TimeSpan Patience(ViewerEnd end) => end.Patient ? front.Options.HeartbeatInterval * 2 : front.Options.CloseWait;

    /// <summary>Complete once the viewer was told where it is, or never will be: no answer may come before that.</summary>
    protected Task WhenBegunAsync()
    {
        if (Volatile.Read(ref _beginning) is { } known)
        {
            return known.Task;
        }

        var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _beginning, fresh, null) ?? fresh).Task;
    }

    /// <summary>Sends a message that is no event.</summary>
    protected abstract ValueTask SendControlAsync(ControlMessage message);

    /// <summary>Sends events.</summary>
    protected abstract ValueTask SendEventsAsync(FeedSlice slice, string epoch);

    /// <summary>Sends what has gathered besides events: answers, pings, comments.</summary>
    protected abstract ValueTask SendGatheredAsync();

    /// <summary>Whatever was sent so far leaves now: nothing else follows for a while.</summary>
    protected abstract ValueTask FlushAsync();

    /// <summary>Says why, closes, and waits for the peer a little.</summary>
    protected abstract ValueTask FinishAsync(ViewerEnd end);

    /// <summary>Cuts the connection without a word.</summary>
    protected abstract void Cut();

    /// <summary>The committed state of the task as its grain tells it, or as the log does when the grain can't be reached.</summary>
    protected async Task<ControlMessage> StatusAsync(CommandId id)
    {
        var (state, viewers) = await ReadStatusAsync(null).ConfigureAwait(false);
        return ControlMessages.CurrentStatus(writer => Snapshot.Write(writer, state, TaskHead.Parse(state.Head.Span), viewers), id);
    }

    private async Task LoopAsync(TaskFeed feed, ViewerScript script)
    {
        while (_end is null)
        {
            await SendGatheredAsync().ConfigureAwait(false);
            if (feed.Gone)
            {
                await EndGoneAsync(feed).ConfigureAwait(false);
                return;
            }

            switch (script.Next(feed.Position))
            {
                case ViewerStep.Events:
                    var behind = script.Replaying || HeadSeq - script.Position > front.Options.CompactLag;
                    await SendSliceAsync(await feed.ReadAsync(script.Position, request.Compact && behind, front.Options.WriteBytes).ConfigureAwait(false)).ConfigureAwait(false);
                    break;
                case ViewerStep.CaughtUp:
                    await SendControlAsync(ControlMessages.CaughtUp(CursorText)).ConfigureAwait(false);
                    script.SentCaughtUp();
                    break;
                case ViewerStep.Terminal:
                    await SendSliceAsync(await feed.ReadTerminalAsync().ConfigureAwait(false)).ConfigureAwait(false);
                    break;
                case ViewerStep.Finished:
                    End(new ViewerEnd(CloseCodes.Normal, "task_finished", true) { Patient = true });
                    break;
                default:
                    await FlushAsync().ConfigureAwait(false);
                    await _signal.WaitAsync().ConfigureAwait(false);
                    break;
            }
        }

        async ValueTask SendSliceAsync(FeedSlice? slice)
        {
            if (slice is not { } events)
            {
                await EndGoneAsync(feed).ConfigureAwait(false);
                return;
            }

            if (events.First != script.Position + 1)
            {
                front.Metrics.Gap();
                throw new InvalidOperationException($"A viewer at event {script.Position} was about to be sent {events.First}.");
            }

            await SendEventsAsync(events, feed.Position.Epoch).ConfigureAwait(false);
            script.Sent(events.Last);
            front.Metrics.Delivered(events.Messages);
        }
    }

    /// <summary>The feed is gone: its log was deleted, or is another one now, or nobody was there for a while. Coming back shows it.</summary>
    private async ValueTask EndGoneAsync(TaskFeed feed)
    {
        var state = await front.Logs.ReadHeadAsync(feed.TaskId).ConfigureAwait(false);
        End(state is null ? new ViewerEnd(CloseCodes.Deleted, "task_deleted", true)
            : state.Epoch != feed.Position.Epoch ? new ViewerEnd(CloseCodes.Restart, "epoch_changed", false, TimeSpan.Zero)
            : new ViewerEnd(CloseCodes.Restart, "feed_ended", false, TimeSpan.FromSeconds(1)));
    }

    private void Begin() => Interlocked.Exchange(ref _beginning, Begun)?.TrySetResult();

    private static TaskCompletionSource NewBegun()
    {
        var begun = new TaskCompletionSource();
        begun.SetResult();
        return begun;
    }
}
