using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Transports.Sse;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>
/// <c>GET /api/v1/tasks/stream</c>, the live list, and <c>GET /api/v1/monitor/stream</c>, figures: each change at once, but one message a second at most.
/// </summary>
internal sealed class LiveStreams(FrontContext front, LiveLists lists, MonitorFigures figures)
{
    /// <summary>The list first, then what has changed in it.</summary>
    public async Task TasksAsync(HttpContext http)
    {
        using var look = lists.Enter(ListTasks.Filter(new QueryFields(http.Request.Query), Principals.Of(http)));
        if (look is null)
        {
            await RefuseAsync(http, new Refusal(
                FrontCodes.TooManySessions, "As many different lists are looked at on this front as it takes; come back in a while.", null, ViewerLimits.Spread(front.Options)));
            return;
        }

        await using var pace = PaceOf(http);
        look.List.Changed += pace.Wake;
        try
        {
            await StreamAsync(http, pace, Changes(http, look.List));
        }
        finally
        {
            look.List.Changed -= pace.Wake;
        }
    }

    /// <summary>Figures, once a second.</summary>
    public async Task MonitorAsync(HttpContext http)
    {
        await using var pace = PaceOf(http);
        await StreamAsync(http, pace, async () => new ControlMessage("monitor", await figures.ReadAsync().WaitAsync(http.RequestAborted)));
    }

    private LivePace PaceOf(HttpContext http) => new(front.Clock, front.Options.LivePeriod, http.RequestAborted);

    private Func<Task<ControlMessage?>> Changes(HttpContext http, LiveList list)
    {
        IReadOnlyDictionary<string, LiveMark>? shown = null;
        var (heard, lookedAt) = (-1L, 0L);
        return async () =>
        {
            if (list.Heard == heard && front.Clock.GetElapsedTime(lookedAt) < front.Options.LiveRefresh)
            {
                return null;
            }

            // Where it can't be read it is not tried again before the next notice, either.
            (heard, lookedAt) = (list.Heard, front.Clock.GetTimestamp());
            var listing = await list.ReadAsync().WaitAsync(http.RequestAborted);
            heard = listing.Heard;
            var message = await listing.SinceAsync(shown).WaitAsync(http.RequestAborted);
            shown = listing.Marks;
            return message;
        };
    }

    private async Task StreamAsync(HttpContext http, LivePace pace, Func<Task<ControlMessage?>> next)
    {
        using var place = ViewerLimits.Enter(front, out var refusal);
        if (refusal is not null)
        {
            await RefuseAsync(http, refusal);
            return;
        }

        if (!SseResponse.Begin(http))
        {
            return;
        }

        var output = http.Response.BodyWriter;
        SseFormat.Retry(output, front.Options.SseRetry);
        var saidAt = front.Clock.GetTimestamp();
        while (true)
        {
            var message = await NextAsync(next, http);
            if (message is { } said)
            {
                SseFormat.Control(output, said);
                saidAt = front.Clock.GetTimestamp();
            }

            if (front.Clock.GetElapsedTime(saidAt) >= front.Options.SseComment)
            {
                SseFormat.Comment(output);
                saidAt = front.Clock.GetTimestamp();
            }

            await output.FlushAsync(http.RequestAborted);
            if (front.Draining)
            {
                break;
            }

            await pace.NextAsync(message is not null);
        }

        SseFormat.Retry(output, ViewerLimits.Spread(front.Options));
        await output.FlushAsync(http.RequestAborted);
    }

    /// <summary>There is no room: said inside, as a status would make an <c>EventSource</c> give up.</summary>
    private async Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        if (!SseResponse.Begin(http))
        {
            return;
        }

        var output = http.Response.BodyWriter;
        SseFormat.Retry(output, front.Options.SseRetry);
        SseFormat.Goodbye(output, ViewerEnd.Of(refusal), Paths.Asked(http.Request));
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
            var level = front.Away(e);
            ViewerLog.LiveUnread(front.Logger, level, http.Request.Path, e);
            return new ControlMessage("unavailable", Problem.ToJson(refusal, Paths.Asked(http.Request)));
        }
    }
}
