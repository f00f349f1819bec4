using System.Text.Json;
using System.Text.Json.Serialization;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// All durable state of a task besides its events: the head of its log. Immutable; <see cref="TaskMachine"/> makes the next one.
/// Stored as JSON of its own, so that a rename elsewhere can't make a task unreadable.
/// </summary>
public sealed record TaskHead
{
    /// <summary>What kind of work, and so which generator or which workers.</summary>
    public required string Kind { get; init; }

    /// <summary>The principal that created it.</summary>
    public required string Owner { get; init; }

    /// <summary>Free names and values of its creator.</summary>
    public SortedDictionary<string, string> Labels { get; init; } = [];

    /// <summary>How many attempts may fail.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>What happens when the last viewer is gone; null: the task goes on.</summary>
    public OnDisconnect? OnDisconnect { get; init; }

    /// <summary>The task of which this is another try.</summary>
    public string? RetryOf { get; init; }

    /// <summary>Digest of the request that created it: tells a repetition from a conflict.</summary>
    public required string RequestDigest { get; init; }

    /// <summary>The log that holds its idempotency key, when it was created with one.</summary>
    public string? Claim { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When work first started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When this head was made; never goes back.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Where it stands.</summary>
    public GenerationStatus Status { get; init; }

    /// <summary>The attempt that runs or will run, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Interruptions in a row without a new checkpoint.</summary>
    public int Interruptions { get; init; }

    /// <summary>The next attempt starts no earlier.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The last progress that was told.</summary>
    public Progress? Progress { get; init; }

    /// <summary>Number of the first <c>started</c> event, 0 before it.</summary>
    public long FirstStarted { get; init; }

    /// <summary>Number of the last event that the checkpoint covers, 0 without one.</summary>
    public long CheckpointSeq { get; init; }

    /// <summary>The checkpoint, where it is small; a larger one is the log's blob <see cref="TaskBlobs.Checkpoint"/>.</summary>
    public JsonElement? Checkpoint { get; init; }

    /// <summary>The checkpoint is in the blob.</summary>
    public bool LargeCheckpoint { get; init; }

    /// <summary>Every <c>supersedes_after</c> in the log, ascending: places across which compact replay never merges.</summary>
    public long[] Cuts { get; init; } = [];

    /// <summary>At or below this number compact replay merges nothing: what was dropped from <see cref="Cuts"/> to keep it bounded.</summary>
    public long CutsDroppedUpTo { get; init; }

    /// <summary>The silo incarnation that writes the log; null when it was handed over.</summary>
    public string? Silo { get; init; }

    /// <summary>The worker that has it.</summary>
    public WorkerLease? Lease { get; init; }

    /// <summary>The lease that ended the task: its repetition is answered as the first time.</summary>
    public string? EndedByLease { get; init; }

    /// <summary>Number of the oldest event whose key is still known, 0 when none has one.</summary>
    public long KeysFrom { get; init; }

    /// <summary>A cancel that the worker has been told of.</summary>
    public CancelRequest? CancelRequested { get; init; }

    /// <summary>The decision that is waited for.</summary>
    public PendingReview? PendingReview { get; init; }

    /// <summary>Decisions made, by their key.</summary>
    public SortedDictionary<string, ResolvedReview> Reviews { get; init; } = [];

    /// <summary>Somebody has watched it; kept only where <see cref="OnDisconnect"/> needs to know.</summary>
    public bool Watched { get; init; }

    /// <summary>Why it failed.</summary>
    public TaskError? Error { get; init; }

    /// <summary>The result is the log's blob <see cref="TaskBlobs.Result"/>; otherwise it is in the last event.</summary>
    public bool LargeResult { get; init; }

    /// <summary>Size of the history in bytes when this head was made.</summary>
    public long HistoryBytes { get; init; }

    /// <summary>True when nothing can follow.</summary>
    [JsonIgnore]
    public bool IsTerminal => Status.IsTerminal();

    /// <summary>Where a broken try begins: what the last checkpoint covers, or the first start.</summary>
    [JsonIgnore]
    public long SupersedesAfter => CheckpointSeq > 0 ? CheckpointSeq : FirstStarted;

    /// <summary>The bytes that are stored.</summary>
    public byte[] ToBytes() => EventJson.Encode(this, TaskJson.Default.TaskHead);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static TaskHead Parse(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize(bytes, TaskJson.Default.TaskHead) ?? throw new InvalidDataException("A task's head is empty.");
}

/// <summary>Names of a task log's blobs.</summary>
public static class TaskBlobs
{
    /// <summary>What the task was created with.</summary>
    public const string Input = "input";

    /// <summary>A result too large for its event.</summary>
    public const string Result = "result";

    /// <summary>A checkpoint too large for the head.</summary>
    public const string Checkpoint = "checkpoint";
}

/// <summary>What happens when the last viewer is gone: <c>{"policy":"cancel","after":"60s"}</c>.</summary>
/// <param name="CancelAfter">How long nobody may watch before the task is cancelled.</param>
/// <param name="After">The same as its creator wrote it.</param>
[GenerateSerializer, Immutable, Alias("holdfast.OnDisconnect")]
public sealed record OnDisconnect([property: Id(0)] TimeSpan CancelAfter, [property: Id(1)] string After);

/// <summary>Why a task failed.</summary>
/// <param name="Code">Stable, in snake_case.</param>
/// <param name="Message">For people.</param>
/// <param name="Retryable">Whether another attempt can help.</param>
[GenerateSerializer, Immutable, Alias("holdfast.TaskError")]
public sealed record TaskError([property: Id(0)] string Code, [property: Id(1)] string Message, [property: Id(2)] bool Retryable);

/// <summary>An external worker's hold on a task.</summary>
/// <param name="Id">The secret that the worker shows.</param>
/// <param name="Worker">Who it is.</param>
/// <param name="ExpiresAt">When it is lost unless renewed.</param>
public sealed record WorkerLease(string Id, string Worker, DateTimeOffset ExpiresAt);

/// <summary>A cancel that waits for the worker to wind up.</summary>
/// <param name="Reason">Why, or null.</param>
/// <param name="By">Who.</param>
/// <param name="Deadline">When it is cancelled without the worker.</param>
public sealed record CancelRequest(string? Reason, string By, DateTimeOffset Deadline);

/// <summary>A decision that is waited for.</summary>
/// <param name="ReviewId">Names it outside.</param>
/// <param name="Key">Names it for the generator.</param>
/// <param name="Prompt">The question.</param>
/// <param name="Payload">What is to be looked at.</param>
/// <param name="ExpiresAt">When it is decided by <paramref name="OnExpire"/>; null for never.</param>
/// <param name="OnExpire">How.</param>
/// <param name="ExpiresIn">How long it was to be waited for; null for ever, and where that was not kept.</param>
public sealed record PendingReview(
    string ReviewId, string Key, string Prompt, JsonElement Payload, DateTimeOffset? ExpiresAt, ReviewExpiry OnExpire, TimeSpan? ExpiresIn = null);

/// <summary>A decision that was made.</summary>
/// <param name="ReviewId">Which.</param>
/// <param name="Key">Its name for the generator.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Comment">A remark, or null.</param>
/// <param name="Edits">Changes, or null.</param>
/// <param name="By">Who.</param>
/// <param name="At">When.</param>
public sealed record ResolvedReview(string ReviewId, string Key, ReviewDecision Decision, string? Comment, JsonElement? Edits, string By, DateTimeOffset At);
