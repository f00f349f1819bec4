using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Transports.Sse;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>
/// <c>GET /api/v1/tasks/stream</c>, the live list, and <c>GET /api/v1/monitor/stream</c>, figures: one message a second at most, whatever happens.
/// </summary>
internal sealed class LiveStreams(FrontContext front, TaskNotices notices, MonitorFigures figures)
{
    /// <summary>The list first, then what has changed in it.</summary>
    public async Task TasksAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request.Query);
        var tags = ListTasks.Filter(query, Principals.Of(http));
        var shown = new Dictionary<string, (long LastSeq, DateTimeOffset UpdatedAt)>(StringComparer.Ordinal);
        var first = true;
        await StreamAsync(http, async () =>
        {
            var list = await front.Logs.ListAsync(new LogQuery(tags, MaxListed), http.RequestAborted);
            var changed = list.Logs.Where(log => !shown.TryGetValue(log.Id, out var known) || known != Mark(log)).ToList();
            var present = list.Logs.Select(log => log.Id).ToHashSet(StringComparer.Ordinal);
            var removed = shown.Keys.Where(id => !present.Contains(id)).ToList();
            removed.ForEach(id => shown.Remove(id));
            changed.ForEach(log => shown[log.Id] = Mark(log));
            if (!first && changed.Count == 0 && removed.Count == 0)
            {
                return null;
            }

            var type = first ? "snapshot" : "change";
            first = false;
            var viewers = await EveryFront.ViewersAsync(front, changed);
            return new ControlMessage(type, WireJson.Write(writer =>
            {
                writer.WriteString("type"u8, type);
                ListTasks.Write(writer, changed, viewers);
                writer.WriteStartArray("removed"u8);
                removed.ForEach(writer.WriteStringValue);
                writer.WriteEndArray();
            }));
        });
    }

    /// <summary>Figures, once a second.</summary>
    public Task MonitorAsync(HttpContext http) => StreamAsync(http, async () => new ControlMessage("monitor", await figures.ReadAsync().WaitAsync(http.RequestAborted)), always: true);

    private async Task StreamAsync(HttpContext http, Func<Task<ControlMessage?>> next, bool always = false)
    {
        SseResponse.Begin(http);
        var output = http.Response.BodyWriter;
        SseFormat.Retry(output, front.Options.SseRetry);
        using var place = ViewerLimits.Enter(front, out var refusal);
        if (refusal is not null)
        {
            SseFormat.Goodbye(output, ViewerEnd.Of(refusal), http.Request.Path);
            await output.FlushAsync(http.RequestAborted);
            return;
        }

        using var timer = new PeriodicTimer(front.Options.LivePeriod, front.Clock);
        var (heard, lookedAt, saidAt) = (-1L, 0L, front.Clock.GetTimestamp());
        do
        {
            if (always || notices.Heard != heard || front.Clock.GetElapsedTime(lookedAt) >= front.Options.LiveRefresh)
            {
                (heard, lookedAt) = (notices.Heard, front.Clock.GetTimestamp());
                if (await NextAsync(next, http) is { } message)
                {
                    SseFormat.Control(output, message);
                    saidAt = lookedAt;
                }
            }

            if (front.Clock.GetElapsedTime(saidAt) >= front.Options.SseComment)
            {
                SseFormat.Comment(output);
                saidAt = front.Clock.GetTimestamp();
            }

            await output.FlushAsync(http.RequestAborted);
        }
        while (!front.Draining && await timer.WaitForNextTickAsync(http.RequestAborted));
        SseFormat.Retry(output, ViewerLimits.Spread(front.Options));
        await output.FlushAsync(http.RequestAborted);
    }

    /// <summary>A store or cluster that is away for a moment is no reason to end a list.</summary>
    private async Task<ControlMessage?> NextAsync(Func<Task<ControlMessage?>> next, HttpContext http)
    {
        try
        {
            return await next();
        }
        catch (Exception e) when (e is LogStoreUnavailableException or TimeoutException or OrleansException)
        {
            var refusal = new Refusal(FrontCodes.Unavailable, "The figures can't be read at the moment; this stream goes on.");
            ViewerLog.LiveUnread(front.Logger, http.Request.Path, e);
            return new ControlMessage("unavailable", Problem.ToJson(refusal, http.Request.Path));
        }
    }

    private static (long, DateTimeOffset) Mark(LogState log) => (log.LastSeq, TaskHead.Parse(log.Head.Span).UpdatedAt);

    private const int MaxListed = 500;
}
