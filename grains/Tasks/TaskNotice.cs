using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// A task has changed its status, or made progress: for lists and the monitor. It comes at most once, and perhaps never; whoever needs to be sure looks
/// at the store.
/// </summary>
/// <param name="TaskId">The task.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Owner">Its principal.</param>
/// <param name="Labels">Its creator's labels.</param>
/// <param name="Status">Its status.</param>
/// <param name="Before">Its status before: the same one when only its progress is new; null when the task is.</param>
/// <param name="Percent">How much of it is done; null when nobody has said.</param>
[GenerateSerializer, Immutable, Alias("holdfast.TaskNotice")]
public sealed record TaskNotice(
    [property: Id(0)] string TaskId,
    [property: Id(1)] string Kind,
    [property: Id(2)] string Owner,
    [property: Id(3)] Dictionary<string, string> Labels,
    [property: Id(4)] GenerationStatus Status,
    [property: Id(5)] GenerationStatus? Before,
    [property: Id(6)] double? Percent)
{
    /// <summary>The stream provider's name.</summary>
    public const string Provider = "holdfast";

    /// <summary>The one stream of notices.</summary>
    public static StreamId Stream => StreamId.Create("holdfast.tasks", "all");

    /// <summary>Whether the task has another status now.</summary>
    public bool ChangesStatus => Status != Before;

    /// <summary>
    /// By what a list finds the task now, and by what it found it before: one whose filter fits neither shows the same as it did.
    /// </summary>
    public IReadOnlyList<IReadOnlySet<LogTag>> Tags() => ChangesStatus && Before is { } before ? [TagsAs(Status), TagsAs(before)] : [TagsAs(Status)];

    private HashSet<LogTag> TagsAs(GenerationStatus status) => [.. TaskTags.Of(Kind, Owner, Labels, status)];
}
