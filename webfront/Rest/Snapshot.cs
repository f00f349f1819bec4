using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;

namespace Holdfast.WebFront.Rest;

/// <summary>A task's snapshot on the wire: committed state, wherever it is shown.</summary>
internal static class Snapshot
{
    /// <summary>A snapshot by itself.</summary>
    public static byte[] ToJson(LogState state, int viewers) => WireJson.Write(writer => Write(writer, state, TaskHead.Parse(state.Head.Span), viewers));

    /// <summary>The snapshot's members, into an object that is open.</summary>
    public static void Write(Utf8JsonWriter writer, LogState state, TaskHead head, int viewers)
    {
        writer.WriteString("task_id"u8, state.Id);
        writer.WriteString("kind"u8, head.Kind);
        writer.WriteString("status"u8, head.Status.Wire());
        WriteProgress(writer, head.Progress);
        writer.WriteString("epoch"u8, state.Epoch);
        writer.WriteNumber("first_seq"u8, 1);
        writer.WriteNumber("last_seq"u8, state.LastSeq);
        writer.WriteNumber("attempt"u8, head.Attempt);
        writer.WriteNumber("max_attempts"u8, head.MaxAttempts);
        WriteTime(writer, "created_at"u8, head.CreatedAt);
        WriteTime(writer, "started_at"u8, head.StartedAt);
        WriteTime(writer, "updated_at"u8, head.UpdatedAt);
        WriteTime(writer, "finished_at"u8, head.FinishedAt);
        writer.WriteString("owner"u8, head.Owner);
        writer.WriteString("silo"u8, head.Silo?.Split('@')[0]);
        writer.WriteStartObject("labels"u8);
        foreach (var (name, value) in head.Labels)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
        writer.WriteNumber("viewers"u8, viewers);
        WriteOnDisconnect(writer, head.OnDisconnect);
        writer.WriteString("retry_of"u8, head.RetryOf);
        WriteReview(writer, head.PendingReview);
        WriteError(writer, head.Error);
        var self = "/api/v1/tasks/" + state.Id;
        writer.WriteStartObject("links"u8);
        writer.WriteString("self"u8, self);
        writer.WriteString("events"u8, self + "/events");
        writer.WriteString("ws"u8, "/api/v1/ws/" + state.Id);
        writer.WriteString("result"u8, self + "/result");
        writer.WriteEndObject();
    }

    private static void WriteProgress(Utf8JsonWriter writer, Progress? progress)
    {
        writer.WriteStartObject("progress"u8);
        WriteNumber(writer, "percent"u8, progress?.Percent);
        writer.WriteString("stage"u8, progress?.Stage);
        writer.WriteString("message"u8, progress?.Message);
        WriteNumber(writer, "current"u8, progress?.Current);
        WriteNumber(writer, "total"u8, progress?.Total);
        writer.WriteEndObject();
    }

    private static void WriteOnDisconnect(Utf8JsonWriter writer, OnDisconnect? policy)
    {
        writer.WriteStartObject("on_disconnect"u8);
        if (policy is not null)
        {
            writer.WriteString("policy"u8, "cancel"u8);
            writer.WriteString("after"u8, policy.After);
        }
        else
        {
            writer.WriteString("policy"u8, "continue"u8);
        }

        writer.WriteEndObject();
    }

    private static void WriteReview(Utf8JsonWriter writer, PendingReview? review)
    {
        if (review is null)
        {
            writer.WriteNull("pending_review"u8);
            return;
        }

        writer.WriteStartObject("pending_review"u8);
        writer.WriteString("review_id"u8, review.ReviewId);
        writer.WriteString("prompt"u8, review.Prompt);
        writer.WritePropertyName("payload"u8);
        review.Payload.WriteTo(writer);
        WriteTime(writer, "expires_at"u8, review.ExpiresAt);
        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, TaskError? error)
    {
        if (error is null)
        {
            writer.WriteNull("error"u8);
            return;
        }

        writer.WriteStartObject("error"u8);
        writer.WriteString("code"u8, error.Code);
        writer.WriteString("message"u8, error.Message);
        writer.WriteBoolean("retryable"u8, error.Retryable);
        writer.WriteEndObject();
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

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
