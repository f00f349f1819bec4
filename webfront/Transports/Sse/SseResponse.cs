using Microsoft.AspNetCore.Http.Features;

namespace Holdfast.WebFront.Transports.Sse;

/// <summary>The head of every event stream that this front sends.</summary>
internal static class SseResponse
{
    /// <summary>True when the request asks for an event stream.</summary>
    public static bool IsRequested(HttpContext http) => http.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Begins the stream: nothing on the way may keep, change or gather it. Proxies that compress leave alone what is encoded already, and
    /// <c>identity</c> is an encoding.
    /// </summary>
    public static void Begin(HttpContext http)
    {
        var headers = http.Response.Headers;
        http.Response.ContentType = "text/event-stream";
        headers.ContentEncoding = "identity";
        headers.CacheControl = "no-cache, no-transform";
        headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }
}
