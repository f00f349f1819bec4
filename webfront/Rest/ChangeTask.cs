using System.Text.Json;

using Holdfast.Grains;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Viewers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.WebFront.Rest;

/// <summary>What can be done to one task: cancel, retry, review, delete.</summary>
internal static class ChangeTask
{
    public static async Task<SnapshotResult> CancelAsync(HttpContext http, string taskId, TaskCalls calls, FrontContext front)
    {
        var body = await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes, optional: true);
        var reason = body.OptionalText("reason", 1000);
        body.NothingElse();
        var task = await calls.GrainAsync(taskId, http.RequestAborted);
        return TaskCalls.Answer(await task.CancelAsync(reason, Principals.Of(http)));
    }

    /// <summary>Another try is another task: what has ended stays as it is.</summary>
    public static async Task<SnapshotResult> RetryAsync(HttpContext http, string taskId, TaskCalls calls, FrontContext front)
    {
        CreateTask.RefuseWhileDraining(front);
        (await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes, optional: true)).NothingElse();
        var (_, head) = await calls.FindAsync(taskId, http.RequestAborted);
        if (head.Status is not (GenerationStatus.Failed or GenerationStatus.Cancelled))
        {
            throw new ProblemException(RefusalCodes.NotRetryable, $"The task is {head.Status.Wire()}; only a failed or cancelled one can be tried again.");
        }

        var input = await front.Logs.ReadBlobAsync(taskId, TaskBlobs.Input, http.RequestAborted) ?? throw TaskCalls.NotFound(taskId);
        var (_, reply) = await CreateTask.SubmitAsync(http, front, NewId.Task(), new NewTask
        {
            Kind = head.Kind,
            Input = input,
            Owner = head.Owner,
            Labels = new Dictionary<string, string>(head.Labels, StringComparer.Ordinal),
            MaxAttempts = head.MaxAttempts,
            OnDisconnect = head.OnDisconnect,
            RetryOf = taskId,
            RequestDigest = "retry of " + taskId,
        });
        return CreateTask.Answer(reply);
    }

    public static async Task<SnapshotResult> ReviewAsync(HttpContext http, string taskId, TaskCalls calls, FrontContext front)
    {
        var body = await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes);
        var reviewId = body.Text("review_id", 64);
        var decision = body.Text("decision", 16);
        if (decision is not ("approve" or "reject" or "revise"))
        {
            throw body.Bad("decision", "'decision' is 'approve', 'reject' or 'revise'.");
        }

        var comment = body.OptionalText("comment", 10_000);
        var edits = body.Any("edits");
        body.NothingElse();
        var bytes = edits.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? [] : WireJson.Encode(edits);
        var task = await calls.GrainAsync(taskId, http.RequestAborted);
        return TaskCalls.Answer(await task.ReviewAsync(new ReviewDecided(reviewId, decision, comment, bytes, Principals.Of(http))));
    }

    public static async Task<NoContent> DeleteAsync(HttpContext http, string taskId, TaskCalls calls)
    {
        var task = await calls.GrainAsync(taskId, http.RequestAborted);
        var reply = await task.DeleteAsync();
        return reply.Refusal is { } refusal ? throw new ProblemException(refusal) : TypedResults.NoContent();
    }
}
