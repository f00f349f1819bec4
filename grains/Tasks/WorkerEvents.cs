using System.Buffers;
using System.Text.Json;

using Holdfast.Grains.Events;

namespace Holdfast.Grains.Tasks;

/// <summary>Turns what an external worker sent into events, and answers into what a worker reads.</summary>
internal static class WorkerEvents
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JsonText.Encoder };

    /// <summary>Reads one event. Known types have to have their fields; the data is written anew, compact.</summary>
    /// <exception cref="RefusedException">The type is the platform's or malformed, or a field is.</exception>
    public static EventDraft Read(WorkerEvent sent, int index)
    {
        var at = $"events[{index}]";
        var data = Json.Parse(sent.Data);
        if (data.ValueKind != JsonValueKind.Object)
        {
            throw Bad(at + ".data", "An event's data is an object.");
        }

        switch (sent.Type)
        {
            case EventTypes.Progress:
                return EventDraft.ProgressOf(
                    Number(data, "percent", at), Text(data, "stage", at, false), Text(data, "message", at, false), Whole(data, "current", at), Whole(data, "total", at));
            case EventTypes.Token:
                return EventDraft.Token(Text(data, "channel", at, true)!, Text(data, "delta", at, true)!);
            case EventTypes.Item:
                Text(data, "item_id", at, true);
                var status = Text(data, "status", at, true);
                if (status is not ("started" or "completed" or "failed"))
                {
                    throw Bad(at + ".data.status", "The status is 'started', 'completed' or 'failed'.");
                }

                break;
            case EventTypes.Batch:
                if (!data.TryGetProperty("batch", out var batch) || batch.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
                {
                    throw Bad(at + ".data.batch", "'batch' is a string or a number.");
                }

                break;
            case EventTypes.Artifact:
                Text(data, "name", at, true);
                break;
            case EventTypes.Debug:
                Text(data, "message", at, true);
                break;
            default:
                if (!EventTypes.IsCustom(sent.Type))
                {
                    throw new RefusedException(new Refusal(
                        RefusalCodes.ReservedType,
                        EventTypes.IsPlatform(sent.Type) ? $"'{sent.Type}' is written by the platform only." : $"'{sent.Type}' is no type of one's own: use a-z0-9._- with a dot in it.",
                        at + ".type"));
                }

                break;
        }

        return new EventDraft(sent.Type, EventJson.Encode(data, EventJson.Default.JsonElement));
    }

    /// <summary>The decision that a worker may have waited for, as an object: the last one made.</summary>
    public static byte[] Review(IEnumerable<ResolvedReview> reviews)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        var review = reviews.MaxBy(one => one.At)!;
        writer.WriteStartObject();
        writer.WriteString("review_id", review.ReviewId);
        writer.WriteString("key", review.Key);
        writer.WriteString("decision", PlatformEvents.Wire(review.Decision));
        writer.WriteString("comment", review.Comment);
        writer.WritePropertyName("edits");
        if (review.Edits is { } edits)
        {
            edits.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteString("by", review.By);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string? Text(JsonElement data, string name, string at, bool required)
    {
        if (data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        return value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null && !required ? null : throw Bad($"{at}.data.{name}", $"'{name}' is a string.");
    }

    private static double? Number(JsonElement data, string name, string at)
    {
        if (!data.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : throw Bad($"{at}.data.{name}", $"'{name}' is a number.");
    }

    private static long? Whole(JsonElement data, string name, string at)
    {
        if (!data.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : throw Bad($"{at}.data.{name}", $"'{name}' is a whole number.");
    }

    private static RefusedException Bad(string field, string detail) => new(new Refusal(RefusalCodes.InvalidEvent, detail, field));
}
