namespace Holdfast.Grains;

/// <summary>Why something was refused: a stable code, what to do about it, and whether waiting helps.</summary>
/// <param name="Code">One of <see cref="RefusalCodes"/>, or a generator's own.</param>
/// <param name="Detail">For people: what is wrong and what to do.</param>
/// <param name="Field">The offending field, or null.</param>
/// <param name="RetryAfter">Waiting this long helps; null: it does not.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Refusal")]
public sealed record Refusal([property: Id(0)] string Code, [property: Id(1)] string Detail, [property: Id(2)] string? Field = null, [property: Id(3)] TimeSpan? RetryAfter = null);

/// <summary>Stable codes of what the domain refuses. The web front says which HTTP status, close code and verdict each has.</summary>
public static class RefusalCodes
{
    /// <summary>No task of this id, or another principal's.</summary>
    public const string TaskNotFound = "task_not_found";

    /// <summary>The id is taken by a task that was created with another body.</summary>
    public const string TaskExists = "task_exists";

    /// <summary>The idempotency key was used with another body.</summary>
    public const string IdempotencyConflict = "idempotency_conflict";

    /// <summary>The kind's generator can't use the input.</summary>
    public const string InvalidInput = "invalid_input";

    /// <summary>A reserved kind that this version does not have.</summary>
    public const string KindUnavailable = "kind_unavailable";

    /// <summary>The task has not ended yet.</summary>
    public const string NotFinished = "not_finished";

    /// <summary>The task ended with a failure.</summary>
    public const string TaskFailed = "task_failed";

    /// <summary>The task was cancelled.</summary>
    public const string TaskCancelled = "task_cancelled";

    /// <summary>Only failed and cancelled tasks can be tried again.</summary>
    public const string NotRetryable = "not_retryable";

    /// <summary>No such decision is waited for.</summary>
    public const string ReviewNotPending = "review_not_pending";

    /// <summary>Another decision is waited for.</summary>
    public const string ReviewPending = "review_pending";

    /// <summary>The worker's lease is not, or no longer, the task's.</summary>
    public const string LeaseLost = "lease_lost";

    /// <summary>There is nothing to lease.</summary>
    public const string NotLeasable = "not_leasable";

    /// <summary>An event type that only the platform writes, or that is malformed.</summary>
    public const string ReservedType = "reserved_type";

    /// <summary>An event's data lacks a field of its type, or has it wrong.</summary>
    public const string InvalidEvent = "invalid_event";

    /// <summary>An event, a checkpoint or a result is too large.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The task's history has reached its limit.</summary>
    public const string HistoryLimit = "history_limit";

    /// <summary>The log can't follow.</summary>
    public const string LogBusy = "log_busy";

    /// <summary>The store did not answer; nothing is known to have changed.</summary>
    public const string StoreUnavailable = "store_unavailable";

    /// <summary>The task is moving to another silo.</summary>
    public const string TaskMoving = "task_moving";
}
