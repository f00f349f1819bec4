using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Holdfast.WebFront.Transports.Sse;

/// <summary>The head of every event stream that this front sends.</summary>
internal static class SseResponse
{
    private const string ContentType = "text/event-stream";
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>True when the request asks for an event stream: names it, and likes it as well as JSON at least.</summary>
    public static bool IsRequested(HttpContext http)
    {
        var accepted = http.Request.GetTypedHeaders().Accept;
        return accepted.FirstOrDefault(range => range.MediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase)) is { } stream
            && Quality(stream) is > 0 and var quality && quality >= QualityOfJson(accepted);
    }

    /// <summary>
    /// Begins the stream: nothing on the way may keep, change or gather it. Proxies that compress leave alone what is encoded already, and
    /// <c>identity</c> is an encoding.
    /// </summary>
    /// <returns>False when only the head was asked for, and this was it.</returns>
    public static bool Begin(HttpContext http)
    {
        var headers = http.Response.Headers;
        http.Response.ContentType = ContentType;
        headers.ContentEncoding = "identity";
        headers.CacheControl = "no-cache, no-transform";
        headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return !HttpMethods.IsHead(http.Request.Method);
    }

    /// <summary>What the narrowest range says that JSON is in.</summary>
    private static double QualityOfJson(IList<MediaTypeHeaderValue> accepted) =>
        accepted.Where(Json.IsSubsetOf).OrderBy(range => range.MatchesAllTypes ? 2 : range.MatchesAllSubTypes ? 1 : 0).FirstOrDefault() is { } range ? Quality(range) : 0;

    private static double Quality(MediaTypeHeaderValue range) => range.Quality ?? 1;
}
