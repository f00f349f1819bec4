using Holdfast.Chaos.Cluster;

namespace Holdfast.Chaos;

/// <summary><c>./platform cluster</c>: a cluster on this machine, to look at and to break by hand. It restarts nothing by itself.</summary>
internal static class ClusterCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Runs it until it is cancelled, or standard input says <c>quit</c>.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var given = new Arguments(arguments, "--silos", "--fronts", "--port");
        var plan = new ClusterPlan
        {
            Silos = (int)given.Number("--silos", 2, 1, 16),
            Fronts = (int)given.Number("--fronts", 2, 1, 16),
            Port = (int)given.Number("--port", 8000, 0, 65_535),
        };
        LocalCluster cluster;
        try
        {
            cluster = await LocalCluster.StartAsync(plan, Console.WriteLine, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return 130;
        }

        await using (cluster)
        {
            Show(cluster);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var orders = Task.Run(() => ObeyAsync(cluster, ended), CancellationToken.None);
            await WatchAsync(cluster, ended.Token);
            await cluster.StopAsync(Console.WriteLine);
            // A read of the terminal cannot be taken back: it ends with the process.
            _ = orders;
        }

        return 0;
    }

    private static void Show(LocalCluster cluster)
    {
        Console.WriteLine();
        foreach (var process in cluster.All)
        {
            Console.WriteLine($"  {process.Name,-9} {process.Address,-30} process {process.Id,-8} {process.Log}");
        }

        Console.WriteLine($"""

              open     {cluster.Entries[0]} (any front will do as well)
              break    kill -9 any process above, or type: kill NAME, term NAME, pause NAME, resume NAME, start NAME, reload
              stop     Ctrl-C, or type: quit

            """);
    }

    /// <summary>Says what changes.</summary>
    private static async Task WatchAsync(LocalCluster cluster, CancellationToken cancellationToken)
    {
        var known = cluster.All.ToDictionary(process => process, _ => ProcessState.Ready);
        try
        {
            while (true)
            {
                await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
                foreach (var process in cluster.All)
                {
                    var state = await process.LookAsync(cancellationToken);
                    if (known[process] != state)
                    {
                        known[process] = state;
                        Console.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {process.Name} is {Word(state)}{(process.Id is { } id ? $" (process {id})" : "")}");
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine();
        }
    }

    private static async Task ObeyAsync(LocalCluster cluster, CancellationTokenSource ended)
    {
        while (!ended.IsCancellationRequested && await Console.In.ReadLineAsync(CancellationToken.None) is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words is ["quit" or "exit"])
            {
                await ended.CancelAsync();
            }
            else if (words is ["reload"])
            {
                await cluster.ReloadProxyAsync();
            }
            else if (words is [var verb, var name] && cluster.All.FirstOrDefault(one => one.Name == name) is { } process && await ObeyAsync(process, verb))
            {
                continue;
            }
            else if (words.Length > 0)
            {
                Console.WriteLine($"'{line}' is unknown. kill, term, pause, resume or start one of: {string.Join(", ", cluster.All.Select(one => one.Name))}; reload; quit");
            }
        }
    }

    private static async Task<bool> ObeyAsync(ManagedProcess process, string verb)
    {
        switch (verb)
        {
            case "kill":
                await process.KillAsync();
                return true;
            case "term":
                await process.StopAsync();
                return true;
            case "pause":
                process.Pause();
                return true;
            case "resume":
                process.Resume();
                return true;
            case "start":
                await process.StartAsync();
                return true;
            default:
                return false;
        }
    }

    private static string Word(ProcessState state) => state switch
    {
        ProcessState.Stopped => "stopped",
        ProcessState.NotReady => "not ready",
        ProcessState.Ready => "ready",
        ProcessState.Paused => "paused",
        _ => "dead",
    };
}
