using System.Buffers;
using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;

namespace Holdfast.Grains.Tasks;

/// <summary>The events that only the platform writes.</summary>
internal static class PlatformEvents
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JsonText.Encoder, SkipValidation = true };

    public static EventDraft Created(string kind, IReadOnlyDictionary<string, string> labels) => Draft(EventTypes.Created, writer =>
    {
        writer.WriteString("kind"u8, kind);
        writer.WriteStartObject("labels"u8);
        foreach (var (name, value) in labels)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
    });

    public static EventDraft Started(int attempt, string worker) => Draft(EventTypes.Started, writer =>
    {
        writer.WriteNumber("attempt"u8, attempt);
        writer.WriteString("worker"u8, worker);
    });

    public static EventDraft Retrying(int attempt, string reason, TimeSpan delay, long supersedesAfter) => Draft(EventTypes.Retrying, writer =>
    {
        writer.WriteNumber("attempt"u8, attempt);
        writer.WriteString("reason"u8, reason);
        writer.WriteNumber("delay_ms"u8, (long)delay.TotalMilliseconds);
        writer.WriteNumber("supersedes_after"u8, supersedesAfter);
    });

    public static EventDraft ReviewRequired(PendingReview review) => Draft(EventTypes.ReviewRequired, writer =>
    {
        writer.WriteString("review_id"u8, review.ReviewId);
        writer.WriteString("prompt"u8, review.Prompt);
        WriteElement(writer, "payload"u8, review.Payload);
        WriteTime(writer, "expires_at"u8, review.ExpiresAt);
    });

    public static EventDraft ReviewResolved(ResolvedReview review) => Draft(EventTypes.ReviewResolved, writer =>
    {
        writer.WriteString("review_id"u8, review.ReviewId);
        writer.WriteString("decision"u8, Wire(review.Decision));
        writer.WriteString("comment"u8, review.Comment);
        WriteElement(writer, "edits"u8, review.Edits);
        writer.WriteString("by"u8, review.By);
    });

    /// <summary>The result as raw JSON, or its size where it is too large to be in the event.</summary>
    public static EventDraft Completed(ReadOnlySpan<byte> result, bool inline)
    {
        var buffer = new ArrayBufferWriter<byte>(inline ? result.Length + 16 : 64);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        writer.WritePropertyName("result"u8);
        if (inline)
        {
            writer.WriteRawValue(result, skipInputValidation: true);
        }
        else
        {
            writer.WriteNullValue();
            writer.WriteNumber("result_bytes"u8, result.Length);
        }

        writer.WriteEndObject();
        writer.Flush();
        return new EventDraft(EventTypes.Completed, buffer.WrittenMemory);
    }

    public static EventDraft Failed(TaskError error) => Draft(EventTypes.Failed, writer =>
    {
        writer.WriteStartObject("error"u8);
        writer.WriteString("code"u8, error.Code);
        writer.WriteString("message"u8, error.Message);
        writer.WriteBoolean("retryable"u8, error.Retryable);
        writer.WriteEndObject();
    });

    public static EventDraft Cancelled(string? reason, string by) => Draft(EventTypes.Cancelled, writer =>
    {
        writer.WriteString("reason"u8, reason);
        writer.WriteString("by"u8, by);
    });

    public static string Wire(ReviewDecision decision) => decision switch
    {
        ReviewDecision.Approve => "approve",
        ReviewDecision.Reject => "reject",
        ReviewDecision.Revise => "revise",
        _ => throw new ArgumentOutOfRangeException(nameof(decision), decision, null),
    };

    private static EventDraft Draft(string type, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
        writer.Flush();
        return new EventDraft(type, buffer.WrittenMemory);
    }

    private static void WriteElement(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonElement? value)
    {
        writer.WritePropertyName(name);
        if (value is { ValueKind: not JsonValueKind.Undefined } element)
        {
            element.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            writer.WriteString(name, WireTime.Format(value));
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
