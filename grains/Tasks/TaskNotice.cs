namespace Holdfast.Grains.Tasks;

/// <summary>A task has changed its status: for lists and the monitor. At most once; whoever needs to be sure looks at the store.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Owner">Its principal.</param>
/// <param name="Status">Its status on the wire.</param>
[GenerateSerializer, Immutable, Alias("holdfast.TaskNotice")]
public sealed record TaskNotice([property: Id(0)] string TaskId, [property: Id(1)] string Kind, [property: Id(2)] string Owner, [property: Id(3)] string Status)
{
    /// <summary>The stream provider's name.</summary>
    public const string Provider = "holdfast";

    /// <summary>The one stream of notices.</summary>
    public static StreamId Stream => StreamId.Create("holdfast.tasks", "all");
}
