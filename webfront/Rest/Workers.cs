using System.Text.Json;

using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Viewers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.WebFront.Rest;

/// <summary>The calls of external workers.</summary>
internal static class Workers
{
    /// <summary>Takes the task that has waited longest; with <c>wait</c>, waits for one.</summary>
    public static async Task<Results<JsonResult, NoContent>> LeaseAsync(HttpContext http, FrontContext front)
    {
        var body = await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes);
        var worker = body.Text("worker_id", 256);
        var kinds = body.Array("kinds", 1, 64).Select(kind => kind.ValueKind == JsonValueKind.String && GeneratorCatalog.IsKindName(kind.GetString()) ? kind.GetString()!
            : throw body.Bad("kinds", "'kinds' has names of kinds: 1 to 64 of a-z0-9._-.")).Distinct(StringComparer.Ordinal).ToList();
        var wait = body.OptionalDuration("wait", TimeSpan.Zero, front.Options.MaxWait)?.Duration ?? TimeSpan.Zero;
        body.NothingElse();
        if (worker.Length == 0)
        {
            throw body.Bad("worker_id", "'worker_id' is not empty.");
        }

        var begun = front.Clock.GetTimestamp();
        var lease = await TakeAnyAsync(kinds, worker, front, http.RequestAborted);
        using var place = lease is null && wait > TimeSpan.Zero ? front.WaitingWorkers.TryTake() ?? throw Crowded(front) : null;
        while (lease is null && wait - front.Clock.GetElapsedTime(begun) is var left && left > TimeSpan.Zero && !front.Draining)
        {
            // Each grain call is short; the long wait is here, and ends when the worker goes.
            var waits = kinds.Select(kind => front.Grains.GetGrain<IWorkQueueGrain>(kind).WaitAsync(left));
            await await Task.WhenAny(waits).WaitAsync(http.RequestAborted);
            lease = await TakeAnyAsync(kinds, worker, front, http.RequestAborted);
        }

        return lease is null ? TypedResults.NoContent() : new JsonResult(ToJson(lease, whole: true));
    }

    public static async Task<JsonResult> AppendAsync(HttpContext http, string taskId, TaskCalls calls, AppendSlots slots, FrontContext front)
    {
        var body = await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes);
        var lease = body.Text("lease", 64);
        List<WorkerEvent> events = [];
        foreach (var item in body.Array("events", 0, 10_000))
        {
            var fields = new BodyFields(item, $"events[{events.Count}].");
            var data = fields.Any("data");
            events.Add(new WorkerEvent(
                fields.Text("type", 64),
                data.ValueKind == JsonValueKind.Undefined ? "{}"u8.ToArray() : WireJson.Encode(data),
                Key(fields)));
            fields.NothingElse();
        }

        var checkpoint = Bytes(body.Any("checkpoint"));
        body.NothingElse();
        var task = await calls.GrainAsync(taskId, http.RequestAborted);
        using var slot = slots.Take(taskId);
        var reply = await task.AppendAsync(new WorkerAppend(lease, events, checkpoint));
        return reply.Refusal is { } refusal ? throw new ProblemException(refusal)
            : new JsonResult(WireJson.Write(writer => writer.WriteNumber("last_seq"u8, reply.LastSeq)));
    }

    public static async Task<JsonResult> RenewAsync(HttpContext http, string taskId, TaskCalls calls, FrontContext front)
    {
        var body = await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes);
        var lease = body.Text("lease", 64);
        var checkpoint = Bytes(body.Any("checkpoint"));
        body.NothingElse();
        var task = await calls.GrainAsync(taskId, http.RequestAborted);
        var reply = await task.RenewLeaseAsync(lease, checkpoint);
        return reply.Refusal is { } refusal ? throw new ProblemException(refusal) : new JsonResult(ToJson(reply, whole: false));
    }

    public static async Task<JsonResult> AskReviewAsync(HttpContext http, string taskId, TaskCalls calls, FrontContext front)
    {
        var body = await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes);
        var lease = body.Text("lease", 64);
        var key = Key(body) ?? throw body.Bad("key", "'key' is missing.");
        var prompt = body.Text("prompt", 10_000);
        var payload = body.Any("payload");
        var expires = body.OptionalDuration("expires_in", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(30));
        var onExpire = body.OptionalText("on_expire", 16) ?? "fail";
        if (onExpire is not ("approve" or "reject" or "fail"))
        {
            throw body.Bad("on_expire", "'on_expire' is 'approve', 'reject' or 'fail'.");
        }

        body.NothingElse();
        var task = await calls.GrainAsync(taskId, http.RequestAborted);
        var asked = new WorkerReview(lease, key, prompt, payload.ValueKind == JsonValueKind.Undefined ? "null"u8.ToArray() : Bytes(payload), expires?.Duration, onExpire);
        var reply = await task.AskReviewAsync(asked);
        return reply.Refusal is { } refusal ? throw new ProblemException(refusal)
            : new JsonResult(WireJson.Write(writer => writer.WriteString("review_id"u8, reply.ReviewId)));
    }

    public static async Task<SnapshotResult> CompleteAsync(HttpContext http, string taskId, TaskCalls calls, FrontContext front)
    {
        var body = await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes);
        var lease = body.Text("lease", 64);
        var result = body.Any("result");
        body.NothingElse();
        var task = await calls.GrainAsync(taskId, http.RequestAborted);
        return TaskCalls.Answer(await task.CompleteAsync(lease, result.ValueKind == JsonValueKind.Undefined ? "null"u8.ToArray() : Bytes(result)));
    }

    public static async Task<SnapshotResult> FailAsync(HttpContext http, string taskId, TaskCalls calls, FrontContext front)
    {
        var body = await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes);
        var lease = body.Text("lease", 64);
        var error = body.OptionalObject("error") ?? throw body.Bad("error", "'error' is missing.");
        var code = error.Text("code", 64);
        var said = new TaskError(code, error.OptionalText("message", 10_000) ?? code, error.OptionalFlag("retryable") ?? true);
        error.NothingElse();
        body.NothingElse();
        var task = await calls.GrainAsync(taskId, http.RequestAborted);
        return TaskCalls.Answer(await task.FailAsync(lease, said));
    }

    private static ProblemException Crowded(FrontContext front) => new(new Refusal(
        FrontCodes.TooManySessions, "As many workers wait on this front as it takes; ask again in a while.", null, ViewerLimits.Spread(front.Options)));

    /// <summary>The first task of the first of these kinds that has one.</summary>
    private static async Task<LeaseReply?> TakeAnyAsync(List<string> kinds, string worker, FrontContext front, CancellationToken gone)
    {
        foreach (var kind in kinds)
        {
            if (await TakeAsync(kind, worker, front, gone) is { } lease)
            {
                return lease;
            }
        }

        return null;
    }

    /// <summary>The first task of this kind that really is to be had.</summary>
    private static async Task<LeaseReply?> TakeAsync(string kind, string worker, FrontContext front, CancellationToken gone)
    {
        while (await front.Grains.GetGrain<IWorkQueueGrain>(kind).TakeAsync() is { } taskId)
        {
            // Whoever has gone leases nothing: the queue finds the task again.
            gone.ThrowIfCancellationRequested();
            var lease = await front.Grains.GetGrain<ITaskGrain>(taskId).LeaseAsync(worker);
            if (lease.Refusal is null)
            {
                return lease;
            }

            if (lease.Refusal.Code == RefusalCodes.TaskMoving)
            {
                await front.Grains.GetGrain<IWorkQueueGrain>(kind).OfferAsync(taskId);
                return null;
            }
        }

        return null;
    }

    private static byte[] ToJson(LeaseReply lease, bool whole) => WireJson.Write(writer =>
    {
        if (whole)
        {
            writer.WriteString("task_id"u8, lease.TaskId);
            writer.WriteString("lease"u8, lease.Lease);
            writer.WriteNumber("attempt"u8, lease.Attempt);
            Raw(writer, "input"u8, lease.Input);
            Raw(writer, "checkpoint"u8, lease.Checkpoint);
        }

        writer.WriteString("expires_at"u8, WireTime.Format(lease.ExpiresAt));
        Raw(writer, "review"u8, lease.Review);
        writer.WriteBoolean("cancel_requested"u8, lease.CancelRequested);
    });

    private static void Raw(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> json)
    {
        writer.WritePropertyName(name);
        if (json.IsEmpty)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteRawValue(json.Span, skipInputValidation: true);
        }
    }

    /// <summary>The key by which an event is recognised when it is sent again, or null.</summary>
    private static string? Key(BodyFields fields) => fields.OptionalText("key", 256) is not { } key ? null
        : key.Length > 0 && Names.IsStorable(key, 256) ? key
        : throw fields.Bad("key", "'key' is a string of 1 to 256 characters, without NUL.");

    private static byte[] Bytes(JsonElement value) =>
        value.ValueKind == JsonValueKind.Undefined ? [] : WireJson.Encode(value);
}
