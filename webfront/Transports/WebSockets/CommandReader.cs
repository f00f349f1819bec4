using System.Text.Json;

using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Transports.WebSockets;

/// <summary>A command from a client, checked.</summary>
internal abstract record Command(CommandId Id)
{
    /// <summary>I am here.</summary>
    internal sealed record Heartbeat(CommandId Id, JsonElement Timestamp) : Command(Id);

    /// <summary>I have processed everything up to here.</summary>
    internal sealed record Ack(CommandId Id, Cursor Cursor) : Command(Id);

    /// <summary>How is the task?</summary>
    internal sealed record Status(CommandId Id) : Command(Id);

    /// <summary>Stop the task.</summary>
    internal sealed record Cancel(CommandId Id, string? Reason) : Command(Id);

    /// <summary>My decision.</summary>
    internal sealed record Review(CommandId Id, string ReviewId, string Decision, string? Comment, ReadOnlyMemory<byte> Edits) : Command(Id);

    /// <summary>Goodbye.</summary>
    internal sealed record Bye(CommandId Id) : Command(Id);
}

/// <summary>Reads commands. What is wrong gets one error, with the command's id where it can be told.</summary>
internal static class CommandReader
{
    /// <summary>Reads one message.</summary>
    /// <returns>The command, or what is wrong with it.</returns>
    public static (Command? Command, Refusal? Refusal, CommandId Id) Read(ReadOnlyMemory<byte> utf8)
    {
        JsonElement message;
        try
        {
            message = WireJson.Parse(utf8.Span);
        }
        catch (JsonException)
        {
            return Bad(default, FrontCodes.InvalidJson, "The message is not JSON; send one object per message.");
        }

        if (message.ValueKind != JsonValueKind.Object)
        {
            return Bad(default, FrontCodes.InvalidCommand, "A command is a JSON object with a 'type'.");
        }

        var id = default(CommandId);
        if (message.TryGetProperty("id", out var sent) && sent.ValueKind != JsonValueKind.Null)
        {
            if (!IsId(sent))
            {
                return Bad(default, FrontCodes.InvalidCommand, "'id' is a string of up to 64 characters, or an integer.", "id");
            }

            id = new CommandId(sent);
        }

        if (!message.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            return Bad(id, FrontCodes.InvalidCommand, "'type' is missing, or no string.", "type");
        }

        try
        {
            return (ReadFields(message, type.GetString()!, id), null, id);
        }
        catch (FieldException e)
        {
            return Bad(id, e.Code, e.Message, e.Field);
        }
    }

    private static Command ReadFields(JsonElement message, string type, CommandId id)
    {
        switch (type)
        {
            case "heartbeat":
                message.TryGetProperty("timestamp", out var timestamp);
                return timestamp.ValueKind is JsonValueKind.Undefined or JsonValueKind.Number or JsonValueKind.String or JsonValueKind.Null
                    ? new Command.Heartbeat(id, timestamp)
                    : throw new FieldException("timestamp", "'timestamp' is a number or a string.");
            case "ack":
                return new Command.Ack(id, Cursor.TryParse(Text(message, "cursor", 64, true), out var cursor) ? cursor
                    : throw new FieldException("cursor", "'cursor' is not <epoch>:<seq>.") { Code = FrontCodes.InvalidCursor });
            case "status":
                return new Command.Status(id);
            case "cancel":
                return new Command.Cancel(id, Text(message, "reason", 1000, false));
            case "review":
                var decision = Text(message, "decision", 16, true);
                if (decision is not ("approve" or "reject" or "revise"))
                {
                    throw new FieldException("decision", "'decision' is 'approve', 'reject' or 'revise'.");
                }

                var edits = message.TryGetProperty("edits", out var value) && value.ValueKind != JsonValueKind.Null
                    ? WireJson.Encode(value) : [];
                return new Command.Review(id, Text(message, "review_id", 64, true)!, decision, Text(message, "comment", 10_000, false), edits);
            case "bye":
                return new Command.Bye(id);
            default:
                throw new FieldException("type", "There is no such command; there are heartbeat, ack, status, cancel, review and bye.") { Code = FrontCodes.UnknownCommand };
        }
    }

    private static string? Text(JsonElement message, string name, int longest, bool required)
    {
        if (!message.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return required ? throw new FieldException(name, $"'{name}' is missing.") : null;
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= longest ? text
            : throw new FieldException(name, $"'{name}' is a string of up to {longest} characters.");
    }

    private static bool IsId(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.String => id.GetString()!.Length <= 64,
        JsonValueKind.Number => id.TryGetInt64(out _),
        _ => false,
    };

    private static (Command?, Refusal?, CommandId) Bad(CommandId id, string code, string detail, string? field = null) => (null, new Refusal(code, detail, field), id);

    private sealed class FieldException(string field, string message) : Exception(message)
    {
        public string Field { get; } = field;

        public string Code { get; init; } = FrontCodes.InvalidCommand;
    }
}
