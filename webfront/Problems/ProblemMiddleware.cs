using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Viewers;

using Microsoft.AspNetCore.Connections;

namespace Holdfast.WebFront.Problems;

/// <summary>Whatever goes wrong on the way to an answer becomes a problem with a code. The user hears a code; the log hears the exception.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, FrontContext front, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            // The client has gone in the middle of its request: there is no rest to wait for.
            http.Abort();
            return;
        }
        catch (Exception e) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            var refusal = Explain(e);
            if (refusal.Code is FrontCodes.Internal)
            {
                Failed(logger, http.Request.Method, http.Request.Path, e);
            }
            else if (!Verdict.Of(refusal.Code).Stop && e is not (ProblemException or BadHttpRequestException))
            {
                var level = front.Away(e);
                Unavailable(logger, level, http.Request.Method, http.Request.Path, refusal.Code, e);
            }

            http.Response.Clear();
            if (e is BadHttpRequestException)
            {
                // What is left of the request can't be told from the next one.
                http.Response.Headers.Connection = "close";
            }

            await new Problem(refusal).ExecuteAsync(http);
            return;
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested || e is OperationCanceledException)
        {
            // The client has gone: nobody to answer.
            return;
        }

        if (!http.Response.HasStarted && http.Response.ContentLength is null && http.Response.ContentType is null)
        {
            await ExplainStatusAsync(http);
        }
    }

    private static Refusal Explain(Exception exception) => exception switch
    {
        ProblemException e => e.Refusal,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new Refusal(FrontCodes.BodyTooLarge, "The body is too large."),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => new Refusal(FrontCodes.RequestTimeout, "The body came too slowly; send it again."),
        BadHttpRequestException => new Refusal(FrontCodes.InvalidRequest, "The request is malformed."),
        LogStoreUnavailableException => new Refusal(RefusalCodes.StoreUnavailable, "The store did not answer; whether anything changed is unknown. Repeat the request: it does nothing twice."),
        TimeoutException or OrleansException or OperationCanceledException or ObjectDisposedException => new Refusal(FrontCodes.Unavailable, "The cluster did not answer in time; whether anything changed is unknown. Repeat the request."),
        _ => new Refusal(FrontCodes.Internal, "Something went wrong here; its log says what."),
    };

    /// <summary>Answers without a body come from routing: they get one, too.</summary>
    private static Task ExplainStatusAsync(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Problem.Of(FrontCodes.NoSuchPath, $"There is nothing at {http.Request.Path}; the API is under {Paths.Root}, see /openapi/v1.json.").ExecuteAsync(http),
        StatusCodes.Status405MethodNotAllowed when Methods.Allowed(http) is var allowed && !HttpMethods.IsOptions(http.Request.Method) =>
            Problem.Of(FrontCodes.MethodNotAllowed, $"{http.Request.Method} is not possible here; what is: {allowed}.").ExecuteAsync(http),
        StatusCodes.Status426UpgradeRequired => Problem.Of(FrontCodes.WebSocketRequired, "Sec-WebSocket-Version has to be 13.", "Sec-WebSocket-Version").ExecuteAsync(http),
        StatusCodes.Status400BadRequest or StatusCodes.Status415UnsupportedMediaType => Problem.Of(FrontCodes.InvalidRequest, "The request is malformed.").ExecuteAsync(http),
        _ => Task.CompletedTask,
    };
}
