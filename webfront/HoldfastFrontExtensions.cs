using Holdfast.Grains.Feeds;
using Holdfast.Grains;
using Holdfast.Grains.Fronts;
using Holdfast.Grains.Setup;
using Holdfast.Hosting;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Live;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Transports.Polling;
using Holdfast.WebFront.Transports.Sse;
using Holdfast.WebFront.Transports.WebSockets;
using Holdfast.WebFront.Viewers;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

using Scalar.AspNetCore;

namespace Holdfast.WebFront;

/// <summary>Adds the web front to a host. The host adds the way to the cluster (<see cref="IClusterClient"/>) and a log reader.</summary>
public static class HoldfastFrontExtensions
{
    private static readonly PathString[] s_ours = [Paths.Root, "/api/cleanup", "/openapi", "/healthz", "/readyz", "/metrics"];

    /// <summary>Adds the front's services.</summary>
    public static IServiceCollection AddHoldfastFront(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddHoldfastExceptions();
        services.AddSection<FrontOptions>();
        services.AddSingleton<FrontMetrics>();
        services.AddFigures();
        services.AddSingleton<PageCache>();
        services.AddSingleton<FrontContext>();
        services.AddSingleton<PollViewers>();
        services.AddSingleton<TaskCalls>();
        services.AddSingleton<AppendSlots>();
        services.AddSingleton<TaskCounts>();
        services.AddSingleton<MonitorFigures>();
        services.AddSingleton<LiveLists>();
        services.AddSingleton<LiveStreams>();
        services.AddSingleton<OriginCheck>();
        services.AddSingleton<TaskNotices>();
        services.AddHostedService(provider => provider.GetRequiredService<TaskNotices>());
        services.TryAddSingleton<LostSilos>();
        services.TryAddSingleton<LocalFeeds>();
        services.AddSingleton<FrontPresence>();
        services.AddHostedService(provider => provider.GetRequiredService<FrontPresence>());
        services.AddHostedService<FrontDrain>();
        services.AddCors();
        services.Configure<RouteOptions>(options => options.SetParameterPolicy<TaskSegment>(TaskSegment.Name));
        services.AddSingleton<IConfigureOptions<CorsOptions>, FrontCors>();
        services.AddOpenApi("v1", options => options.AddDocumentTransformer<ApiDescription>());
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, FrontKestrel>();
        services.AddSingleton<IConfigureOptions<SocketTransportOptions>, FrontSockets>();
        return services;
    }

    /// <summary>Maps everything that the front answers, its pages included: for a program that is a front and nothing else.</summary>
    public static WebApplication MapHoldfastFront(this WebApplication app)
    {
        app.UseChecks();
        app.UsePages();
        app.MapAnswers();

        // The reference is read where there may be no way to the internet: it brings its script along, and takes no fonts.
        app.MapGroup("").WithHead().MapScalarApiReference("/docs", docs => docs.WithTitle("Holdfast").WithOpenApiRoutePattern("/openapi/{documentName}.json").DisableDefaultFonts());
        return app;
    }

    /// <summary>
    /// Maps the front's answers, without its pages, in an app that has paths of its own: those of Holdfast are <c>/api/v1</c>, <c>/api/cleanup</c>,
    /// <c>/openapi</c>, <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>. Call it before the app's own middleware: Holdfast's checks are for its own
    /// paths only, and the app's authentication does not stand before them unless it comes first.
    /// </summary>
    /// <param name="app">The app.</param>
    /// <param name="prefix">What all of these paths begin with, as <c>/holdfast</c>; nothing by default.</param>
    /// <exception cref="ArgumentException">The prefix does not begin with <c>/</c>, or ends with one.</exception>
    public static WebApplication MapHoldfast(this WebApplication app, string prefix = "")
    {
        if (prefix.Length == 0)
        {
            app.UseWhen(http => IsOurs(http.Request.Path), ours => ours.UseChecks());
            app.MapAnswers();
            return app;
        }

        if (prefix[0] != '/' || prefix[^1] == '/')
        {
            throw new ArgumentException($"The prefix is '{prefix}'; it begins with '/' and does not end with it, as '/holdfast'.", nameof(prefix));
        }

        app.Map(prefix, ours =>
        {
            ours.UseChecks();
            ours.UseRouting();
            ours.UseEndpoints(routes => routes.MapAnswers());
        });
        return app;
    }

    private static bool IsOurs(PathString path) =>
        Array.Exists(s_ours, one => path.StartsWithSegments(one, StringComparison.OrdinalIgnoreCase));

    private static void UseChecks(this IApplicationBuilder app)
    {
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<HostCheck>();
        app.Use(RefuseWrongPathsAsync);

        // Browsers ask no leave for WebSockets; the check of the origin is inside. What this holds for a request it would hold for as long as a viewer stays.
        app.UseWhen(http => !WebSocketUpgrade.IsRequested(http), plain => plain.UseCors(FrontCors.Policy));
        app.Use(CheckOriginAsync);
    }

    private static void MapAnswers(this IEndpointRouteBuilder routes)
    {
        var root = routes.MapGroup("").WithHead();
        root.MapHealth(
            http => http.RequestServices.GetRequiredService<FrontContext>().Grains.GetGrain<IFrontRosterGrain>(FrontRoster.Key).ListAsync(),
            http => http.RequestServices.GetRequiredService<FrontContext>().Draining);
        root.MapOpenApi();
        root.MapWebSocket();
        var api = root.MapGroup(Paths.Root);
        api.MapPost("/tasks", CreateTask.HandleAsync);
        api.MapGet("/tasks", ListTasks.HandleAsync);
        api.MapGet("/tasks/stream", (HttpContext http, LiveStreams live) => live.TasksAsync(http));
        api.MapGet("/tasks/{taskId:task}", ReadTask.HandleAsync);
        api.MapDelete("/tasks/{taskId:task}", ChangeTask.DeleteAsync);
        api.MapGet("/tasks/{taskId}/result", ReadTask.ResultAsync);
        api.MapGet("/tasks/{taskId}/events", (HttpContext http, string taskId, FrontContext front, PollViewers polls) =>
            SseResponse.IsRequested(http) ? SseEndpoint.ServeAsync(http, SseEndpoint.Read(http, taskId, front.Options), front) : PollEndpoint.ServeAsync(http, taskId, front, polls));
        api.MapPost("/tasks/{taskId}/cancel", ChangeTask.CancelAsync);
        api.MapPost("/tasks/{taskId}/retry", ChangeTask.RetryAsync);
        api.MapPost("/tasks/{taskId}/review", ChangeTask.ReviewAsync);
        api.MapPost("/workers/lease", Workers.LeaseAsync);
        api.MapPost("/tasks/{taskId}/events", Workers.AppendAsync);
        api.MapPost("/tasks/{taskId}/lease", Workers.RenewAsync);
        api.MapPost("/tasks/{taskId}/reviews", Workers.AskReviewAsync);
        api.MapPost("/tasks/{taskId}/complete", Workers.CompleteAsync);
        api.MapPost("/tasks/{taskId}/fail", Workers.FailAsync);
        api.MapGet("/sessions", Sessions.ListAsync);
        api.MapGet("/sessions/{sessionId}", Sessions.ReadAsync);
        api.MapPost("/cleanup", Cleanup.HandleAsync);
        root.MapPost("/api/cleanup", Cleanup.HandleAsync);
        api.MapGet("/monitor", async (HttpContext http, MonitorFigures figures) => new JsonResult(await figures.ReadAsync().WaitAsync(http.RequestAborted)));
        api.MapGet("/monitor/stream", (HttpContext http, LiveStreams live) => live.MonitorAsync(http));
    }

    /// <summary>A WebSocket on a path that has none is told so, whatever else is there.</summary>
    private static Task RefuseWrongPathsAsync(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path;
        var right = path.StartsWithSegments("/api/v1/ws", StringComparison.OrdinalIgnoreCase, out var rest) && rest.Value is { Length: > 1 } id && id.LastIndexOf('/') == 0;
        return right || !WebSocketUpgrade.IsRequested(http) ? next(http)
            : WebSocketEndpoint.RefuseWrongPathAsync(http, http.RequestServices.GetRequiredService<FrontContext>());
    }

    /// <summary>A page from elsewhere may neither change nor stream anything. Goodbyes are always taken; WebSockets are told inside.</summary>
    private static Task CheckOriginAsync(HttpContext http, RequestDelegate next)
    {
        var safe = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || HttpMethods.IsOptions(http.Request.Method);
        if ((!safe || SseResponse.IsRequested(http)) && !http.Request.Path.Value!.EndsWith("/cleanup", StringComparison.Ordinal) && !WebSocketUpgrade.IsRequested(http)
            && http.RequestServices.GetRequiredService<OriginCheck>().Check(http) is { } refusal)
        {
            throw new ProblemException(refusal);
        }

        return next(http);
    }
}

/// <summary>The one CORS policy.</summary>
internal sealed class FrontCors(OriginCheck origins) : IConfigureOptions<CorsOptions>
{
    /// <summary>Its name: an app that Holdfast is part of may have a default policy of its own.</summary>
    public const string Policy = "holdfast";

    public void Configure(CorsOptions options) => options.AddPolicy(Policy, policy => policy
        .SetIsOriginAllowed(origins.IsListed)
        .WithMethods("GET", "HEAD", "POST", "DELETE")
        .WithHeaders("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "Accept", "Cache-Control")
        .WithExposedHeaders("Location", "Retry-After")
        .AllowCredentials()
        .SetPreflightMaxAge(TimeSpan.FromHours(1)));
}

/// <summary>The server's limits, as the front's options say.</summary>
internal sealed class FrontKestrel(IOptions<FrontOptions> front) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;

        // What is read is limited where it is read; what is too large is still taken in for a moment, so that its sender sees the answer.
        options.Limits.MaxRequestBodySize = 16L * front.Value.MaxBodyBytes;
    }
}

/// <summary>How the server takes connections: after a cut thousands of viewers come back at once.</summary>
internal sealed class FrontSockets(IOptions<FrontOptions> front) : IConfigureOptions<SocketTransportOptions>
{
    public void Configure(SocketTransportOptions options) => options.Backlog = front.Value.MaxWaitingConnections;
}
