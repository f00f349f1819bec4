using System.Text.Json;

using Holdfast.Grains.Sessions;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Rest;

/// <summary>
/// <c>POST /api/v1/cleanup</c>, for <c>navigator.sendBeacon</c>: a page says goodbye while it is torn down. It can't look at an answer and must not be
/// held up, so this one is always the same.
/// </summary>
internal static class Cleanup
{
    public static async Task<JsonResult> HandleAsync(HttpContext http, FrontContext front)
    {
        var ended = false;
        try
        {
            if (await SessionIdAsync(http) is { } session)
            {
                ended = await front.Grains.GetGrain<ISessionGrain>(session).EndAsync().WaitAsync(front.Options.CloseWait, front.Clock);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var level = front.Away(e);
            ViewerLog.CleanupFailed(front.Logger, level, e);
        }

        return new JsonResult(WireJson.Write(writer =>
        {
            writer.WriteBoolean("success"u8, true);
            writer.WriteString("message"u8, ended ? "the session has ended" : "nothing to clean up");
        }));
    }

    private static async Task<string?> SessionIdAsync(HttpContext http)
    {
        try
        {
            var body = WireJson.Parse((await BodyReader.ReadAsync(http, 64 << 10)).Span);
            return body.ValueKind == JsonValueKind.Object && body.TryGetProperty("session_id", out var id) && id.ValueKind == JsonValueKind.String
                && SessionIds.IsValid(id.GetString()) ? id.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or ProblemException or BadHttpRequestException)
        {
            return null;
        }
    }
}
