using System.Text.Json.Serialization;

namespace Holdfast.Grains.Tasks;

/// <summary>Where a task stands. The last three are terminal, and final.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GenerationStatus>))]
public enum GenerationStatus
{
    /// <summary>Waits: for a place to run, for a worker, or for its next attempt.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>Is being worked on.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Waits for people to decide.</summary>
    [JsonStringEnumMemberName("awaiting_review")]
    AwaitingReview,

    /// <summary>Done.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Could not be done.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Was stopped.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>What a status means.</summary>
public static class GenerationStatusExtensions
{
    /// <summary>True for the three that are final.</summary>
    public static bool IsTerminal(this GenerationStatus status) => status is GenerationStatus.Completed or GenerationStatus.Failed or GenerationStatus.Cancelled;

    /// <summary>The name on the wire.</summary>
    public static string Wire(this GenerationStatus status) => status switch
    {
        GenerationStatus.Queued => "queued",
        GenerationStatus.Running => "running",
        GenerationStatus.AwaitingReview => "awaiting_review",
        GenerationStatus.Completed => "completed",
        GenerationStatus.Failed => "failed",
        GenerationStatus.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };
}
