using Holdfast.Chaos.Cluster;
using Holdfast.Chaos.Judging;
using Holdfast.Chaos.Load;

namespace Holdfast.Chaos.Faults;

/// <summary>What a run does.</summary>
internal sealed record ChaosPlan
{
    /// <summary>Decides every choice of the driver; the machine's timing is its own.</summary>
    public required int Seed { get; init; }

    /// <summary>How long faults go on; there is one at least.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How many viewers are connected when something is broken, at least.</summary>
    public int Connected { get; init; }

    /// <summary>Steps of a task, at most.</summary>
    public int MostSteps { get; init; } = 200;

    /// <summary>Which faults, each as often as it is listed.</summary>
    public required IReadOnlyList<FaultKind> Faults { get; init; }

    /// <summary>Tasks that are begun each second.</summary>
    public double TasksPerSecond { get; init; } = 1.5;

    /// <summary>Viewers of each task that is watched.</summary>
    public int Viewers { get; init; } = 4;
}

/// <summary>What came of it.</summary>
/// <param name="Faults">How often what was broken.</param>
/// <param name="MostCut">How many viewers lost their connections in one moment, at most, where <see cref="FaultKind.ViewersCut"/> did it.</param>
/// <param name="Tasks">Tasks made.</param>
/// <param name="Alone">Those among them that nobody watched.</param>
/// <param name="Standstill">How long one of those stood still while all was well, at most.</param>
/// <param name="Viewers">Viewers judged.</param>
/// <param name="Events">Events that they were given.</param>
/// <param name="Connections">Connections that they needed.</param>
/// <param name="Pauses">The longest pause of each viewer of a plain echo, ascending.</param>
/// <param name="Problems">What is wrong; nothing when all is well.</param>
internal sealed record ChaosReport(
    IReadOnlyDictionary<FaultKind, int> Faults, int MostCut, int Tasks, int Alone, TimeSpan Standstill, int Viewers, long Events, long Connections,
    IReadOnlyList<TimeSpan> Pauses, IReadOnlyList<string> Problems)
{
    /// <summary>The p-th percentile of the longest pauses.</summary>
    public TimeSpan Pause(double p) => Pauses.Count == 0 ? default : Pauses[(int)Math.Min(Pauses.Count - 1, Pauses.Count * p)];
}

/// <summary>A load, a seeded schedule of faults, and the judgement.</summary>
internal static class ChaosRun
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(15);

    /// <summary>What silos get, so that vanished workers are noticed while somebody looks.</summary>
    public static IReadOnlyList<string> SiloArguments { get; } = ["--Tasks:WorkerLease", "00:00:06"];

    /// <summary>Runs a plan on a cluster that is up; it is up again afterwards.</summary>
    public static async Task<ChaosReport> RunAsync(LocalCluster cluster, ChaosPlan plan, Action<string> say, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromSeconds(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var random = new Random(plan.Seed);
        var api = new ClusterApi(http, cluster.Entries);
        var name = $"chaos-{plan.Seed}-{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}";
        var load = new TaskLoad(api, name, new Random(random.Next()), await SampleAsync(http, cluster, cancellationToken));
        var driver = new FaultDriver(cluster, load, new Random(random.Next()), say);
        var worker = new ChaosWorker(api, name, new Random(random.Next()));
        using var working = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var adding = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = worker.RunAsync(working.Token);
        var added = AddAsync(load, plan, adding.Token, cancellationToken);
        List<string> problems = [];
        Dictionary<FaultKind, int> faults = [];
        try
        {
            await BreakAsync(plan, driver, load, random, faults, say, cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            problems.Add(e.Message);
        }

        await adding.CancelAsync();
        await added;
        await cluster.HealAsync(cancellationToken);
        say("  waiting for the ends …");
        problems.AddRange(await EndAsync(load, say, cancellationToken));
        await working.CancelAsync();
        await work;
        var oracle = new Oracle(api, load, driver.Outages);
        problems.AddRange(await oracle.JudgeAsync(cancellationToken));
        var records = load.Records;
        var plain = load.Tasks.Where(task => task.Sort == TaskSort.Echo).Select(task => task.Id).ToHashSet();
        return new ChaosReport(
            faults,
            driver.MostCut,
            load.Tasks.Count,
            load.Tasks.Count(task => !task.Watched),
            oracle.LongestStandstill,
            records.Count,
            records.Sum(record => (long)record.Events.Count),
            records.Sum(record => (long)record.Connections),
            [.. records.Where(record => plain.Contains(record.Task)).Select(record => record.LongestPause).Order()],
            problems);
    }

    private static async Task BreakAsync(
        ChaosPlan plan, FaultDriver driver, TaskLoad load, Random random, Dictionary<FaultKind, int> faults, Action<string> say, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var first = true;
        while (first || TimeProvider.System.GetElapsedTime(begun) < plan.Duration)
        {
            first = false;
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500, 4000)), TimeProvider.System, cancellationToken);
            await ConnectedAsync(plan, load, cancellationToken);
            var fault = plan.Faults[random.Next(plan.Faults.Count)];
            faults[fault] = faults.GetValueOrDefault(fault) + 1;
            say($"{TimeProvider.System.GetElapsedTime(begun):mm\\:ss} {fault}");
            await driver.ApplyAsync(fault, cancellationToken);
        }
    }

    private static async Task ConnectedAsync(ChaosPlan plan, TaskLoad load, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (load.Connected < plan.Connected)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > ConnectLimit)
            {
                throw new InvalidOperationException($"Only {load.Connected} of {plan.Connected} viewers have come within {ConnectLimit}.");
            }

            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task AddAsync(TaskLoad load, ChaosPlan plan, CancellationToken until, CancellationToken cancellationToken)
    {
        while (!until.IsCancellationRequested)
        {
            await load.AddAsync(plan.Viewers, plan.MostSteps, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1 / plan.TasksPerSecond), TimeProvider.System, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until every viewer has seen the end of its task, and says how many still wait.</summary>
    private static async Task<IReadOnlyList<string>> EndAsync(TaskLoad load, Action<string> say, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var done = load.WhenDoneAsync(cancellationToken);
        while (TimeProvider.System.GetElapsedTime(begun) < EndLimit)
        {
            try
            {
                await done.WaitAsync(SayEvery, TimeProvider.System, cancellationToken);
                return [];
            }
            catch (TimeoutException) when (!done.IsCompleted)
            {
                say($"  {load.Records.Count(record => !record.Finished)} viewers still wait, or a task that nobody watches");
            }
            catch (InvalidOperationException e)
            {
                return [e.Message];
            }
        }

        var waiting = load.Records.Where(record => !record.Finished).ToList();
        return [$"after {EndLimit} with everything well {waiting.Count} viewers still wait, or a task that nobody watches: {string.Join("; ", waiting.Take(5).Select(one => $"{one.Name} after {one.Events.Count} events and {one.Connections} connections"))}"];
    }

    private static async Task<string> SampleAsync(HttpClient http, LocalCluster cluster, CancellationToken cancellationToken) =>
        await http.GetStringAsync(new Uri(cluster.Fronts[0].Address, "/samples/README.md"), cancellationToken);
}
