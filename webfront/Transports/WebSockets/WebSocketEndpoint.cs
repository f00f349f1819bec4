using System.Buffers;

using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Transports.WebSockets;

/// <summary>
/// <c>GET /api/v1/ws/{task_id}</c>. The upgrade is accepted at once and whatever is wrong is said inside: a browser can't see the HTTP status of a
/// failed upgrade, and a client that can't tell a wrong path from a broken network comes back for ever.
/// </summary>
internal static class WebSocketEndpoint
{
    private const string RightPath = "/api/v1/ws/{task_id}";

    /// <summary>The right path. What it needs is looked up once: a request's own services would be held for as long as the viewer stays.</summary>
    public static void MapWebSocket(this IEndpointRouteBuilder routes)
    {
        var front = routes.ServiceProvider.GetRequiredService<FrontContext>();
        var origins = routes.ServiceProvider.GetRequiredService<OriginCheck>();
        routes.MapMethods("/api/v1/ws/{taskId}", [HttpMethods.Get, HttpMethods.Connect], http => ServeAsync(http, (string)http.GetRouteValue("taskId")!, front, origins)).ExcludeFromDescription();
    }

    /// <summary>A WebSocket on any other path: told the right one, and to stop.</summary>
    public static Task RefuseWrongPathAsync(HttpContext http, FrontContext front)
    {
        var last = http.Request.Path.Value?.Split('/')[^1];
        var hint = TaskIds.IsValid(last) ? "/api/v1/ws/" + last : RightPath;
        return RefuseAsync(http, new Refusal(FrontCodes.NoSuchPath, $"There is no WebSocket at {http.Request.Path}; connect to {hint}."), 4400, front);
    }

    private static async Task ServeAsync(HttpContext http, string taskId, FrontContext front, OriginCheck origins)
    {
        if (!WebSocketUpgrade.IsRequested(http))
        {
            http.Response.Headers.Upgrade = "websocket";
            await Problem.Of(FrontCodes.WebSocketRequired, $"This is a WebSocket: connect with one, or read {Paths.Events(taskId)}.").ExecuteAsync(http);
            return;
        }

        var refusal = origins.Check(http);
        using var place = refusal is null ? ViewerLimits.Enter(front, out refusal) : null;
        ViewerRequest? request = null;
        var batch = false;
        if (refusal is null)
        {
            (request, batch, refusal) = Read(http, taskId, front.Options);
        }

        if (refusal is not null || request is null)
        {
            await RefuseAsync(http, refusal!, null, front);
            return;
        }

        if (await WebSocketUpgrade.AcceptAsync(http) is { } stream)
        {
            await new WebSocketConnection(front, request, batch, http, stream).ServeSocketAsync();
        }
    }

    private static (ViewerRequest? Request, bool Batch, Refusal? Refusal) Read(HttpContext http, string taskId, FrontOptions options)
    {
        try
        {
            var query = new QueryFields(http.Request.Query);
            var start = new ViewerStart(query.Cursor("after"), query.Flag("include_history"));
            var request = new ViewerRequest(taskId, start, query.Flag("compact"), query.Session(), query.Duration("wait", options.MaxWait), Principals.Of(http));
            return (request, query.Flag("batch"), null);
        }
        catch (ProblemException e)
        {
            return (null, false, e.Refusal);
        }
    }

    /// <summary>Accepts, says why not, closes, and waits a little for the peer to see it.</summary>
    private static async Task RefuseAsync(HttpContext http, Refusal refusal, int? closeCode, FrontContext front)
    {
        if (await WebSocketUpgrade.AcceptAsync(http) is not { } stream)
        {
            return;
        }

        var end = ViewerEnd.Of(refusal);
        end = end with { Code = closeCode ?? end.Code };
        var output = new ArrayBufferWriter<byte>(512);
        RecordFrame.Write(output, ControlMessages.Error(refusal, fatal: true).Json.Span);
        RecordFrame.Write(output, ControlMessages.Closing(end).Json.Span);
        CloseFrame.Write(output, end.Code, end.Reason);
        using var limit = new CancellationTokenSource(front.Options.CloseWait, front.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, http.RequestAborted);
        try
        {
            await stream.WriteAsync(output.WrittenMemory, both.Token);
            using var reader = new FrameReader(stream, front.Options.MaxFrameBytes);
            await reader.SkipToCloseAsync(both.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            http.Abort();
        }
    }
}
