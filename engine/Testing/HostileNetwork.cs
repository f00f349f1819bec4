using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>How unkind the network of a test cluster is. Set by configuration under <c>Engine:Hostile</c> or by environment variables.</summary>
/// <param name="Seed">The random decisions' seed. Default: a new one.</param>
/// <param name="Delayed">Share of messages and local calls that are held up. Default: 0.2.</param>
/// <param name="LongestDelay">How long at most. Default: 3 ms.</param>
/// <param name="LostReplies">Share of answers that are lost although the call was executed. Default: 0.</param>
/// <param name="SilentKills">Share of kills that nobody is told of until the silo is declared dead. Default: 0.3.</param>
/// <param name="Forgotten">Share of grains whose place the directory forgets when a silo is killed. Default: 0.02.</param>
internal sealed record HostileOptions(int Seed, double Delayed, TimeSpan LongestDelay, double LostReplies, double SilentKills, double Forgotten)
{
    public static HostileOptions Read(IConfiguration configuration)
    {
        var off = configuration["Engine:Hostile"] is "off" || Environment.GetEnvironmentVariable("HOLDFAST_HOSTILE") is "off";
        var seed = configuration["Engine:Hostile:Seed"] ?? Environment.GetEnvironmentVariable("HOLDFAST_HOSTILE_SEED");
        return new HostileOptions(
            seed is null ? Random.Shared.Next() : int.Parse(seed, CultureInfo.InvariantCulture),
            Share("Delayed", 0.2),
            TimeSpan.FromMilliseconds(Share("LongestDelayMs", 3)),
            Share("LostReplies", 0),
            Share("SilentKills", 0.3),
            Share("Forgotten", 0.02));

        double Share(string name, double normal) => off ? 0 : configuration.GetValue<double?>("Engine:Hostile:" + name) ?? normal;
    }
}

/// <summary>
/// The network between the nodes of a test cluster. It keeps no order, takes its time, and breaks like a real one,
/// so that nobody leans on the good manners of calls within one process.
/// </summary>
internal sealed class HostileNetwork(HostileOptions options) : Interference, IConnector
{
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(700);

    private readonly ConcurrentDictionary<SiloAddress, Silo> _silos = new();
    private readonly Lock _gate = new();
    private readonly Random _random = new(options.Seed);

    public MemoryTable Table { get; } = new();

    public override string Remark { get; } = string.Create(
        CultureInfo.InvariantCulture, $" (This is a test cluster with a hostile network; the same one again: HOLDFAST_HOSTILE_SEED={options.Seed})");

    public void Add(Silo silo) => _silos[silo.SiloAddress] = silo;

    public Link Connect(Node node, SiloAddress silo)
    {
        var other = _silos.TryGetValue(silo, out var found) && !found.IsKilled ? found : throw new SiloUnavailableException($"{silo} does not run.");
        foreach (var (table, type) in other.Manifest.Implemented)
        {
            node.Manifest.Learn(table.Id, type);
        }

        var mine = new InProcessLink(this, node, other.ClientId, silo);
        var theirs = new InProcessLink(this, other, node.ClientId, node.Address);
        mine.Pair(theirs);
        theirs.Pair(mine);
        other.Links.Accept(theirs);
        return mine;
    }

    public Task ListenAsync(Silo silo, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Detour(Action action)
    {
        if (Chance(options.Delayed))
        {
            Later(action);
        }
        else
        {
            action();
        }
    }

    /// <summary>Brings a frame over, sooner or later, in whatever order.</summary>
    public void Carry(byte[] frame, InProcessLink to)
    {
        if (frame[0] is (byte)FrameKind.Response or (byte)FrameKind.Error && Chance(options.LostReplies))
        {
            return;
        }

        // A goodbye overtakes nothing: what was sent before it has arrived when it is heard, as on a real connection.
        if (frame[0] is (byte)FrameKind.Bye or (byte)FrameKind.ByeHeard)
        {
            to.AfterAll(() => to.Deliver(frame));
            return;
        }

        var arrived = to.Expect();
        Action arrive = () =>
        {
            to.Deliver(frame);
            arrived.SetResult();
        };
        if (Chance(options.Delayed))
        {
            Later(arrive);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static a => a(), arrive, preferLocal: false);
        }
    }

    /// <summary>
    /// Ends a silo as if its process had died: either all that are connected see it at once, or nobody learns it before
    /// the silo is declared dead, and calls to it hang until then or until their time-out.
    /// </summary>
    public void Kill(Silo silo)
    {
        var silent = Chance(options.SilentKills);
        foreach (var link in silo.Links.All.OfType<InProcessLink>())
        {
            link.Cut(silent);
        }

        silo.Kill();
        _silos.TryRemove(silo.SiloAddress, out _);
        if (silent)
        {
            After(s_silence, () => Bury(silo));
        }
        else
        {
            Bury(silo);
        }
    }

    private void Bury(Silo silo)
    {
        Table.Forget(_ => Chance(options.Forgotten));
        Table.Bury(silo.SiloAddress);
    }

    private void Later(Action action) => After(TimeSpan.FromTicks((long)(Draw() * options.LongestDelay.Ticks)), action);

    private static void After(TimeSpan time, Action action)
    {
        ITimer? timer = null;
        timer = TimeProvider.System.CreateTimer(
            _ =>
            {
                timer?.Dispose();
                action();
            },
            null,
            time,
            Timeout.InfiniteTimeSpan);
    }

    private bool Chance(double share) => share > 0 && Draw() < share;

    private double Draw()
    {
        lock (_gate)
        {
            return _random.NextDouble();
        }
    }
}

/// <summary>One end of a connection within the process. What is sent is bytes all the same.</summary>
internal sealed class InProcessLink(HostileNetwork network, Node node, string peer, SiloAddress? silo) : Link(node, peer, silo)
{
    private readonly ConcurrentDictionary<TaskCompletionSource, bool> _underWay = new();
    private InProcessLink? _other;
    private volatile bool _cut;
    private volatile bool _silent;

    public void Pair(InProcessLink other) => _other = other;

    /// <summary>From now on nothing gets through, either way; silently, or so that the other end sees it.</summary>
    public void Cut(bool silent)
    {
        (_silent, _other!._silent) = (silent, silent);
        (_cut, _other._cut) = (true, true);
    }

    /// <summary>A frame is under way to this end; completed when it has arrived.</summary>
    public TaskCompletionSource Expect()
    {
        var arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _underWay[arrival] = true;
        _ = ForgetAsync();
        return arrival;

        async Task ForgetAsync()
        {
            await arrival.Task;
            _underWay.TryRemove(arrival, out _);
        }
    }

    /// <summary>Does something when all that is under way to this end has arrived.</summary>
    public void AfterAll(Action action)
    {
        _ = WaitAsync();

        async Task WaitAsync()
        {
            await Task.WhenAll(_underWay.Keys.Select(a => a.Task));
            action();
        }
    }

    public void Deliver(byte[] frame)
    {
        try
        {
            if (!_cut && !IsClosed)
            {
                Take(frame);
            }
        }
        catch (Exception e)
        {
            Close("a frame could not be read", e);
        }
    }

    protected override void Push(ReadOnlyMemory<byte> frame)
    {
        if (!_cut)
        {
            network.Carry(frame.ToArray(), _other!);
        }
    }

    protected override void Shut()
    {
        const string Reason = "the other end closed it";
        if (!_cut)
        {
            _other!.AfterAll(() => _other.Close(Reason));
        }
        else if (!_silent)
        {
            network.Detour(() => _other!.Close(Reason));
        }
    }
}
