using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>External workers: a lease in the head is the truth, and every call shows it.</summary>
internal sealed partial class TaskGrain
{
    /// <inheritdoc/>
    public async Task<LeaseReply> LeaseAsync(string worker)
    {
        await ReadyAsync();
        if (_writer is not { } writer || generators.Find(writer.Log.Head.Kind) is not null || !IsDue(writer.Log.Head))
        {
            return LeaseReply.Refused(_id, NotLeasable());
        }

        var lease = new WorkerLease(NewId.Lease(), worker, _time.Now + _options.WorkerLease);
        var refusal = await TryChangeAsync((head, step) =>
            TaskMachine.Started(head, step, worker, lease) ?? throw new RefusedException(NotLeasable()));
        if (refusal is not null)
        {
            return LeaseReply.Refused(_id, refusal);
        }

        var head = writer.Log.Head;
        var input = await store.ReadBlobAsync(_id, TaskBlobs.Input) ?? throw new InvalidDataException("The task's input is missing.");
        var checkpoint = head.LargeCheckpoint
            ? await store.ReadBlobAsync(_id, TaskBlobs.Checkpoint) ?? default
            : head.Checkpoint is { } small ? EventJson.Encode(small, EventJson.Default.JsonElement) : default;
        return Answer(head, lease) with { Input = input, Checkpoint = checkpoint };
    }

    /// <inheritdoc/>
    public async Task<LeaseReply> RenewLeaseAsync(string lease, ReadOnlyMemory<byte> checkpoint)
    {
        var value = Json.Parse(checkpoint);
        var refusal = await TryChangeAsync((head, step) =>
            _machine.LeaseRenewed(Held(head, lease), step, value));
        return refusal is not null ? LeaseReply.Refused(_id, refusal)
            : _writer?.Log.Head is { Lease: { } renewed } head && renewed.Id == lease ? Answer(head, renewed)
            : LeaseReply.Refused(_id, LeaseLost());
    }

    /// <inheritdoc/>
    public async Task<WorkerReply> AppendAsync(WorkerAppend append)
    {
        long lastSeq = 0;
        var checkpoint = Json.Parse(append.Checkpoint);
        List<EventDraft> drafts;
        try
        {
            drafts = [.. append.Events.Select(WorkerEvents.Read)];
            await ReadyAsync();
            if (_writer is { Log.HasRoom: false })
            {
                throw new RefusedException(new Refusal(RefusalCodes.LogBusy, "The log can't follow; send the same batch again later.", RetryAfter: TimeSpan.FromMilliseconds(500)));
            }

            // The rule sees the keys of everything accepted before it, whatever came meanwhile.
            List<EventDraft> fresh = [];
            List<string?> keys = [];
            var refusal = await TryChangeAsync(
                (head, step) =>
                {
                    Held(head, append.Lease);
                    lastSeq = Sort(append.Events, drafts, fresh, keys, step.NextSeq);
                    return fresh.Count == 0 && checkpoint.ValueKind == JsonValueKind.Undefined ? null
                        : _machine.Appended(head with { KeysFrom = KeysFrom(head, keys, step.NextSeq) }, step, fresh, checkpoint);
                },
                keys);
            if (refusal?.Code == RefusalCodes.HistoryLimit)
            {
                await ChangeAsync((head, step) => TaskMachine.Failed(head, step, new TaskError(refusal.Code, refusal.Detail, false)));
            }

            return new WorkerReply(refusal, lastSeq, null);
        }
        catch (RefusedException refused)
        {
            return new WorkerReply(refused.Refusal, 0, null);
        }
    }

    /// <inheritdoc/>
    public async Task<WorkerReply> AskReviewAsync(WorkerReview review)
    {
        var onExpire = JsonSerializer.Deserialize($"\"{review.OnExpire}\"", TaskJson.Default.ReviewExpiry);
        var request = new ReviewRequest(review.Key, review.Prompt, Json.Parse(review.Payload), review.ExpiresIn, onExpire);
        var refusal = await TryChangeAsync((head, step) => _machine.ReviewRequired(Held(head, review.Lease), step, NewId.Review(), request));
        if (refusal is not null || _writer?.Log.Head is not { } state)
        {
            return new WorkerReply(refusal ?? Moving(), 0, null);
        }

        var id = state.PendingReview?.Key == review.Key ? state.PendingReview.ReviewId : state.Reviews.GetValueOrDefault(review.Key)?.ReviewId;
        return new WorkerReply(null, 0, id);
    }

    /// <inheritdoc/>
    public Task<TaskReply> CompleteAsync(string lease, ReadOnlyMemory<byte> result) =>
        ChangeAsync((head, step) => head.EndedByLease == lease && head.IsTerminal ? null : _machine.Completed(Held(head, lease), step, Json.Parse(result), lease));

    /// <inheritdoc/>
    public Task<TaskReply> FailAsync(string lease, TaskError error) =>
        ChangeAsync((head, step) => head.EndedByLease == lease && head.Status != GenerationStatus.Completed ? null : _machine.AttemptFailed(Held(head, lease), step, error, Random.Shared.NextDouble(), lease));

    private static Refusal LeaseLost() => new(RefusalCodes.LeaseLost, "This lease is not, or no longer, the task's: stop working on it.", "lease");

    private static Refusal NotLeasable() => new(RefusalCodes.NotLeasable, "The task does not wait for a worker.");

    /// <summary>The state, if this lease holds the task.</summary>
    private static TaskHead Held(TaskHead head, string lease) => head.Lease?.Id == lease ? head : throw new RefusedException(LeaseLost());

    /// <summary>Sorts a batch's new events from those whose key is known, and says which number its last event has.</summary>
    private long Sort(List<WorkerEvent> events, List<EventDraft> drafts, List<EventDraft> fresh, List<string?> keys, long nextSeq)
    {
        var known = _writer!.Log.Keys.Find([.. events.Select(one => one.Key)]);
        Dictionary<string, long> added = new(StringComparer.Ordinal);
        var last = nextSeq - 1;
        for (var i = 0; i < events.Count; i++)
        {
            var key = events[i].Key;
            if (known[i] > 0 || (key is not null && added.TryGetValue(key, out known[i])))
            {
                last = known[i];
                continue;
            }

            last = nextSeq + fresh.Count;
            fresh.Add(drafts[i]);
            keys.Add(key);
            if (key is not null)
            {
                added.Add(key, last);
            }
        }

        return last;
    }

    /// <summary>From which event on the next writer has to read keys. Moved seldom, as moving it means writing the head.</summary>
    private long KeysFrom(TaskHead head, List<string?> added, long nextSeq)
    {
        var first = added.FindIndex(key => key is not null);
        if (first < 0 || head.KeysFrom == 0)
        {
            return first < 0 ? head.KeysFrom : nextSeq + first;
        }

        var oldest = _writer!.Log.Keys.OldestSeq;
        return oldest - head.KeysFrom > _options.KnownKeys ? oldest : head.KeysFrom;
    }

    private LeaseReply Answer(TaskHead head, WorkerLease lease)
    {
        var review = head.Reviews.Count == 0 ? default : WorkerEvents.Review(head.Reviews.Values);

        // The worker has a clock: it is told what that will show.
        var expiresAt = clock.GetUtcNow() + (lease.ExpiresAt - _time.Now);
        return new LeaseReply(null, _id, lease.Id, expiresAt, head.Attempt, default, default, review, head.CancelRequested is not null);
    }

    /// <summary>The keys as the writer before knew them: a <c>retrying</c> in the log has forgotten what it superseded.</summary>
    private async Task<KnownKeys> KeysAsync(TaskHead head)
    {
        var known = new KnownKeys(_options.KnownKeys);
        for (var after = head.KeysFrom - 1; head.KeysFrom > 0;)
        {
            if (await store.ReadAsync(_id, after, new LogLimit(4096, 1 << 20)) is not { Records.IsEmpty: false } page)
            {
                break;
            }

            var keys = page.Keys.ToDictionary(key => key.Seq, key => key.Key);
            foreach (var (seq, bytes) in page.Records)
            {
                if (keys.TryGetValue(seq, out var key))
                {
                    known.Add(key, seq);
                }
                else if (EventBytes.TypeUtf8(bytes.Span).SequenceEqual("retrying"u8))
                {
                    known.ForgetAfter(JsonElement.Parse(EventBytes.Data(bytes).Span).GetProperty("supersedes_after").GetInt64());
                }
            }

            after = page.Records.Last;
        }

        return known;
    }
}
