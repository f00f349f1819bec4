using System.Diagnostics;

using Holdfast.Bench.Report;
using Holdfast.Bench.Scenarios;

namespace Holdfast.Bench;

/// <summary>Runs the scenarios that were asked for, and says what came out.</summary>
internal static class BenchRun
{
    private static readonly IScenario[] All = [new FanOut(), new Many(), new Replay(), new Idle(), new Storm(), new Tasks(), new Failover()];

    /// <summary>Runs. 0: every viewer saw every event once and in order; the figures are for people to judge.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var options = BenchOptions.Read(args, [.. All.Select(one => one.Name)], out var wrong);
        if (options is null)
        {
            await Console.Error.WriteLineAsync((wrong is null ? "" : wrong + "\n\n") + BenchOptions.Help(All.Select(one => (one.Name, one.Description))));
            return wrong is null ? 0 : 2;
        }

        if (!OperatingSystem.IsLinux())
        {
            await Console.Error.WriteLineAsync("The load generator uses Linux's epoll; run the benchmarks on Linux.");
            return 2;
        }

        if (Debugger.IsAttached || !IsOptimised)
        {
            await Console.Error.WriteLineAsync("This is a debug build: run it with -c Release.");
        }

        var results = new BenchResults();
        foreach (var scenario in All.Where(one => options.Scenarios.Count == 0 || options.Scenarios.Contains(one.Name)))
        {
            Console.WriteLine($"{scenario.Name}: {scenario.Description}");
            var started = Stopwatch.GetTimestamp();
            await scenario.RunAsync(new BenchContext(scenario.Name, options, results));
            Console.WriteLine($"  took {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        }

        Console.WriteLine();
        Console.WriteLine(Table.Of(results, options));
        if (options.Json is { } path)
        {
            await ResultsFile.WriteAsync(path, results, options);
            Console.WriteLine($"Results are in {path}.");
        }

        return results.Violations.Count == 0 ? 0 : 1;
    }

    private static bool IsOptimised =>
        typeof(BenchRun).Assembly.GetCustomAttributes(typeof(DebuggableAttribute), false) is not [DebuggableAttribute { IsJITOptimizerDisabled: true }, ..];
}
