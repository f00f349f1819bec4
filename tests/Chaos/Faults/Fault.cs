using System.Globalization;

using Holdfast.Chaos.Cluster;
using Holdfast.Chaos.Judging;
using Holdfast.Chaos.Load;
using Holdfast.TestSupport;

namespace Holdfast.Chaos.Faults;

/// <summary>What is broken.</summary>
internal enum FaultKind
{
    /// <summary>kill -9 of a silo.</summary>
    SiloKill,

    /// <summary>kill -9 of every silo, one after the other, each back before the next.</summary>
    EverySiloKill,

    /// <summary>kill -9 of all silos at once.</summary>
    AllSilosKill,

    /// <summary>kill -9 of a front.</summary>
    FrontKill,

    /// <summary>kill -9 of a silo and a front together.</summary>
    SiloAndFrontKill,

    /// <summary>SIGTERM and a new start of every silo and front, one after the other.</summary>
    RollingRestart,

    /// <summary>SIGSTOP of a silo until the others have declared it dead, then SIGCONT: it has to step down. A single silo just goes on.</summary>
    SiloPause,

    /// <summary>SIGSTOP of a front for a while, then SIGCONT.</summary>
    FrontPause,

    /// <summary>kill -9 of Redis, and a new start.</summary>
    RedisKill,

    /// <summary>SIGSTOP of Redis for a while, then SIGCONT.</summary>
    RedisPause,

    /// <summary>Every connection to Redis is cut.</summary>
    RedisReset,

    /// <summary>The proxy reads its configuration again.</summary>
    ProxyReload,

    /// <summary>Every viewer loses its connection at once.</summary>
    ViewersCut,

    /// <summary>Packets to and from a silo are dropped for a while. Needs a network of the run's own.</summary>
    NetworkLoss,
}

/// <summary>Breaks a cluster on purpose, and mends it.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="load">Its load.</param>
/// <param name="random">Picks the victims.</param>
/// <param name="say">Hears what is done.</param>
internal sealed class FaultDriver(LocalCluster cluster, TaskLoad load, Random random, Action<string> say)
{
    private static readonly TimeSpan StepDownLimit = TimeSpan.FromSeconds(60);

    private static readonly string[] Sides = ["--dport", "--sport"];

    /// <summary>How long a silo is stopped at least: longer than the others' patience.</summary>
    private static readonly TimeSpan BeyondPatience = TimeSpan.FromSeconds(6);

    private readonly List<Outage> _outages = [];

    /// <summary>How many viewers lost their connections in one moment, at most.</summary>
    public int MostCut { get; private set; }

    /// <summary>When something was broken, so far.</summary>
    public IReadOnlyList<Outage> Outages => _outages;

    /// <summary>Breaks something, and mends it.</summary>
    /// <exception cref="InvalidOperationException">The cluster did not get well again, or a silo that was declared dead went on.</exception>
    public async Task ApplyAsync(FaultKind fault, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetUtcNow();
        await BreakAsync(fault, cancellationToken);
        await cluster.HealAsync(cancellationToken);
        _outages.Add(new Outage(begun, TimeProvider.System.GetUtcNow()));
    }

    private async Task BreakAsync(FaultKind fault, CancellationToken cancellationToken)
    {
        switch (fault)
        {
            case FaultKind.SiloKill:
                await KillAsync([Any(cluster.Silos)], cancellationToken);
                break;
            case FaultKind.EverySiloKill:
                foreach (var silo in cluster.Silos)
                {
                    await KillAsync([silo], cancellationToken);
                }

                break;
            case FaultKind.AllSilosKill:
                await KillAsync(cluster.Silos, cancellationToken);
                break;
            case FaultKind.FrontKill:
                await KillAsync([Any(cluster.Fronts)], cancellationToken);
                break;
            case FaultKind.SiloAndFrontKill:
                await KillAsync([Any(cluster.Silos), Any(cluster.Fronts)], cancellationToken);
                break;
            case FaultKind.RollingRestart:
                await RestartAsync(cancellationToken);
                break;
            case FaultKind.SiloPause:
                await PauseSiloAsync(Any(cluster.Silos), cancellationToken);
                break;
            case FaultKind.FrontPause:
                await PauseAsync(Any(cluster.Fronts), cancellationToken);
                break;
            case FaultKind.RedisKill:
                await KillAsync([cluster.Redis], cancellationToken);
                break;
            case FaultKind.RedisPause:
                await PauseAsync(cluster.Redis, cancellationToken);
                break;
            case FaultKind.RedisReset:
                await cluster.ResetRedisConnectionsAsync();
                break;
            case FaultKind.ProxyReload when cluster.Proxy is not null:
                await cluster.ReloadProxyAsync();
                break;
            case FaultKind.ProxyReload:
                break;
            case FaultKind.ViewersCut:
                var cut = load.CutAll();
                MostCut = Math.Max(MostCut, cut);
                say($"  {cut} viewers lose their connections");
                break;
            case FaultKind.NetworkLoss:
                await LoseNetworkAsync(Any(cluster.Silos), cancellationToken);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, null);
        }
    }

    private async Task KillAsync(IReadOnlyList<ManagedProcess> victims, CancellationToken cancellationToken)
    {
        say("  kill -9 " + string.Join(", ", victims.Select(victim => victim.Name)));
        await Task.WhenAll(victims.Select(victim => victim.KillAsync()));
        await WaitAsync(TimeSpan.FromMilliseconds(random.Next(0, 5000)), cancellationToken);
        await cluster.HealAsync(cancellationToken);
    }

    private async Task RestartAsync(CancellationToken cancellationToken)
    {
        foreach (var process in cluster.Silos.Concat(cluster.Fronts))
        {
            var code = await process.StopAsync();
            say($"  SIGTERM {process.Name}: exit code {code?.ToString(CultureInfo.InvariantCulture) ?? "none, killed"}");
            if (code != 0)
            {
                throw new InvalidOperationException($"{process.Name} did not end in good order after SIGTERM: exit code {code}.{Environment.NewLine}{process.Tail()}");
            }

            await cluster.HealAsync(cancellationToken);
        }
    }

    private async Task PauseSiloAsync(ManagedProcess silo, CancellationToken cancellationToken)
    {
        say($"  SIGSTOP {silo.Name}");
        silo.Pause();
        await WaitAsync(BeyondPatience, cancellationToken);
        if (cluster.Silos.Count == 1)
        {
            silo.Resume();
            return;
        }

        await cluster.UntilSilosAsync(cluster.Silos.Count - 1, cancellationToken);
        silo.Resume();
        var begun = TimeProvider.System.GetTimestamp();
        while (silo.Runs)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > StepDownLimit)
            {
                throw new InvalidOperationException($"{silo.Name} was declared dead and did not step down.{Environment.NewLine}{silo.Tail()}");
            }

            await WaitAsync(TimeSpan.FromMilliseconds(100), cancellationToken);
        }

        say($"  {silo.Name} has stepped down, {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s after SIGCONT: exit code {silo.ExitCode}");
        if (!silo.SteppedDown)
        {
            throw new InvalidOperationException($"{silo.Name} was declared dead and ended with {silo.ExitCode}.{Environment.NewLine}{silo.Tail()}");
        }
    }

    private async Task PauseAsync(ManagedProcess process, CancellationToken cancellationToken)
    {
        say($"  SIGSTOP {process.Name}");
        process.Pause();
        await WaitAsync(TimeSpan.FromMilliseconds(random.Next(500, 5000)), cancellationToken);
        process.Resume();
    }

    private async Task LoseNetworkAsync(ManagedProcess silo, CancellationToken cancellationToken)
    {
        say($"  packets of {silo.Name} are dropped");
        string[][] rules = [.. silo.Ports.SelectMany(port => Sides.Select(side => new[] { "INPUT", "-p", "tcp", side, $"{port}", "-j", "DROP" }))];
        foreach (var rule in rules)
        {
            await IptablesAsync(["-I", .. rule]);
        }

        await WaitAsync(TimeSpan.FromMilliseconds(random.Next(1000, 8000)), cancellationToken);
        foreach (var rule in rules)
        {
            await IptablesAsync(["-D", .. rule]);
        }
    }

    private static async Task IptablesAsync(IEnumerable<string> arguments)
    {
        await using var iptables = ChildProcess.Start("/usr/sbin/iptables", arguments);
        iptables.Ignore();
        var code = await iptables.WaitForExitAsync();
        if (code != 0)
        {
            throw new InvalidOperationException($"iptables ended with {code}: {await iptables.Errors}");
        }
    }

    private static Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) => Task.Delay(time, TimeProvider.System, cancellationToken);

    private ManagedProcess Any(IReadOnlyList<ManagedProcess> processes) => processes[random.Next(processes.Count)];
}
