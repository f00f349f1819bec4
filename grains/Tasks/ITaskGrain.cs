using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;

using Orleans.Concurrency;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// One generation task: its state machine, its sequence, the only writer of its log. Key: the task's id.
/// Every call that changes something may be repeated: a time-out means "outcome unknown".
/// The calls of fronts and viewers interleave with all others: none of them waits for anything, so none is held up by a slow store.
/// </summary>
[Alias("holdfast.ITaskGrain")]
public interface ITaskGrain : IGrainWithStringKey
{
    /// <summary>Creates the task. Answers when its first event is durable; the same request again gets the same task.</summary>
    [Alias("create")]
    Task<TaskReply> CreateAsync(NewTask task);

    /// <summary>The committed state.</summary>
    [Alias("get"), AlwaysInterleave]
    Task<TaskReply> GetAsync();

    /// <summary>Makes sure that a task which is not terminal is being worked on: what recovery calls.</summary>
    /// <param name="caller">The silo incarnation that calls. It does not write the task, even where the log's head names it: it has lost the log.</param>
    /// <returns>True when it is being worked on, or has ended; false when somebody else has to be asked.</returns>
    [Alias("touch")]
    Task<bool> TouchAsync(string caller);

    /// <summary>A front watches from now on: it gets every batch, acknowledged, one in flight, until its lease runs out.</summary>
    [Alias("watch"), AlwaysInterleave, ResponseTimeout("00:00:01")]
    Task<WatchReply> WatchAsync(FrontWatch watch);

    /// <summary>Extends a front's lease and says where the log stands.</summary>
    [Alias("renew"), AlwaysInterleave, ResponseTimeout("00:00:01")]
    Task<WatchReply> RenewAsync(FrontRenewal renewal);

    /// <summary>A front watches no more.</summary>
    [Alias("unwatch"), AlwaysInterleave]
    Task UnwatchAsync(string front);

    /// <summary>A viewer has come to a front.</summary>
    [Alias("join"), AlwaysInterleave]
    Task JoinAsync(string front, string session);

    /// <summary>A viewer has left a front.</summary>
    [Alias("leave"), AlwaysInterleave]
    Task LeaveAsync(string front, string session);

    /// <summary>Stops the task, before, during or after its work.</summary>
    [Alias("cancel")]
    Task<TaskReply> CancelAsync(string? reason, string by);

    /// <summary>Decides a review.</summary>
    [Alias("review")]
    Task<TaskReply> ReviewAsync(ReviewDecided decided);

    /// <summary>Deletes a terminal task with its history.</summary>
    [Alias("delete")]
    Task<TaskReply> DeleteAsync();

    /// <summary>An external worker takes the task.</summary>
    [Alias("lease")]
    Task<LeaseReply> LeaseAsync(string worker);

    /// <summary>The worker is still at it.</summary>
    [Alias("renewlease")]
    Task<LeaseReply> RenewLeaseAsync(string lease, ReadOnlyMemory<byte> checkpoint);

    /// <summary>The worker appends events, all or nothing.</summary>
    [Alias("append")]
    Task<WorkerReply> AppendAsync(WorkerAppend append);

    /// <summary>The worker asks for a decision.</summary>
    [Alias("askreview")]
    Task<WorkerReply> AskReviewAsync(WorkerReview review);

    /// <summary>The worker is done.</summary>
    [Alias("complete")]
    Task<TaskReply> CompleteAsync(string lease, ReadOnlyMemory<byte> result);

    /// <summary>The worker gives this attempt up.</summary>
    [Alias("fail")]
    Task<TaskReply> FailAsync(string lease, TaskError error);
}

/// <summary>A task to create. The web front has checked everything but the input, which its generator checks.</summary>
[GenerateSerializer, Immutable, Alias("holdfast.NewTask")]
public sealed record NewTask
{
    /// <summary>What kind of work.</summary>
    [Id(0)]
    public required string Kind { get; init; }

    /// <summary>The input, a JSON object.</summary>
    [Id(1)]
    public required ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The principal that creates it.</summary>
    [Id(2)]
    public required string Owner { get; init; }

    /// <summary>Names and values of the creator's.</summary>
    [Id(3)]
    public required Dictionary<string, string> Labels { get; init; }

    /// <summary>How many attempts may fail; null for the default.</summary>
    [Id(4)]
    public int? MaxAttempts { get; init; }

    /// <summary>What happens when the last viewer is gone; null: it goes on.</summary>
    [Id(5)]
    public OnDisconnect? OnDisconnect { get; init; }

    /// <summary>The task of which this is another try.</summary>
    [Id(6)]
    public string? RetryOf { get; init; }

    /// <summary>Digest of the request: tells a repetition from a conflict.</summary>
    [Id(7)]
    public required string RequestDigest { get; init; }

    /// <summary>The log that holds the idempotency key.</summary>
    [Id(8)]
    public string? Claim { get; init; }
}

/// <summary>A task's committed state, or why not.</summary>
/// <param name="Refusal">Why not; null when it went well.</param>
/// <param name="State">The log's durable state.</param>
/// <param name="Viewers">Open connections on all fronts.</param>
/// <param name="Created">This call made the task.</param>
/// <param name="OtherClaim">The idempotency key stands for another task: that one has to be asked.</param>
[GenerateSerializer, Immutable, Alias("holdfast.TaskReply")]
public sealed record TaskReply(
    [property: Id(0)] Refusal? Refusal,
    [property: Id(1)] LogState? State,
    [property: Id(2)] int Viewers = 0,
    [property: Id(3)] bool Created = false,
    [property: Id(4)] Claim? OtherClaim = null)
{
    /// <summary>The idempotency key is another task's.</summary>
    public static TaskReply Claimed(Claim claim) => new(null, null, OtherClaim: claim);

    /// <summary>A refusal as an answer.</summary>
    public static TaskReply Refused(Refusal refusal) => new(refusal, null);
}

/// <summary>A decision on a review.</summary>
/// <param name="ReviewId">Which.</param>
/// <param name="Decision"><c>approve</c>, <c>reject</c> or <c>revise</c>.</param>
/// <param name="Comment">A remark, or null.</param>
/// <param name="Edits">Changes as JSON; empty for none.</param>
/// <param name="By">The principal.</param>
[GenerateSerializer, Immutable, Alias("holdfast.ReviewDecided")]
public sealed record ReviewDecided(
    [property: Id(0)] string ReviewId,
    [property: Id(1)] string Decision,
    [property: Id(2)] string? Comment,
    [property: Id(3)] ReadOnlyMemory<byte> Edits,
    [property: Id(4)] string By);

/// <summary>What a worker gets with a lease or a renewal.</summary>
/// <param name="Refusal">Why not; null when it went well.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Lease">The secret to show from now on.</param>
/// <param name="ExpiresAt">When it is lost unless renewed.</param>
/// <param name="Attempt">Which attempt this is.</param>
/// <param name="Input">The task's input, JSON; empty on a renewal.</param>
/// <param name="Checkpoint">The last checkpoint, JSON; empty when there is none or on a renewal.</param>
/// <param name="Review">The last decision, JSON; empty when there is none.</param>
/// <param name="CancelRequested">Wind up: the task is being cancelled.</param>
[GenerateSerializer, Immutable, Alias("holdfast.LeaseReply")]
public sealed record LeaseReply(
    [property: Id(0)] Refusal? Refusal,
    [property: Id(1)] string TaskId,
    [property: Id(2)] string Lease,
    [property: Id(3)] DateTimeOffset ExpiresAt,
    [property: Id(4)] int Attempt,
    [property: Id(5)] ReadOnlyMemory<byte> Input,
    [property: Id(6)] ReadOnlyMemory<byte> Checkpoint,
    [property: Id(7)] ReadOnlyMemory<byte> Review,
    [property: Id(8)] bool CancelRequested)
{
    /// <summary>A refusal as an answer.</summary>
    public static LeaseReply Refused(string taskId, Refusal refusal) => new(refusal, taskId, "", default, 0, default, default, default, false);
}

/// <summary>An event from a worker.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Data">Its data, JSON as the worker sent it.</param>
/// <param name="Key">By which a repetition is recognised, or null.</param>
[GenerateSerializer, Immutable, Alias("holdfast.WorkerEvent")]
public sealed record WorkerEvent([property: Id(0)] string Type, [property: Id(1)] ReadOnlyMemory<byte> Data, [property: Id(2)] string? Key);

/// <summary>A batch from a worker.</summary>
/// <param name="Lease">The worker's lease.</param>
/// <param name="Events">The events, in order.</param>
/// <param name="Checkpoint">JSON; empty for none.</param>
[GenerateSerializer, Immutable, Alias("holdfast.WorkerAppend")]
public sealed record WorkerAppend([property: Id(0)] string Lease, [property: Id(1)] List<WorkerEvent> Events, [property: Id(2)] ReadOnlyMemory<byte> Checkpoint);

/// <summary>A worker's question.</summary>
/// <param name="Lease">The worker's lease.</param>
/// <param name="Key">Names the question within its task.</param>
/// <param name="Prompt">For people.</param>
/// <param name="Payload">What is to be looked at, JSON.</param>
/// <param name="ExpiresIn">How long to wait; null for ever.</param>
/// <param name="OnExpire"><c>approve</c>, <c>reject</c> or <c>fail</c>.</param>
[GenerateSerializer, Immutable, Alias("holdfast.WorkerReview")]
public sealed record WorkerReview(
    [property: Id(0)] string Lease,
    [property: Id(1)] string Key,
    [property: Id(2)] string Prompt,
    [property: Id(3)] ReadOnlyMemory<byte> Payload,
    [property: Id(4)] TimeSpan? ExpiresIn,
    [property: Id(5)] string OnExpire);

/// <summary>The answer to a worker.</summary>
/// <param name="Refusal">Why not; null when it went well.</param>
/// <param name="LastSeq">Number of the batch's last event.</param>
/// <param name="ReviewId">The review that was asked for.</param>
[GenerateSerializer, Immutable, Alias("holdfast.WorkerReply")]
public sealed record WorkerReply([property: Id(0)] Refusal? Refusal, [property: Id(1)] long LastSeq, [property: Id(2)] string? ReviewId);
