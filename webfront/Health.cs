using Holdfast.Grains.Fronts;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Live;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront;

/// <summary><c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => TypedResults.Text("ok\n"));
        routes.MapGet("/readyz", ReadyAsync);
        routes.MapGet("/metrics", (MetricsText metrics) => TypedResults.Text(metrics.Render(), "text/plain; version=0.0.4; charset=utf-8"));
    }

    /// <summary>Ready when store and cluster answer and the front is not going away; says which part is ill.</summary>
    private static async Task<JsonResult> ReadyAsync(HttpContext http, FrontContext front)
    {
        var store = await ProbeAsync(() => front.Logs.ListAsync(new LogQuery([TaskTags.Any], 1), http.RequestAborted).AsTask(), front);
        var cluster = await ProbeAsync(() => front.Grains.GetGrain<IFrontRosterGrain>(FrontRoster.Key).ListAsync(), front);
        var ready = store == "ok" && cluster == "ok" && !front.Draining;
        return new JsonResult(
            WireJson.Write(writer =>
            {
                writer.WriteString("status"u8, ready ? "ready" : "not_ready");
                writer.WriteString("store"u8, store);
                writer.WriteString("cluster"u8, cluster);
                writer.WriteBoolean("draining"u8, front.Draining);
            }),
            ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<string> ProbeAsync(Func<Task> probe, FrontContext front)
    {
        try
        {
            await probe().WaitAsync(TimeSpan.FromSeconds(2), front.Clock);
            return "ok";
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            ViewerLog.NotReady(front.Logger, front.Id, e);
            return e is TimeoutException ? "silent" : "unavailable";
        }
    }
}
