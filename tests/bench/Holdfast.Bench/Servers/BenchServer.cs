using Holdfast.TestSupport;

namespace Holdfast.Bench.Servers;

/// <summary>A server that is measured: one process, or silos, fronts and a Redis.</summary>
internal sealed class BenchServer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FrontLook = TimeSpan.FromSeconds(1.5);
    private readonly BenchOptions _options;
    private readonly List<ServerProcess> _silos;
    private readonly RedisServer? _redis;

    private BenchServer(ServerKind kind, BenchOptions options, List<ServerProcess> silos, IReadOnlyList<ServerProcess> fronts, RedisServer? redis)
    {
        (Kind, _options, _silos, Fronts, _redis) = (kind, options, silos, fronts, redis);
    }

    /// <summary>Which server it is.</summary>
    public ServerKind Kind { get; }

    /// <summary>Where viewers come in.</summary>
    public IReadOnlyList<ServerProcess> Fronts { get; }

    /// <summary>Where topics are.</summary>
    public IReadOnlyList<ServerProcess> Silos => _silos;

    /// <summary>Seconds of processor time that each part has spent so far, by its role.</summary>
    public IReadOnlyDictionary<string, double> Cpu => All.Select(process => (process.Role, process.Cpu))
        .Concat(_redis is { Id: { } redis } ? [("redis", Procfs.Cpu(redis))] : [])
        .GroupBy(part => part.Item1, part => part.Item2.TotalSeconds, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Sum(), StringComparer.Ordinal);

    /// <summary>Memory of the processes' own, Redis not among them.</summary>
    public long ResidentBytes => All.Sum(process => process.ResidentBytes);

    /// <summary>Memory of Redis; null where there is none.</summary>
    public long? StoreBytes => _redis is { Id: { } redis } ? Procfs.ResidentBytes(redis) : null;

    private IEnumerable<ServerProcess> All => _silos.Union(Fronts);

    /// <summary>Starts a server, and waits until it serves.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="data">The folder of its store.</param>
    /// <param name="options">Of how many processes it consists, and their settings.</param>
    public static async Task<BenchServer> StartAsync(ServerKind kind, string data, BenchOptions options)
    {
        if (kind == ServerKind.Baseline || !options.Cluster)
        {
            var one = kind == ServerKind.Baseline
                ? await ServerProcess.StartAsync("baseline", "baseline")
                : await ServerProcess.StartAsync("server", ["holdfast", "--data", data, .. options.Settings]);
            return new BenchServer(kind, options, [one], [one], null);
        }

        var redis = await RedisServer.StartAsync();
        List<ServerProcess> silos = [], fronts = [];
        var server = new BenchServer(kind, options, silos, fronts, redis);
        try
        {
            for (var i = 0; i < options.Silos; i++)
            {
                silos.Add(await server.StartSiloAsync());
            }

            for (var i = 0; i < options.Fronts; i++)
            {
                fronts.Add(await ServerProcess.StartAsync("front", ["front", "--redis", redis.Configuration, .. options.Settings]));
            }

            await server.UntilReadyAsync();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Where a viewer comes in.</summary>
    public ServerProcess FrontOf(int viewer) => Fronts[viewer % Fronts.Count];

    /// <summary>Makes topics of these names.</summary>
    public Task CreateAsync(IReadOnlyList<string> topics, string kind = "bench") => EachAsync(
        topics, (topic, n, cancellationToken) => FrontOf(n).CreateAsync(topic, Kind == ServerKind.Baseline ? null : kind, cancellationToken));

    /// <summary>Cancels tasks.</summary>
    public Task CancelAsync(IReadOnlyList<string> topics) => EachAsync(topics, (topic, n, cancellationToken) => FrontOf(n).CancelAsync(topic, cancellationToken));

    /// <summary>Publishes where the topics are, and waits until that is done.</summary>
    public async Task<PublishResult> PublishAsync(PublishPlan plan)
    {
        if (_silos.Count == 1)
        {
            return await _silos[0].PublishAsync(plan);
        }

        var places = await PlacesAsync(plan.Topics);
        var results = await Task.WhenAll(plan.Topics.GroupBy(topic => places[topic]).Select(group => group.Key.PublishAsync(plan with { Topics = [.. group] })));
        return new PublishResult(results.Sum(result => result.Events), results.Max(result => result.Seconds));
    }

    /// <summary>Where these topics are. Waits until all of them are somewhere.</summary>
    public async Task<IReadOnlyDictionary<string, ServerProcess>> PlacesAsync(IReadOnlyCollection<string> topics)
    {
        var places = new Dictionary<string, ServerProcess>(StringComparer.Ordinal);
        await UntilAsync("every topic has a silo", async () =>
        {
            foreach (var silo in _silos)
            {
                foreach (var topic in (await silo.StartsAsync()).Keys)
                {
                    places[topic] = silo;
                }
            }

            return topics.All(places.ContainsKey);
        });
        return places;
    }

    /// <summary>Ends a silo at once.</summary>
    public void KillSilo(ServerProcess silo)
    {
        _silos.Remove(silo);
        silo.Dispose();
    }

    /// <summary>Adds a silo, and waits until the cluster has it.</summary>
    public async Task AddSiloAsync()
    {
        _silos.Add(await StartSiloAsync());
        await UntilReadyAsync();
    }

    /// <summary>What the runtimes have done so far.</summary>
    public async Task<RuntimeResult> RuntimeAsync()
    {
        var all = await Task.WhenAll(All.Select(process => process.RuntimeAsync()));
        return new RuntimeResult(all.Sum(one => one.Allocated), all.Sum(one => one.Collections), all.Sum(one => one.PausedMs), all.Sum(one => one.WorkItems));
    }

    /// <summary>Memory after a full collection.</summary>
    public async Task<MemoryResult> MemoryAsync()
    {
        var all = await Task.WhenAll(All.Select(process => process.MemoryAsync()));
        return new MemoryResult(all.Sum(one => one.Managed), all.Sum(one => one.Committed));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in All.ToList())
        {
            process.Dispose();
        }

        _redis?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static Task EachAsync(IReadOnlyList<string> topics, Func<string, int, CancellationToken, Task> act) => Parallel.ForEachAsync(
        Enumerable.Range(0, topics.Count), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (n, cancellationToken) => await act(topics[n], n, cancellationToken));

    private static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); !await condition();)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > StartLimit)
            {
                throw new TimeoutException($"It is not true after {StartLimit.TotalSeconds:0} s that {what}.");
            }

            await Task.Delay(20);
        }
    }

    private Task<ServerProcess> StartSiloAsync() => ServerProcess.StartAsync(
        "silo",
        ["silo", "--redis", _redis!.Configuration, "--port", $"{Ports.Free()}", "--gateway-port", $"{Ports.Free()}", .. _options.Settings]);

    /// <summary>Every front serves, and every silo has all the others.</summary>
    private async Task UntilReadyAsync()
    {
        foreach (var process in All)
        {
            await UntilAsync($"the {process.Role} is ready", () => process.IsReadyAsync(_silos.Count));
        }

        // A front looks who is there once per probe.
        await Task.Delay(FrontLook);
    }
}

/// <summary>The servers that are measured.</summary>
internal enum ServerKind
{
    /// <summary>The least that could be.</summary>
    Baseline,

    /// <summary>The product.</summary>
    Holdfast,
}
