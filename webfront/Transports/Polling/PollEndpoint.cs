using System.Buffers;

using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Live;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Transports.Polling;

/// <summary><c>GET /api/v1/tasks/{id}/events</c> as a page, which with <c>wait</c> is held back until there is an event.</summary>
internal static class PollEndpoint
{
    /// <summary>Serves one page.</summary>
    public static async Task ServeAsync(HttpContext http, string taskId, FrontContext front, PollViewers viewers)
    {
        var query = new QueryFields(http.Request.Query);
        var after = query.Cursor("after");
        var limit = query.Whole("limit", 1, 10_000, 1000);
        var compact = query.Flag("compact");
        var wait = query.Duration("wait", front.Options.MaxWait);
        if (await front.Feeds.FindAsync(taskId, http.RequestAborted) is not { } found)
        {
            if (after is not null)
            {
                front.Metrics.Returned(ReturnOutcome.Refused);
            }

            throw new ProblemException(RefusalCodes.TaskNotFound, $"There is no task '{taskId}'; check the id, or create it first.");
        }

        var feed = found.Feed;
        var reset = after is { } cursor && (cursor.Epoch != feed.Position.Epoch || cursor.Seq > feed.Position.LastSeq);
        var from = reset ? 0 : after?.Seq ?? 0;
        var session = wait > TimeSpan.Zero ? query.Session() : null;
        if (wait > TimeSpan.Zero && !feed.Position.Sealed)
        {
            await using var viewer = await viewers.EnterAsync(http, feed, session, after is null ? null : reset ? ReturnOutcome.Reset : ReturnOutcome.Resumed);
            await viewer.WaitForAsync(from, wait, http.RequestAborted);
        }

        // The state first: events that come after it tell by themselves how it has changed.
        var state = wait > TimeSpan.Zero ? await front.Logs.ReadHeadAsync(taskId, http.RequestAborted) : found.State;
        var page = state is null ? null : await ReadAsync(feed, from, compact, limit, front.Options.PollBytes);
        if (page is null && state is not null && state.Epoch != feed.Position.Epoch)
        {
            throw new ProblemException(FrontCodes.Unavailable, "The task's log is another one now; ask again with your cursor.");
        }

        if (page is null || state is null)
        {
            throw new ProblemException(RefusalCodes.TaskNotFound, $"The task '{taskId}' was deleted.");
        }

        await WriteAsync(http, feed, page, state, from, reset);
        if (wait > TimeSpan.Zero)
        {
            front.Metrics.Delivered(page.Count);
        }
    }

    /// <summary>Events after a cursor, up to both limits. Null when the log is gone.</summary>
    private static async Task<List<ReadOnlyMemory<byte>>?> ReadAsync(TaskFeed feed, long from, bool compact, int limit, int bytes)
    {
        List<ReadOnlyMemory<byte>> events = [];
        var room = bytes;
        while (events.Count < limit)
        {
            var position = feed.Position;
            var end = TaskFeed.VisibleEnd(position);
            if (from >= position.LastSeq)
            {
                return events;
            }

            var slice = from < end ? await feed.ReadAsync(from, compact, room) : await feed.ReadTerminalAsync();
            if (slice is not { } read)
            {
                return null;
            }

            foreach (var (_, message) in new RecordRun(1, read.Messages, read.Frames))
            {
                if (events.Count == limit || (events.Count > 0 && message.Length + 1 > room))
                {
                    return events;
                }

                events.Add(message);
                room -= message.Length + 1;
            }

            from = read.Last;
        }

        return events;
    }

    private static async Task WriteAsync(HttpContext http, TaskFeed feed, List<ReadOnlyMemory<byte>> events, LogState state, long from, bool reset)
    {
        var position = feed.Position;
        var last = events.Count == 0 ? from : EventBytes.Seq(events[^1].Span);
        var head = TaskHead.Parse(state.Head.Span);
        var output = http.Response.BodyWriter;
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        output.Write("{\"events\":["u8);
        for (var i = 0; i < events.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : ","u8);
            output.Write(events[i].Span);
        }

        output.Write("],"u8);
        output.Write(WireJson.Write(writer =>
        {
            writer.WriteString("cursor"u8, new Cursor(position.Epoch, last).ToString());
            writer.WriteString("epoch"u8, position.Epoch);
            writer.WriteBoolean("caught_up"u8, last >= position.LastSeq);
            writer.WriteString("status"u8, StatusAt(last, events, state, head));
            writer.WriteBoolean("reset"u8, reset);
        }).AsSpan(1));
        await output.FlushAsync(http.RequestAborted);
    }

    /// <summary>
    /// The status as of the page's end: what the last event says that speaks of it, the state where none came since that was read, and in the
    /// midst of the work that it is being worked on.
    /// </summary>
    private static string StatusAt(long last, List<ReadOnlyMemory<byte>> events, LogState state, TaskHead head)
    {
        for (var i = events.Count - 1; i >= 0 && EventBytes.Seq(events[i].Span) > (last >= state.LastSeq ? state.LastSeq : 0); i--)
        {
            switch (EventBytes.Type(events[i].Span))
            {
                case EventTypes.Completed or EventTypes.Failed or EventTypes.Cancelled:
                    return EventBytes.Type(events[i].Span);
                case EventTypes.Created or EventTypes.Retrying:
                    return GenerationStatus.Queued.Wire();
                case EventTypes.Started or EventTypes.ReviewResolved:
                    return GenerationStatus.Running.Wire();
                case EventTypes.ReviewRequired:
                    return GenerationStatus.AwaitingReview.Wire();
            }
        }

        return last >= state.LastSeq ? head.Status.Wire() : GenerationStatus.Running.Wire();
    }
}
