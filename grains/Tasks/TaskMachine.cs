using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>One step of a task: the events to append and the state that holds from then on. Both are stored together or not at all.</summary>
internal sealed record Change(TaskHead Head, IReadOnlyList<EventDraft> Events)
{
    /// <summary>The log ends with this.</summary>
    public bool Seal => Head.IsTerminal;

    /// <summary>A blob that goes with it.</summary>
    public LogBlob? Blob { get; init; }

    /// <summary>The events after this one, up to the step's own, belong to a broken try; null: the step breaks none.</summary>
    public long? SupersedesAfter { get; init; }
}

/// <summary>When and where a step happens.</summary>
/// <param name="NextSeq">Number that the step's first event will get.</param>
/// <param name="Now">The time that the step is told to have happened at; never before the step before it.</param>
internal readonly record struct Step(long NextSeq, DateTimeOffset Now)
{
    /// <summary>The time by which waits begin and end: it passes evenly, also while <see cref="Now"/> stands still behind a clock that was ahead.</summary>
    public DateTimeOffset Steady { get; init; } = Now;

    public long LastSeq(int events) => NextSeq + events - 1;
}

/// <summary>
/// The rules by which a task goes from one state to the next. Pure: no clock, no store, no scheduler.
/// A method that returns null has nothing to change: the step was made already, or is not possible in this state.
/// </summary>
internal sealed class TaskMachine(TaskOptions options)
{
    private static readonly EventDraft[] NoEvents = [];

    /// <summary>The first event.</summary>
    public static Change Created(TaskHead head, Step step) =>
        new(head with { UpdatedAt = step.Now }, [PlatformEvents.Created(head.Kind, head.Labels)]);

    /// <summary>
    /// Another writer has the log. What is left of a wait was stored by another clock, or before this one was set: it is never more than the wait's
    /// own maximum.
    /// </summary>
    public Change TakenOver(TaskHead head, Step step, string silo)
    {
        return new Change(
            head with
            {
                Silo = silo,
                NotBefore = EndOf(head.NotBefore, RetryPolicy.DelayBefore(head.Attempt, options, 1)),
                Lease = head.Lease is { } lease ? lease with { ExpiresAt = EndOf(lease.ExpiresAt, options.WorkerLease)!.Value } : null,
                CancelRequested = head.CancelRequested is { } cancel ? cancel with { Deadline = EndOf(cancel.Deadline, options.CancelGrace)!.Value } : null,
                PendingReview = head.PendingReview is { } review ? review with { ExpiresAt = EndOf(review.ExpiresAt, review.ExpiresIn) } : null,
                UpdatedAt = step.Now,
            },
            NoEvents);

        DateTimeOffset? EndOf(DateTimeOffset? stored, TimeSpan? atMost) =>
            stored is { } end ? StoredWait.EndOf(end, step.Steady, atMost, options.ClockSkew) : null;
    }

    /// <summary>Work starts, on this silo or with a worker.</summary>
    public static Change? Started(TaskHead head, Step step, string worker, WorkerLease? lease) =>
        head.Status != GenerationStatus.Queued ? null : new(
            head with
            {
                Status = GenerationStatus.Running,
                StartedAt = head.StartedAt ?? step.Now,
                FirstStarted = head.FirstStarted == 0 ? step.NextSeq : head.FirstStarted,
                NotBefore = null,
                Lease = lease,
                UpdatedAt = step.Now,
            },
            [PlatformEvents.Started(head.Attempt, worker)]);

    /// <summary>The generator's or worker's own events, with or without a checkpoint that covers them.</summary>
    public Change Appended(TaskHead head, Step step, IReadOnlyList<EventDraft> drafts, JsonElement? checkpoint)
    {
        var (events, progress) = Clamp(drafts, head.Progress);
        if (!ReferenceEquals(progress, head.Progress))
        {
            head = head with { Progress = progress, UpdatedAt = step.Now };
        }

        if (checkpoint is not { ValueKind: not JsonValueKind.Undefined } value)
        {
            return new Change(head, events);
        }

        var raw = EventJson.Encode(value, EventJson.Default.JsonElement);
        if (raw.Length > options.MaxCheckpointBytes)
        {
            throw new RefusedException(new Refusal(RefusalCodes.TooLarge, $"A checkpoint is at most {options.MaxCheckpointBytes} bytes; this one has {raw.Length}.", "checkpoint"));
        }

        var large = raw.Length > options.InlineCheckpointBytes;
        return new Change(
            head with
            {
                CheckpointSeq = step.LastSeq(events.Count),
                Checkpoint = large ? null : value,
                LargeCheckpoint = large,
                Interruptions = 0,
                UpdatedAt = step.Now,
            },
            events)
        {
            Blob = large ? new LogBlob(TaskBlobs.Checkpoint, raw) : null,
        };
    }

    /// <summary>The work is done.</summary>
    public Change? Completed(TaskHead head, Step step, JsonElement result, string? byLease = null)
    {
        if (head.IsTerminal)
        {
            return null;
        }

        var raw = EventJson.Encode(result, EventJson.Default.JsonElement);
        if (raw.Length > options.MaxResultBytes)
        {
            return Failed(head, step, new TaskError(RefusalCodes.TooLarge, $"The result has {raw.Length} bytes; at most {options.MaxResultBytes} are kept.", false), byLease);
        }

        var inline = raw.Length <= options.InlineResultBytes;
        return new Change(
            Ended(head, step, GenerationStatus.Completed, byLease) with { LargeResult = !inline, Progress = head.Progress is { } p ? p with { Percent = 100 } : null },
            [PlatformEvents.Completed(raw, inline)])
        {
            Blob = inline ? null : new LogBlob(TaskBlobs.Result, raw),
        };
    }

    /// <summary>The work can't be done.</summary>
    public static Change? Failed(TaskHead head, Step step, TaskError error, string? byLease = null) =>
        head.IsTerminal ? null : new(Ended(head, step, GenerationStatus.Failed, byLease) with { Error = error }, [PlatformEvents.Failed(error)]);

    /// <summary>An attempt has failed: another one follows, or the task has failed.</summary>
    /// <param name="head">The state before.</param>
    /// <param name="step">When.</param>
    /// <param name="error">Why.</param>
    /// <param name="random">0 to 1, for the spread of the wait.</param>
    /// <param name="byLease">The worker's lease, if a worker said so.</param>
    public Change? AttemptFailed(TaskHead head, Step step, TaskError error, double random, string? byLease = null)
    {
        if (head.IsTerminal)
        {
            return null;
        }

        if (head.CancelRequested is not null)
        {
            return CancelledNow(head, step, head.CancelRequested.Reason, head.CancelRequested.By, byLease);
        }

        if (!error.Retryable || head.Attempt >= head.MaxAttempts)
        {
            return Failed(head, step, error, byLease);
        }

        var delay = RetryPolicy.DelayBefore(head.Attempt + 1, options, random);
        var next = Broken(head, step) with
        {
            Attempt = head.Attempt + 1,
            Interruptions = 0,
            NotBefore = step.Steady + delay,
            Progress = null,
            EndedByLease = byLease,
        };
        return Retrying(next, error.Code, delay, head.SupersedesAfter);
    }

    /// <summary>
    /// Whoever did the work is gone, through no fault of the work: the same attempt goes on from the checkpoint.
    /// While a review is waited for there is nothing to do over yet.
    /// </summary>
    public Change? Interrupted(TaskHead head, Step step, double random)
    {
        if (head.Status == GenerationStatus.AwaitingReview && head.Lease is not null)
        {
            return new Change(head with { Lease = null, UpdatedAt = step.Now }, NoEvents);
        }

        if (head.Status != GenerationStatus.Running)
        {
            return null;
        }

        if (head.CancelRequested is { } cancel)
        {
            return CancelledNow(head, step, cancel.Reason, cancel.By, null);
        }

        if (head.Interruptions + 1 >= options.MaxInterruptions)
        {
            var error = new TaskError("interrupted_repeatedly", $"The work was interrupted {options.MaxInterruptions} times in a row without a new checkpoint.", true);
            return AttemptFailed(head, step, error, random);
        }

        return Retrying(Broken(head, step) with { Interruptions = head.Interruptions + 1 }, "interrupted", TimeSpan.Zero, head.SupersedesAfter);
    }

    /// <summary>Somebody wants it stopped. A worker is told first, and has a while to wind up.</summary>
    public Change? Cancelled(TaskHead head, Step step, string? reason, string by)
    {
        if (head.IsTerminal)
        {
            return null;
        }

        if (head.Lease is null)
        {
            return CancelledNow(head, step, reason, by, null);
        }

        return head.CancelRequested is not null ? null
            : new Change(head with { CancelRequested = new CancelRequest(reason, by, step.Steady + options.CancelGrace), UpdatedAt = step.Now }, NoEvents);
    }

    /// <summary>The worker did not wind up in time.</summary>
    public static Change? CancelOverdue(TaskHead head, Step step) =>
        head.IsTerminal || head.CancelRequested is not { } cancel || cancel.Deadline > step.Steady ? null
            : CancelledNow(head, step, cancel.Reason, cancel.By, null);

    /// <summary>A decision is needed. Null when this one is waited for, or was made.</summary>
    public Change? ReviewRequired(TaskHead head, Step step, string reviewId, ReviewRequest request)
    {
        if (head.Reviews.ContainsKey(request.Key) || head.PendingReview?.Key == request.Key)
        {
            return null;
        }

        if (head.PendingReview is { } other)
        {
            throw new RefusedException(new Refusal(RefusalCodes.ReviewPending, $"The task waits for the review '{other.Key}'; ask for one at a time.", "key"));
        }

        if (head.Reviews.Count >= options.MaxReviews)
        {
            throw new RefusedException(new Refusal(RefusalCodes.HistoryLimit, $"A task has at most {options.MaxReviews} reviews.", "key"));
        }

        var review = new PendingReview(reviewId, request.Key, request.Prompt, request.Payload, request.ExpiresIn is { } wait ? step.Steady + wait : null, request.OnExpire, request.ExpiresIn);
        return new Change(
            head with { Status = GenerationStatus.AwaitingReview, PendingReview = review, UpdatedAt = step.Now },
            [PlatformEvents.ReviewRequired(review)]);
    }

    /// <summary>A decision was made. Null when it was made before.</summary>
    /// <exception cref="RefusedException">It is not waited for, or was decided otherwise.</exception>
    public static Change? ReviewResolved(TaskHead head, Step step, string reviewId, ReviewAnswer answer, string by)
    {
        if (head.PendingReview is { } pending && pending.ReviewId == reviewId && !head.IsTerminal)
        {
            JsonElement? edits = answer.Edits.ValueKind == JsonValueKind.Undefined ? null : answer.Edits;
            var resolved = new ResolvedReview(reviewId, pending.Key, answer.Decision, answer.Comment, edits, by, step.Now);
            return new Change(
                head with
                {
                    Status = GenerationStatus.Running,
                    PendingReview = null,
                    Reviews = new SortedDictionary<string, ResolvedReview>(head.Reviews) { [pending.Key] = resolved },
                    UpdatedAt = step.Now,
                },
                [PlatformEvents.ReviewResolved(resolved)]);
        }

        var before = head.Reviews.Values.FirstOrDefault(review => review.ReviewId == reviewId);
        if (before is not null && before.Decision == answer.Decision && before.Comment == answer.Comment && SameJson(before.Edits, answer.Edits))
        {
            return null;
        }

        throw new RefusedException(new Refusal(
            RefusalCodes.ReviewNotPending,
            before is null ? "No review of this id is waited for; the task's pending_review names the one that is." : "This review was decided otherwise.",
            "review_id"));
    }

    /// <summary>Nobody decided in time.</summary>
    public Change? ReviewExpired(TaskHead head, Step step, double random)
    {
        if (head.PendingReview is not { ExpiresAt: { } at } pending || at > step.Steady)
        {
            return null;
        }

        return pending.OnExpire switch
        {
            ReviewExpiry.Approve => ReviewResolved(head, step, pending.ReviewId, new ReviewAnswer(ReviewDecision.Approve, null, default), "expiry"),
            ReviewExpiry.Reject => ReviewResolved(head, step, pending.ReviewId, new ReviewAnswer(ReviewDecision.Reject, null, default), "expiry"),
            _ => AttemptFailed(head, step, new TaskError("review_expired", "Nobody decided in time.", false), random),
        };
    }

    /// <summary>The worker is still there.</summary>
    public Change LeaseRenewed(TaskHead head, Step step, JsonElement? checkpoint)
    {
        var change = Appended(head, step, NoEvents, checkpoint);
        return change with { Head = change.Head with { Lease = head.Lease! with { ExpiresAt = step.Steady + options.WorkerLease }, UpdatedAt = step.Now } };
    }

    private static Change CancelledNow(TaskHead head, Step step, string? reason, string by, string? byLease) =>
        new(Ended(head, step, GenerationStatus.Cancelled, byLease), [PlatformEvents.Cancelled(reason, by)]);

    private static TaskHead Ended(TaskHead head, Step step, GenerationStatus status, string? byLease) => head with
    {
        Status = status,
        FinishedAt = step.Now,
        UpdatedAt = step.Now,
        Lease = null,
        EndedByLease = byLease,
        CancelRequested = null,
        PendingReview = null,
        NotBefore = null,
        Checkpoint = null,
        LargeCheckpoint = false,
    };

    private static Change Retrying(TaskHead next, string reason, TimeSpan delay, long supersedesAfter) =>
        new(next, [PlatformEvents.Retrying(next.Attempt, reason, delay, supersedesAfter)]) { SupersedesAfter = supersedesAfter };

    /// <summary>A try is broken off: what it wrote since the checkpoint is superseded by the event that says so.</summary>
    private TaskHead Broken(TaskHead head, Step step)
    {
        var cuts = head.Cuts;
        var dropped = head.CutsDroppedUpTo;
        if (head.SupersedesAfter > 0 && (cuts.Length == 0 || cuts[^1] != head.SupersedesAfter))
        {
            cuts = [.. cuts, head.SupersedesAfter];
            if (cuts.Length > options.MaxCuts)
            {
                dropped = cuts[0] + 1;
                cuts = [.. cuts.Skip(1)];
            }
        }

        return head with
        {
            Status = GenerationStatus.Queued,
            Lease = null,
            PendingReview = null,
            Cuts = cuts,
            CutsDroppedUpTo = dropped,
            UpdatedAt = step.Now,
        };
    }

    private static (IReadOnlyList<EventDraft> Events, Progress? Progress) Clamp(IReadOnlyList<EventDraft> drafts, Progress? progress)
    {
        EventDraft[]? clamped = null;
        for (var i = 0; i < drafts.Count; i++)
        {
            if (drafts[i].Progress is not { } told)
            {
                continue;
            }

            var percent = told.Percent is { } p ? Math.Max(Math.Clamp(double.IsNaN(p) ? 0 : p, 0, 100), progress?.Percent ?? 0) : progress?.Percent;
            progress = told with { Percent = percent };
            clamped ??= [.. drafts];
            clamped[i] = new EventDraft(EventTypes.Progress, EventJson.Encode(progress, EventJson.Default.Progress));
        }

        return (clamped ?? drafts, progress);
    }

    private static bool SameJson(JsonElement? left, JsonElement right) =>
        left is null ? right.ValueKind == JsonValueKind.Undefined : right.ValueKind != JsonValueKind.Undefined && JsonElement.DeepEquals(left.Value, right);
}

/// <summary>Carries a refusal out of the rules; the grain turns it into an answer.</summary>
internal sealed class RefusedException(Refusal refusal) : Exception(refusal.Detail)
{
    public Refusal Refusal { get; } = refusal;
}
