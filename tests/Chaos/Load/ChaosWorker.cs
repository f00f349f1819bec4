using System.Text.Json;

namespace Holdfast.Chaos.Load;

/// <summary>An external worker as PROTOCOL describes one: it leases, appends steps with a checkpoint, and now and then vanishes in the middle.</summary>
/// <param name="api">The cluster.</param>
/// <param name="name">Of the load: it takes that load's tasks only.</param>
/// <param name="random">Decides when it vanishes.</param>
internal sealed class ChaosWorker(ClusterApi api, string name, Random random)
{
    /// <summary>How often it vanished.</summary>
    public int Vanished { get; private set; }

    /// <summary>The kind of a load's tasks for workers.</summary>
    public static string Kind(string name) => "chaos." + name.ToLowerInvariant();

    /// <summary>Works until it is told to end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var (status, lease) = await api.CallAsync(
                    HttpMethod.Post, "/api/v1/workers/lease", new { worker_id = "chaos-worker", kinds = new[] { Kind(name) }, wait = "2s" }, cancellationToken);
                if (status == 200)
                {
                    await WorkAsync(lease, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task WorkAsync(JsonElement leased, CancellationToken cancellationToken)
    {
        var task = leased.GetProperty("task_id").GetString();
        var lease = leased.GetProperty("lease").GetString();
        var steps = leased.GetProperty("input").GetProperty("steps").GetInt32();
        var done = leased.GetProperty("checkpoint") is { ValueKind: JsonValueKind.Number } checkpoint ? checkpoint.GetInt32() : 0;
        var vanishAt = random.Next(3) == 0 ? random.Next(done + 1, steps + 2) : int.MaxValue;
        while (done < steps)
        {
            if (done + 1 >= vanishAt)
            {
                // Without a word: the lease runs out, and somebody goes on from the checkpoint.
                Vanished++;
                return;
            }

            var step = new { type = "token", data = new { channel = "main", delta = $"{done + 1}:" }, key = $"step-{done + 1}" };
            var (status, _) = await api.CallAsync(
                HttpMethod.Post, $"/api/v1/tasks/{task}/events", new { lease, events = new[] { step }, checkpoint = done + 1 }, cancellationToken);
            if (status != 200)
            {
                // The lease is somebody else's.
                return;
            }

            done++;
            await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, cancellationToken);
        }

        await api.CallAsync(HttpMethod.Post, $"/api/v1/tasks/{task}/complete", new { lease, result = new { steps } }, cancellationToken);
    }
}
