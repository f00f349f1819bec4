using System.Globalization;
using System.Text.Json;

using Holdfast.Grains;
using Holdfast.WebFront.Rest;
using Microsoft.AspNetCore.WebUtilities;

namespace Holdfast.WebFront.Problems;

/// <summary>A refusal as an HTTP answer: RFC 9457, with our code, the field, and the verdict.</summary>
internal sealed class Problem(Refusal refusal) : IResult
{
    public const string ContentType = "application/problem+json";

    /// <summary>A refusal of the front's own.</summary>
    public static Problem Of(string code, string detail, string? field = null, TimeSpan? retryAfter = null) => new(new Refusal(code, detail, field, retryAfter));

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var verdict = Verdict.Of(refusal.Code);
        var response = httpContext.Response;
        response.StatusCode = verdict.Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter(refusal, verdict) is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        await response.WriteWholeAsync(ToJson(refusal, Paths.Asked(httpContext.Request)));
    }

    /// <summary>The body: also the data of an SSE refusal.</summary>
    public static byte[] ToJson(Refusal refusal, string? instance)
    {
        var verdict = Verdict.Of(refusal.Code);
        return WireJson.Write(writer =>
        {
            writer.WriteString("type"u8, "urn:holdfast:problem:" + refusal.Code);
            writer.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(verdict.Status));
            writer.WriteNumber("status"u8, verdict.Status);
            writer.WriteString("code"u8, refusal.Code);
            writer.WriteString("detail"u8, refusal.Detail);
            if (refusal.Field is { } field)
            {
                writer.WriteString("field"u8, field);
            }

            if (instance is not null)
            {
                writer.WriteString("instance"u8, instance);
            }

            WriteVerdict(writer, refusal, verdict);
        });
    }

    /// <summary>The verdict as it stands in every refusal.</summary>
    public static void WriteVerdict(Utf8JsonWriter writer, Refusal refusal, Verdict verdict)
    {
        writer.WriteString("retry"u8, verdict.Retry);
        if (RetryAfter(refusal, verdict) is { } wait)
        {
            writer.WriteNumber("retry_after_ms"u8, (long)wait.TotalMilliseconds);
        }
    }

    /// <summary>How long to wait, where waiting helps.</summary>
    private static TimeSpan? RetryAfter(Refusal refusal, Verdict verdict) => refusal.RetryAfter ?? (verdict.Stop ? null : TimeSpan.FromSeconds(1));
}
