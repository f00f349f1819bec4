using System.Diagnostics;

using Holdfast.Bench.Load;
using Holdfast.Bench.Servers;

namespace Holdfast.Bench.Scenarios;

/// <summary>
/// Tasks with an event every 20 ms and viewers at every front; the silo that has most of them is killed. From the kill until a viewer has an event
/// that was made after it. The parts: until another silo knows of the death, until the generator runs again, until its event is seen.
/// </summary>
internal sealed class Failover : IScenario
{
    /// <summary>Sooner at the price of pauses that are forgiven: 0.75 s instead of 3 s.</summary>
    private static readonly string[] Tight = ["--Cluster:Probe", "00:00:00.125", "--Cluster:Silence", "00:00:00.75", "--Front:FeedRetry", "00:00:00.1"];

    public string Name => "failover";

    public string Description => "kill -9 of a silo with 20 tasks, 200 viewers: until the next event (always a cluster)";

    public async Task RunAsync(BenchContext context)
    {
        await RunAsync(context, "default", []);
        await RunAsync(context, "tight", Tight);
    }

    private static async Task RunAsync(BenchContext context, string phase, string[] settings)
    {
        using var server = await context.StartAsync(ServerKind.Holdfast, options => options with { Cluster = true, Settings = [.. settings, .. options.Settings] });
        var record = context.Once(ServerKind.Holdfast);
        var (all, found, started, seen) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var kill = 0; kill < context.Size(12, 2); kill++)
        {
            if (server.Silos.Count < context.Options.Silos)
            {
                await server.AddSiloAsync();
            }

            var topics = await context.CreateTopicsAsync(server, 40, "beat");
            var places = await server.PlacesAsync(topics);
            var (silo, theirs) = places.Where(place => topics.Contains(place.Key)).GroupBy(place => place.Value, place => place.Key).MaxBy(group => group.Count()) is { } most
                ? (most.Key, most.ToHashSet(StringComparer.Ordinal)) : throw new InvalidOperationException("No silo has a task.");
            using var swarm = new Swarm(server, topics, 400);
            await swarm.ConnectAsync(ViewerStart.Live);
            swarm.Mark(Stopwatch.GetTimestamp());
            await swarm.MarkedAsync();

            // Not in step with the leases.
            await Task.Delay(Random.Shared.Next(1000));
            var killed = Stopwatch.GetTimestamp();
            server.KillSilo(silo);
            swarm.Mark(Stopwatch.GetTimestamp());
            await swarm.MarkedAsync();

            var deaths = await Task.WhenAll(server.Silos.Select(one => one.DeathsAsync()));
            var death = deaths.SelectMany(at => at).Where(at => at > killed).Min();
            var starts = (await Task.WhenAll(server.Silos.Select(one => one.StartsAsync()))).SelectMany(one => one)
                .Where(one => theirs.Contains(one.Key)).ToDictionary(one => one.Key, one => one.Value, StringComparer.Ordinal);
            found.Add(Milliseconds(killed, death));
            started.AddRange(starts.Values.Select(at => Milliseconds(death, at)));
            foreach (var viewer in swarm.Viewers.Where(viewer => theirs.Contains(viewer.Topic)))
            {
                all.Add(Milliseconds(killed, viewer.MarkedAt));
                seen.Add(Milliseconds(starts[viewer.Topic], viewer.MarkedAt));
            }

            record.Check(swarm);
            await server.CancelAsync(topics);
        }

        foreach (var (what, values) in new[] { ("until the next event", all), ("… until the death is known", found), ("… from there until it runs again", started), ("… from there until it is seen", seen) })
        {
            values.Sort();
            record.Add($"{phase}: {what} p50", "ms", values[(values.Count - 1) / 2]);
            record.Add($"{phase}: {what} p99", "ms", values[(int)Math.Ceiling(.99 * values.Count) - 1]);
        }
    }

    private static double Milliseconds(long from, long to) => (to - from) * 1000.0 / Stopwatch.Frequency;
}
