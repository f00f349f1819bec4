using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Grains.Events;

/// <summary>
/// An event that has no number and no time yet: its type, and its data already encoded as compact JSON.
/// The task's log adds the rest around these bytes, so that nothing is encoded twice.
/// </summary>
public readonly record struct EventDraft
{
    internal EventDraft(string type, ReadOnlyMemory<byte> data, Progress? progress = null)
    {
        Type = type;
        Data = data;
        Progress = progress;
    }

    /// <summary>The event's type; see <see cref="EventTypes"/>.</summary>
    public string Type { get; }

    /// <summary>The event's <c>data</c>, compact JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>For <c>progress</c> events, what <see cref="Data"/> says: the percentage is clamped before encoding, so it stays a value until then.</summary>
    internal Progress? Progress { get; }

    /// <summary>How far the work is. The percentage never goes back within an attempt.</summary>
    public static EventDraft ProgressOf(double? percent, string? stage = null, string? message = null, long? current = null, long? total = null) =>
        new(EventTypes.Progress, default, new Progress(percent, stage, message, current, total));

    /// <summary>A piece of streamed text.</summary>
    /// <param name="channel">Which text it belongs to: a section, a message.</param>
    /// <param name="delta">The piece.</param>
    public static EventDraft Token(string channel, string delta) => new(EventTypes.Token, EventJson.Encode(new TokenData(channel, delta), EventJson.Default.TokenData));

    /// <summary>A concept, a section, a sub-step.</summary>
    public static EventDraft Item(string itemId, string title, ItemStatus status, string? parent = null, JsonElement data = default) =>
        new(EventTypes.Item, EventJson.Encode(new ItemData(itemId, title, status, parent, data.ValueKind == JsonValueKind.Undefined ? null : data), EventJson.Default.ItemData));

    /// <summary>How far a group of items is.</summary>
    public static EventDraft Batch(string batch, int of, int done, int failed, int total) =>
        new(EventTypes.Batch, EventJson.Encode(new BatchData(batch, of, done, failed, total), EventJson.Default.BatchData));

    /// <summary>A structured partial result; a later one of the same name replaces it.</summary>
    public static EventDraft Artifact(string name, string contentType, JsonElement value) =>
        new(EventTypes.Artifact, EventJson.Encode(new ArtifactData(name, contentType, value), EventJson.Default.ArtifactData));

    /// <summary>What the generator is doing, for those who look under the bonnet.</summary>
    public static EventDraft Debug(string message, string level = "info") => new(EventTypes.Debug, EventJson.Encode(new DebugData(message, level), EventJson.Default.DebugData));

    /// <summary>An event of the generator's own, with a dot in its type: <c>roadmap.stage</c>.</summary>
    /// <exception cref="ArgumentException">The type has no dot, or characters other than <c>a-z0-9._-</c>.</exception>
    public static EventDraft Custom(string type, JsonElement data) =>
        EventTypes.IsCustom(type) ? new(type, EventJson.Encode(data, EventJson.Default.JsonElement))
            : throw new ArgumentException($"'{type}' is no type of one's own: use a-z0-9._- with a dot in it.", nameof(type));
}

/// <summary>How far the work is.</summary>
/// <param name="Percent">0 to 100, or null when unknown.</param>
/// <param name="Stage">What is being done, as a word.</param>
/// <param name="Message">The same for people.</param>
/// <param name="Current">Units done.</param>
/// <param name="Total">Units in all.</param>
public sealed record Progress(double? Percent, string? Stage, string? Message, long? Current, long? Total);

/// <summary>State of an item.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ItemStatus>))]
public enum ItemStatus
{
    /// <summary>Being worked on.</summary>
    [JsonStringEnumMemberName("started")]
    Started,

    /// <summary>Done.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Given up.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

internal sealed record TokenData(string Channel, string Delta);

internal sealed record ItemData(string ItemId, string Title, ItemStatus Status, string? Parent, JsonElement? Data);

internal sealed record BatchData(string Batch, int Of, int Done, int Failed, int Total);

internal sealed record ArtifactData(string Name, string ContentType, JsonElement Value);

internal sealed record DebugData(string Message, string Level);
