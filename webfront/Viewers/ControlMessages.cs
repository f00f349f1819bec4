using System.Text.Json;

using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.WebFront.Problems;

namespace Holdfast.WebFront.Viewers;

/// <summary>The messages of a connection that are no events: they have no number and no time.</summary>
internal static class ControlMessages
{
    public static ControlMessage Connected(string taskId, string sessionId, DateTimeOffset now, TimeSpan heartbeat, string epoch, bool resumed) => Make("connected", writer =>
    {
        writer.WriteString("task_id"u8, taskId);
        writer.WriteString("session_id"u8, sessionId);
        writer.WriteString("server_time"u8, WireTime.Format(now));
        writer.WriteNumber("heartbeat_interval_ms"u8, (long)heartbeat.TotalMilliseconds);
        writer.WriteString("epoch"u8, epoch);
        writer.WriteBoolean("resumed"u8, resumed);
    });

    public static ControlMessage HistoryReset(string reason, string epoch) => Make("history_reset", writer =>
    {
        writer.WriteString("reason"u8, reason);
        writer.WriteString("epoch"u8, epoch);
    });

    public static ControlMessage CaughtUp(string cursor) => Make("caught_up", writer => writer.WriteString("cursor"u8, cursor));

    public static ControlMessage Closing(ViewerEnd end) => Make("closing", writer =>
    {
        writer.WriteNumber("code"u8, end.Code);
        writer.WriteString("reason"u8, end.Reason);
        writer.WriteString("retry"u8, end.Stop ? "stop" : "reconnect");
        if (end.RetryAfter is { } wait)
        {
            writer.WriteNumber("retry_after_ms"u8, (long)wait.TotalMilliseconds);
        }
    });

    /// <summary>What is wrong. Fatal: the connection ends with it.</summary>
    public static ControlMessage Error(Refusal refusal, bool fatal, CommandId id = default) => Make("error", writer =>
    {
        writer.WriteString("code"u8, refusal.Code);
        writer.WriteString("message"u8, refusal.Detail);
        if (refusal.Field is { } field)
        {
            writer.WriteString("field"u8, field);
        }

        writer.WriteBoolean("fatal"u8, fatal);
        Problem.WriteVerdict(writer, refusal, Verdict.Of(refusal.Code));
        id.Write(writer);
    });

    public static ControlMessage HeartbeatAck(JsonElement timestamp, DateTimeOffset now, string cursor, long lastSeq, CommandId id) => Make("heartbeat_ack", writer =>
    {
        if (timestamp.ValueKind != JsonValueKind.Undefined)
        {
            writer.WritePropertyName("timestamp"u8);
            timestamp.WriteTo(writer);
        }

        writer.WriteString("server_time"u8, WireTime.Format(now));
        writer.WriteString("cursor"u8, cursor);
        writer.WriteNumber("last_seq"u8, lastSeq);
        id.Write(writer);
    });

    public static ControlMessage Ok(CommandId id) => Make("ok", writer => id.Write(writer));

    /// <summary>A snapshot as a message.</summary>
    public static ControlMessage CurrentStatus(Action<Utf8JsonWriter> snapshot, CommandId id = default) => Make("current_status", writer =>
    {
        snapshot(writer);
        id.Write(writer);
    });

    private static ControlMessage Make(string type, Action<Utf8JsonWriter> members) => new(type, WireJson.Write(writer =>
    {
        writer.WriteString("type"u8, type);
        members(writer);
    }));
}

/// <summary>A message that is no event.</summary>
/// <param name="Type">Its type, which is also in <paramref name="Json"/>.</param>
/// <param name="Json">The message, one object.</param>
internal readonly record struct ControlMessage(string Type, ReadOnlyMemory<byte> Json);

/// <summary>The id that a client gave its command and gets back: a string, an integer, or none.</summary>
internal readonly record struct CommandId(JsonElement Value)
{
    public void Write(Utf8JsonWriter writer)
    {
        if (Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
        {
            writer.WritePropertyName("id"u8);
            Value.WriteTo(writer);
        }
    }
}

/// <summary>How the server ends a connection.</summary>
/// <param name="Code">Close code.</param>
/// <param name="Reason">A word for it.</param>
/// <param name="Stop">The verdict.</param>
/// <param name="RetryAfter">When to come back, or null.</param>
internal sealed record ViewerEnd(int Code, string Reason, bool Stop, TimeSpan? RetryAfter = null)
{
    /// <summary>The peer has gone, or has closed by itself: there is nobody to tell.</summary>
    public bool Silent { get; init; }

    /// <summary>The peer is owed all that was sent, however slowly it reads: it has as long as a peer may be silent, instead of the moment for a goodbye.</summary>
    public bool Patient { get; init; }

    /// <summary>What is said before <c>closing</c>, as an error; or null.</summary>
    public Refusal? Because { get; init; }

    /// <summary>The end of a refusal.</summary>
    public static ViewerEnd Of(Refusal refusal)
    {
        var verdict = Verdict.Of(refusal.Code);
        return new ViewerEnd(verdict.CloseCode, refusal.Code, verdict.Stop, refusal.RetryAfter ?? (verdict.Stop ? null : TimeSpan.FromSeconds(1))) { Because = refusal };
    }
}
