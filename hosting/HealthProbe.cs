using System.Text.Json.Serialization;

using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

/// <summary>The answer of <c>/readyz</c>: which part is ill.</summary>
/// <param name="Status"><c>ready</c> or <c>not_ready</c>.</param>
/// <param name="Store"><c>ok</c>, <c>silent</c> or <c>unavailable</c>.</param>
/// <param name="Cluster">The same of the cluster.</param>
/// <param name="Draining">Going down: send nobody here any more.</param>
public sealed record Readiness(string Status, string Store, string Cluster, bool Draining);

/// <summary><c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>, the same on silos and fronts.</summary>
public static partial class HealthProbe
{
    private static readonly string[] s_looks = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps all three.</summary>
    /// <param name="routes">Where.</param>
    /// <param name="cluster">Asks the cluster for anything; throws when it does not answer.</param>
    /// <param name="draining">Whether the process is going down.</param>
    public static void MapHealth(this IEndpointRouteBuilder routes, Func<HttpContext, Task> cluster, Func<HttpContext, bool> draining)
    {
        var (storeAway, clusterAway) = (new Outage(), new Outage());
        routes.MapMethods("/healthz", s_looks, () => TypedResults.Text("ok\n"));
        var metrics = routes.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(static _ => true).Build();
        routes.MapMethods("/metrics", s_looks, (Delegate)((HttpContext http) => metrics(http)));
        routes.MapMethods("/readyz", s_looks, async (HttpContext http, ILogReader logs, IOptions<ProcessOptions> options, ILogger<Readiness> logger) =>
        {
            var store = await AskAsync(() => logs.ListAsync(new LogQuery([TaskTags.Any], 1), http.RequestAborted).AsTask(), "store", options.Value.ReadyTimeout, storeAway, logger);
            var answer = await AskAsync(() => cluster(http), "cluster", options.Value.ReadyTimeout, clusterAway, logger);
            var going = draining(http);
            var ready = store == "ok" && answer == "ok" && !going;
            return TypedResults.Json(
                new Readiness(ready ? "ready" : "not_ready", store, answer, going),
                HealthJson.Default.Readiness,
                statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }

    private static async Task<string> AskAsync(Func<Task> question, string part, TimeSpan patience, Outage outage, ILogger logger)
    {
        try
        {
            await question().WaitAsync(patience, TimeProvider.System);
            if (outage.Answered() is > 0 and var failures)
            {
                Well(logger, part, failures);
            }

            return "ok";
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var level = outage.Failed();
            Ill(logger, level, part, e);
            return e is TimeoutException ? "silent" : "unavailable";
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Readiness))]
internal sealed partial class HealthJson : JsonSerializerContext;
