using System.Globalization;

using Holdfast.Chaos.Cluster;
using Holdfast.Chaos.Faults;

namespace Holdfast.Chaos;

/// <summary><c>./platform chaos</c>: breaks a cluster on purpose for as long as one likes, and says whether anybody lost anything.</summary>
internal static class ChaosCommand
{
    /// <summary>Runs it.</summary>
    /// <returns>0 when nothing was lost, doubled or reordered; else 1.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var given = new Arguments(arguments, "--minutes", "--seed", "--silos", "--fronts", "--fault", "--rate", "--viewers", "--network");
        var ownNetwork = given.Text("--network") == "own";
        var plan = new ChaosPlan
        {
            Seed = (int)given.Number("--seed", Random.Shared.Next(1, 1_000_000), 0, int.MaxValue),
            Duration = TimeSpan.FromMinutes(given.Number("--minutes", 2, 0, 10_000)),
            TasksPerSecond = given.Number("--rate", 1.5, 0.1, 100),
            Viewers = (int)given.Number("--viewers", 4, 1, 1000),
            Faults = FaultsOf(given.Text("--fault"), ownNetwork),
        };
        Say($"seed {plan.Seed}, {plan.Duration.TotalMinutes:0.##} minutes, faults: {string.Join(", ", plan.Faults)}");
        if (!ownNetwork)
        {
            Say("without a network of its own: packets are not dropped");
        }

        var layout = new ClusterPlan
        {
            Silos = (int)given.Number("--silos", 2, 1, 16),
            Fronts = (int)given.Number("--fronts", 2, 1, 16),
            SiloArguments = ChaosRun.SiloArguments,
        };
        await using var cluster = await LocalCluster.StartAsync(layout, Say, cancellationToken);
        var clean = false;
        try
        {
            var report = await ChaosRun.RunAsync(cluster, plan, Say, cancellationToken);
            await cluster.StopAsync();
            Show(plan, report);
            clean = report.Problems.Count == 0;
        }
        finally
        {
            if (!clean && !cancellationToken.IsCancellationRequested)
            {
                Keep(cluster, plan);
            }
        }

        return clean ? 0 : 1;
    }

    private static void Keep(LocalCluster cluster, ChaosPlan plan)
    {
        var kept = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, ".platform", $"chaos-{plan.Seed}")).FullName;
        foreach (var log in cluster.All.Select(process => process.Log).Where(File.Exists))
        {
            File.Copy(log, Path.Combine(kept, Path.GetFileName(log)), overwrite: true);
        }

        Say($"the logs are in {kept}; again: ./platform chaos --seed {plan.Seed} --minutes {plan.Duration.TotalMinutes:0.##}");
    }

    private static FaultKind[] FaultsOf(string? name, bool ownNetwork)
    {
        if (name is null)
        {
            return [.. Enum.GetValues<FaultKind>().Where(fault => ownNetwork || fault != FaultKind.NetworkLoss)];
        }

        return [.. name.Split(',').Select(one => Enum.TryParse<FaultKind>(one, ignoreCase: true, out var fault) && Enum.IsDefined(fault)
            ? fault : throw new UsageException($"'{one}' is no fault; there are {string.Join(", ", Enum.GetNames<FaultKind>())}."))];
    }

    private static void Show(ChaosPlan plan, ChaosReport report)
    {
        Say("");
        foreach (var (fault, times) in report.Faults.OrderBy(pair => pair.Key))
        {
            Say($"  {fault,-18} {times,5} times");
        }

        Say($"  {"tasks",-18} {report.Tasks,5}, {report.Alone} of them watched by nobody, who stood still for {report.Standstill.TotalSeconds:0.00} s at most");
        Say($"  {"viewers",-18} {report.Viewers,5}, {report.Connections} connections, {report.Events} events");
        Say($"  {"longest pauses",-18} p50 {report.Pause(0.5).TotalSeconds:0.00} s, p99 {report.Pause(0.99).TotalSeconds:0.00} s");
        foreach (var problem in report.Problems.Take(20))
        {
            Say("  WRONG: " + problem);
        }

        Say(report.Problems.Count == 0
            ? $"seed {plan.Seed}: nothing lost, doubled or reordered"
            : $"seed {plan.Seed}: {report.Problems.Count} problems");
    }

    private static void Say(string line) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line}"));
}
