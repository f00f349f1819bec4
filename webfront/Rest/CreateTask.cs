using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Holdfast.Grains;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Transports.Sse;
using Holdfast.WebFront.Viewers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.WebFront.Rest;

/// <summary><c>POST /api/v1/tasks</c>.</summary>
internal static class CreateTask
{
    public static async Task<Results<SnapshotResult, Streamed>> HandleAsync(HttpContext http, FrontContext front)
    {
        RefuseWhileDraining(front);
        var body = await BodyFields.ReadAsync(http, front.Options.MaxBodyBytes);
        var asked = Read(body, Principals.Of(http));

        // What is wrong about the stream is said before there is a task.
        var stream = SseResponse.IsRequested(http) ? SseEndpoint.Read(http, "", front.Options) : null;
        var (id, reply) = await SubmitAsync(http, front, asked.TaskId ?? NewId.Task(), asked.Task);
        if (stream is null)
        {
            return Answer(reply);
        }

        http.Response.Headers.Location = Paths.Task(http.Request, id);
        return new Streamed(stream with { TaskId = id }, front);
    }

    /// <summary>This front takes no more work.</summary>
    public static void RefuseWhileDraining(FrontContext front)
    {
        if (front.Draining)
        {
            throw new ProblemException(new Refusal(FrontCodes.Draining, "This front is going away; try again.", null, TimeSpan.FromSeconds(1)));
        }
    }

    /// <summary>The snapshot of what was created, or was there already.</summary>
    public static SnapshotResult Answer(TaskReply reply) =>
        new(reply.State!, reply.Viewers, reply.Created ? StatusCodes.Status202Accepted : StatusCodes.Status200OK, location: true);

    /// <summary>Makes a task, or finds the one that the request's <c>Idempotency-Key</c> stands for.</summary>
    /// <exception cref="ProblemException">It was refused.</exception>
    public static async Task<(string Id, TaskReply Reply)> SubmitAsync(HttpContext http, FrontContext front, string id, NewTask task)
    {
        if (HeaderFields.Text(http, "Idempotency-Key", 255) is { } key)
        {
            task = task with { Claim = Claims.LogId(task.Owner, key) };
            id = Claimed(await Claims.FindAsync(front.Logs, task.Claim, http.RequestAborted), id, task);
        }

        for (var tries = 0; tries < MostClaims; tries++)
        {
            var reply = await front.Grains.GetGrain<ITaskGrain>(id).CreateAsync(task);
            if (reply.OtherClaim is null)
            {
                return reply.Refusal is { } refusal ? throw new ProblemException(refusal) : (id, reply);
            }

            // Another request with the same key was first, a moment ago.
            id = Claimed(reply.OtherClaim, id, task);
        }

        throw new ProblemException(new Refusal(RefusalCodes.TaskMoving, "Requests with this Idempotency-Key are being refused and repeated; try again.", null, TimeSpan.FromSeconds(1)));
    }

    /// <summary>So many times a key may turn out to be another task's within one request.</summary>
    private const int MostClaims = 5;

    /// <summary>The task that a key stands for.</summary>
    private static string Claimed(Claim? claim, string id, NewTask task) =>
        claim is null ? id
        : claim.Digest == task.RequestDigest ? claim.TaskId
        : throw new ProblemException(RefusalCodes.IdempotencyConflict, "This Idempotency-Key was used with another body; use a new key.", "Idempotency-Key");

    private static (string? TaskId, NewTask Task) Read(BodyFields body, string owner)
    {
        var kind = body.Text("kind", 64);
        if (!GeneratorCatalog.IsKindName(kind))
        {
            throw body.Bad("kind", "'kind' has 1 to 64 of a-z0-9._-.");
        }

        var taskId = body.OptionalText("task_id", 64);
        if (taskId is not null && !TaskIds.IsValid(taskId))
        {
            throw body.Bad("task_id", "'task_id' has 8 to 64 of A-Za-z0-9_-.");
        }

        var input = body.Any("input");
        if (input.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            input = JsonElement.Parse("{}");
        }
        else if (input.ValueKind != JsonValueKind.Object)
        {
            throw body.Bad("input", "'input' is an object.");
        }

        var labels = body.Labels("labels");
        var attempts = body.OptionalWhole("max_attempts", 1, 100);
        var policy = ReadPolicy(body.OptionalObject("on_disconnect"));
        body.NothingElse();
        var inputBytes = WireJson.Encode(input);
        return (taskId, new NewTask
        {
            Kind = kind,
            Input = inputBytes,
            Owner = owner,
            Labels = labels,
            MaxAttempts = attempts,
            OnDisconnect = policy,
            RequestDigest = Digest(taskId, kind, input, labels, attempts, policy),
        });
    }

    private static OnDisconnect? ReadPolicy(BodyFields? fields)
    {
        if (fields is null)
        {
            return null;
        }

        var policy = fields.Text("policy", 16);
        var after = fields.OptionalDuration("after", TimeSpan.Zero, TimeSpan.FromHours(24 * 7));
        fields.NothingElse();
        return policy switch
        {
            "continue" when after is null => null,
            "cancel" when after is { } value => new OnDisconnect(value.Duration, value.Text),
            "cancel" => throw fields.Bad("after", "'cancel' needs 'after', a duration such as 60s."),
            "continue" => throw fields.Bad("after", "'continue' has no 'after'."),
            _ => throw fields.Bad("policy", "'policy' is 'continue' or 'cancel'."),
        };
    }

    /// <summary>A digest of what was asked for, whatever the order of names and the blanks in it.</summary>
    private static string Digest(string? taskId, string kind, JsonElement input, Dictionary<string, string> labels, int? attempts, OnDisconnect? policy)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add($"{taskId}\n{kind}\n{attempts}\n{policy?.After}\n");
        foreach (var (name, value) in labels.OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            Add($"{name.Length}:{name}{value.Length}:{value}");
        }

        AddJson(input);
        return Convert.ToHexStringLower(hash.GetCurrentHash());

        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));

        void AddJson(JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    Add("{");
                    foreach (var property in value.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                    {
                        Add($"{property.Name.Length}:{property.Name}");
                        AddJson(property.Value);
                    }

                    Add("}");
                    break;
                case JsonValueKind.Array:
                    Add("[");
                    foreach (var item in value.EnumerateArray())
                    {
                        AddJson(item);
                    }

                    Add("]");
                    break;
                case JsonValueKind.String:
                    var text = value.GetString()!;
                    Add($"\"{text.Length}:{text}");
                    break;
                default:
                    Add("#" + value.GetRawText() + ";");
                    break;
            }
        }
    }

    /// <summary>The task's own stream as the answer.</summary>
    internal sealed class Streamed(ViewerRequest request, FrontContext front) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => request.Start.After is null ? SseEndpoint.StreamAsync(httpContext, request, front)
            : SseEndpoint.ServeAsync(httpContext, request, front);
    }
}
