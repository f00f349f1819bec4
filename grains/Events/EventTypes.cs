namespace Holdfast.Grains.Events;

/// <summary>The types of events; the wire protocol's section 2.</summary>
public static class EventTypes
{
    /// <summary>Always the first event.</summary>
    public const string Created = "created";

    /// <summary>Work starts, or starts again.</summary>
    public const string Started = "started";

    /// <summary>How far the work is.</summary>
    public const string Progress = "progress";

    /// <summary>A piece of streamed text.</summary>
    public const string Token = "token";

    /// <summary>A concept, a section, a sub-step.</summary>
    public const string Item = "item";

    /// <summary>How far a group of items is.</summary>
    public const string Batch = "batch";

    /// <summary>A structured partial result.</summary>
    public const string Artifact = "artifact";

    /// <summary>What the generator is doing.</summary>
    public const string Debug = "debug";

    /// <summary>Steering from outside.</summary>
    public const string Input = "input";

    /// <summary>People are asked for a decision.</summary>
    public const string ReviewRequired = "review_required";

    /// <summary>A decision was made.</summary>
    public const string ReviewResolved = "review_resolved";

    /// <summary>The work will go on from the last checkpoint.</summary>
    public const string Retrying = "retrying";

    /// <summary>Terminal: it is done.</summary>
    public const string Completed = "completed";

    /// <summary>Terminal: it could not be done.</summary>
    public const string Failed = "failed";

    /// <summary>Terminal: somebody stopped it.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>True for the last event of a task.</summary>
    public static bool IsTerminal(string type) => type is Completed or Failed or Cancelled;

    /// <summary>True for types that only the platform writes.</summary>
    public static bool IsPlatform(string type) =>
        type is Created or Started or Retrying or ReviewRequired or ReviewResolved or Input or Completed or Failed or Cancelled;

    /// <summary>True for types that a generator or a worker may append under their own names.</summary>
    public static bool IsCustom(string type) => type.Length is > 2 and <= 64 && type.Contains('.', StringComparison.Ordinal) && !type.AsSpan().ContainsAnyExcept(CustomCharacters);

    private static readonly System.Buffers.SearchValues<char> CustomCharacters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");
}
