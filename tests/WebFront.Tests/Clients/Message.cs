using System.Text.Json;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>What a viewer got: an event or a control message, as its bytes say and as they were.</summary>
/// <param name="Raw">The text as it came.</param>
internal sealed record Message(string Raw)
{
    /// <summary>The same, read.</summary>
    public JsonElement Json { get; } = JsonElement.Parse(Raw);

    /// <summary>Its type.</summary>
    public string Type => Json.GetProperty("type").GetString()!;

    /// <summary>True for events, false for control messages.</summary>
    public bool IsEvent => Json.TryGetProperty("seq", out _);

    /// <summary>The event's number, 0 for control messages.</summary>
    public long Seq => Json.TryGetProperty("seq", out var seq) ? seq.GetInt64() : 0;

    /// <summary>The first event's number of a merged one.</summary>
    public long SeqFrom => Json.TryGetProperty("seq_from", out var from) ? from.GetInt64() : Seq;

    /// <summary>The event's data.</summary>
    public JsonElement Data => Json.GetProperty("data");

    /// <summary>A member, null when it is not there or null.</summary>
    public string? Text(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>True for the last event of a task.</summary>
    public bool IsTerminal => IsEvent && Type is "completed" or "failed" or "cancelled";
}
