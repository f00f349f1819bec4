using System.Net;
using System.Text.Json;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>A task that the test itself works on, as an external worker: what happens and when is in the test's hand.</summary>
internal sealed class HandTask
{
    private readonly Api _api;

    private HandTask(Api api, string id, string kind) => (_api, Id, Kind) = (api, id, kind);

    /// <summary>The task.</summary>
    public string Id { get; }

    /// <summary>Its kind, which no other test has.</summary>
    public string Kind { get; }

    /// <summary>The lease.</summary>
    public string Lease { get; private set; } = "";

    /// <summary>The answer to the last lease.</summary>
    public JsonElement Leased { get; private set; }

    /// <summary>A kind that no other test has.</summary>
    public static string NewKind() => "by-hand." + Guid.NewGuid().ToString("n")[..12];

    /// <summary>Creates a task and leaves it waiting.</summary>
    /// <param name="api">The front.</param>
    /// <param name="fields">Further fields of the request, as JSON: <c>"max_attempts":1</c>.</param>
    public static async Task<HandTask> QueueAsync(Api api, string fields = "")
    {
        var kind = NewKind();
        return new HandTask(api, await api.CreateAsync($$"""{"kind":"{{kind}}"{{(fields.Length > 0 ? "," + fields : "")}}}"""), kind);
    }

    /// <summary>Creates a task and leases it. Its events 1 and 2 are then there: <c>created</c> and <c>started</c>.</summary>
    public static async Task<HandTask> StartAsync(Api api, string fields = "")
    {
        var task = await QueueAsync(api, fields);
        await task.LeaseAsync();
        return task;
    }

    /// <summary>Leases it, which has to work.</summary>
    public async Task LeaseAsync(string worker = "test")
    {
        var reply = (await _api.PostAsync("/api/v1/workers/lease", new { worker_id = worker, kinds = new[] { Kind }, wait = "30s" })).Is(HttpStatusCode.OK);
        Assert.Equal(Id, reply["task_id"].GetString());
        (Lease, Leased) = (reply["lease"].GetString()!, reply.Json);
    }

    /// <summary>Any call of a worker on this task.</summary>
    public Task<Reply> CallAsync(string call, object body) => _api.PostAsync($"/api/v1/tasks/{Id}/{call}", body);

    /// <summary>Appends events, which has to work; gives the last one's number.</summary>
    public async Task<long> AppendAsync(params object[] events) =>
        (await CallAsync("events", new { lease = Lease, events })).Is(HttpStatusCode.OK)["last_seq"].GetInt64();

    /// <summary>Appends events with a checkpoint that covers them.</summary>
    public async Task<long> CheckpointAsync(object checkpoint, params object[] events) =>
        (await CallAsync("events", new { lease = Lease, events, checkpoint })).Is(HttpStatusCode.OK)["last_seq"].GetInt64();

    /// <summary>Appends a token for each text.</summary>
    public Task<long> TokensAsync(params IEnumerable<string> deltas) => AppendAsync([.. deltas.Select(delta => Token(delta))]);

    /// <summary>An event.</summary>
    public static object Token(string delta, string channel = "main") => new { type = "token", data = new { channel, delta } };

    /// <summary>Ends it well.</summary>
    public async Task CompleteAsync(object? result = null) => (await CallAsync("complete", new { lease = Lease, result })).Is(HttpStatusCode.OK);

    /// <summary>Gives the attempt up.</summary>
    public async Task FailAsync(string code = "broken", bool retryable = false) =>
        (await CallAsync("fail", new { lease = Lease, error = new { code, message = "told to", retryable } })).Is(HttpStatusCode.OK);
}
