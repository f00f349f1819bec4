using Holdfast.Bench.Load;
using Holdfast.Bench.Report;
using Holdfast.Bench.Servers;

namespace Holdfast.Bench;

/// <summary>What a scenario works with.</summary>
internal sealed class BenchContext(string scenario, BenchOptions options, BenchResults results)
{
    private int _topics;

    /// <summary>The command line.</summary>
    public BenchOptions Options => options;

    /// <summary>The servers to measure, the baseline first.</summary>
    public ServerKind[] Kinds => options.Alone ? [ServerKind.Holdfast] : [ServerKind.Baseline, ServerKind.Holdfast];

    /// <summary>A number for measuring, or a smaller one to see that it works.</summary>
    public T Size<T>(T full, T quick) => options.Quick ? quick : full;

    /// <summary>Starts a server with a store of its own, on the disk.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="adjust">Changes its settings.</param>
    public Task<BenchServer> StartAsync(ServerKind kind, Func<BenchOptions, BenchOptions>? adjust = null)
    {
        var folder = Path.Combine(options.Data, scenario);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        return BenchServer.StartAsync(kind, folder, adjust is null ? options : adjust(options));
    }

    /// <summary>
    /// Starts all servers, lets each warm up, and measures by turns: the first one goes first in one repetition and last in the next, so that what
    /// else happens on the machine meets both.
    /// </summary>
    /// <param name="measure">Measures one server once. Its first run does not count.</param>
    public async Task ByTurnsAsync(Func<BenchServer, Recorder, Task> measure)
    {
        var servers = new List<BenchServer>();
        try
        {
            foreach (var kind in Kinds)
            {
                servers.Add(await StartAsync(kind));
            }

            for (var repetition = options.Quick ? 1 : 0; repetition <= options.Repeat; repetition++)
            {
                foreach (var server in servers)
                {
                    await measure(server, new Recorder(results, scenario, server.Kind, repetition));
                }

                servers.Reverse();
            }
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
            Directory.Delete(Path.Combine(options.Data, scenario), recursive: true);
        }
    }

    /// <summary>Measures each server once, alone, fresh from its start.</summary>
    public async Task OnceAsync(int repetition, Func<BenchServer, Recorder, Task> measure)
    {
        foreach (var kind in repetition % 2 == 1 ? Kinds : Kinds.Reverse())
        {
            using (var server = await StartAsync(kind))
            {
                await measure(server, new Recorder(results, scenario, kind, repetition));
            }

            Directory.Delete(Path.Combine(options.Data, scenario), recursive: true);
        }
    }

    /// <summary>New topics on a server.</summary>
    public async Task<string[]> CreateTopicsAsync(BenchServer server, int count, string kind = "bench")
    {
        string[] topics = [.. Enumerable.Range(0, count).Select(_ => $"{kind}-{_topics++:000000}")];
        await server.CreateAsync(topics, kind);
        return topics;
    }

    /// <summary>Takes figures of something that is measured once, whatever <see cref="BenchOptions.Repeat"/> says.</summary>
    public Recorder Once(ServerKind kind) => new(results, scenario, kind, 1);
}

/// <summary>Takes the figures of one measurement.</summary>
internal sealed class Recorder(BenchResults results, string scenario, ServerKind server, int repetition)
{
    /// <summary>Adds a figure, if this measurement counts.</summary>
    public void Add(string measure, string unit, double value)
    {
        if (repetition > 0)
        {
            results.Add(new Figure(scenario, measure, unit, server, repetition, value));
        }
    }

    /// <summary>Adds what was seen in a window, per event that was delivered.</summary>
    public void Add(string phase, Window window, long deliveries, bool rate)
    {
        if (rate)
        {
            Add($"{phase}: deliveries", "/s", deliveries / window.Seconds);
        }

        Add($"{phase}: server CPU per delivery", "us", window.ServerCpu * 1e6 / deliveries);
        foreach (var (role, seconds) in window.Parts.Count > 1 ? window.Parts : [])
        {
            Add($"{phase}: … of it {role}", "us", seconds * 1e6 / deliveries);
        }

        Add($"{phase}: allocated per delivery", "B", window.Allocated / (double)deliveries);
        Add($"{phase}: stopped for garbage collection", "%", window.Paused / window.Seconds * 100);
        Add($"{phase}: thread-pool items per delivery", "", window.WorkItems / (double)deliveries);
        Add($"{phase}: garbage collections", "/s", window.Collections / window.Seconds);
        Add($"{phase}: load generator CPU per delivery", "us", window.OwnCpu * 1e6 / deliveries);
        Add($"{phase}: machine used by others", "%", window.Others * 100);
    }

    /// <summary>Adds latencies.</summary>
    public void Add(string phase, Histogram latency)
    {
        Add($"{phase}: latency p50", "ms", latency.Percentile(.5));
        Add($"{phase}: latency p99", "ms", latency.Percentile(.99));
    }

    /// <summary>Takes over what a swarm has found to be wrong.</summary>
    public void Check(Swarm swarm)
    {
        if (swarm.FirstViolation is { } first)
        {
            results.Violations.Add($"{scenario}, {server}: {swarm.Violations} times, first: {first}");
        }
    }
}
