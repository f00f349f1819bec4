using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Transports.Sse;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>
/// <c>GET /api/v1/tasks/stream</c>, the live list, and <c>GET /api/v1/monitor/stream</c>, figures: one message a second at most, whatever happens.
/// </summary>
internal sealed class LiveStreams(FrontContext front, TaskNotices notices, LiveLists lists, MonitorFigures figures)
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

        IReadOnlyDictionary<string, LiveMark>? shown = null;
        var (heard, lookedAt) = (-1L, 0L);
        await StreamAsync(http, async () =>
        {
            if (notices.Heard == heard && front.Clock.GetElapsedTime(lookedAt) < front.Options.LiveRefresh)
            {
                return null;
            }

            // Where it can't be read it is not tried again before the next notice, either.
            (heard, lookedAt) = (notices.Heard, front.Clock.GetTimestamp());
            var listing = await look.List.ReadAsync().WaitAsync(http.RequestAborted);
            heard = listing.Heard;
            var message = await listing.SinceAsync(shown).WaitAsync(http.RequestAborted);
            shown = listing.Marks;
            return message;
        });
    }

    /// <summary>Figures, once a second.</summary>
    public Task MonitorAsync(HttpContext http) => StreamAsync(http, async () => new ControlMessage("monitor", await figures.ReadAsync().WaitAsync(http.RequestAborted)));

    private async Task StreamAsync(HttpContext http, Func<Task<ControlMessage?>> next)
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
        using var timer = new PeriodicTimer(front.Options.LivePeriod, front.Clock);
        do
        {
            if (await NextAsync(next, http) is { } message)
            {
                SseFormat.Control(output, message);
                saidAt = front.Clock.GetTimestamp();
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

    /// <summary>There is no room: said inside, as a status would make an <c>EventSource</c> give up.</summary>
    private async Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        if (!SseResponse.Begin(http))
        {
            return;
        }

        var output = http.Response.BodyWriter;
        SseFormat.Retry(output, front.Options.SseRetry);
        SseFormat.Goodbye(output, ViewerEnd.Of(refusal), http.Request.Path);
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
            return new ControlMessage("unavailable", Problem.ToJson(refusal, http.Request.Path));
        }
    }
}
