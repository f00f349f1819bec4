using System.Globalization;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>What a node is made of.</summary>
internal sealed record NodeParts(IServiceProvider Services, TimeProvider Time, ILogger Logger, Manifest Manifest, IClusterTable Table, IConnector Connector, EngineOptions Options, Interference? Interference);

/// <summary>What a silo and a client have in common: references, a clock, observers, links, and what is known of the cluster.</summary>
internal abstract partial class Node : IReferenceMaker, IDisposable
{
    private readonly Interference? _interference;

    protected Node(NodeParts parts, MessagingOptions messaging)
    {
        if (messaging.ResponseTimeout <= TimeSpan.Zero)
        {
            throw new OrleansConfigurationException($"{messaging.GetType().Name}.ResponseTimeout is {messaging.ResponseTimeout}; it must be positive.");
        }

        (Services, Time, Logger, Manifest, Table, _, Options, _interference) = parts;
        ResponseTimeout = messaging.ResponseTimeout;
        MaxMessage = messaging.MaxMessageBodySize;
        Detour = _interference is null ? null : _interference.Detour;
        Clock = new SweepClock(Time, Logger);
        Factory = new GrainFactory(this);
        Observers = new ObserverHost(this);
        Streams = new StreamHub(this);
        Membership = new Membership(Logger);
        Locator = new Locator(Membership, Options.MaxPlaces);
        Links = new Links(this, parts.Connector);
        Membership.Subscribe(Locator);
        Membership.Subscribe(Links);
    }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public TimeSpan ResponseTimeout { get; }

    /// <summary>How much may wait here.</summary>
    public EngineOptions Options { get; }

    /// <summary>The largest message in bytes.</summary>
    public int MaxMessage { get; }

    public Manifest Manifest { get; }

    public IClusterTable Table { get; }

    public SweepClock Clock { get; }

    public GrainFactory Factory { get; }

    public ObserverHost Observers { get; }

    public StreamHub Streams { get; }

    public Membership Membership { get; }

    public Locator Locator { get; }

    public Links Links { get; }

    /// <summary>Holds up calls of this process in test clusters, so that their order is not to be relied on.</summary>
    public Action<Action>? Detour { get; }

    /// <summary>What error messages of this node say in addition.</summary>
    public string Remark => _interference?.Remark ?? "";

    /// <summary>The name under which others reach this node and its observers.</summary>
    public abstract string ClientId { get; }

    /// <summary>This node's address, when it is a silo.</summary>
    public abstract SiloAddress? Address { get; }

    /// <summary>After how many ticks without a sign of life a link is taken for broken.</summary>
    public int SilenceLimit => Table.Lease is { } lease ? (int)(2 * lease / SweepClock.Period) : int.MaxValue;

    /// <summary>Brings a call to where it runs. It is answered in any case, at the latest by its time-out.</summary>
    public abstract void Route(ICall call, GrainProxy? proxy);

    /// <summary>Takes a call that came over a link.</summary>
    public abstract void Accept(ICall call);

    public object Refer(Type interfaceType, GrainId id) => GrainProxy.Create(interfaceType, id, this);

    /// <summary>Where to send a call: to a silo that is connected, or else to one that is being connected; null when there is none.</summary>
    protected SiloAddress? Choose(GrainId grain, bool orHere) =>
        Locator.Find(grain, silo => silo.Equals(Address) ? orHere : Links.IsReady(silo)) ?? Locator.Place(grain, Links.IsOpen);

    /// <summary>Learns from the table which silos there are now; when it is away, what is known has to do.</summary>
    public async Task RefreshAsync()
    {
        try
        {
            Membership.Apply(await Table.ReadAsync());
        }
        catch (Exception e)
        {
            LogTableAway(LogLevel.Warning, e);
        }
    }

    /// <summary>Asks the cluster's table again and again until the token says otherwise. Of an outage, the first failure is a warning.</summary>
    public async Task KeepAskingAsync(TimeSpan period, Func<Task> ask, CancellationToken stopped)
    {
        using var timer = new PeriodicTimer(period, Time);
        var failures = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stopped))
            {
                try
                {
                    await ask();
                    if (failures > 0)
                    {
                        LogTableBack(Logger, failures);
                        failures = 0;
                    }
                }
                catch (Exception e)
                {
                    LogTableAway(failures++ == 0 ? LogLevel.Warning : LogLevel.Debug, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    public void LogTableAway(LogLevel level, Exception exception) => LogTableAway(Logger, level, exception);

    /// <summary>What the caller of an unanswered call gets.</summary>
    public TimeoutException TimedOut(ICall call) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"No answer from {call.Target} to {call.Method} within {call.Method.Timeout ?? ResponseTimeout}. Whether it was executed is not known.{Remark}"));

    /// <summary>A call that nobody can answer: its time-out tells the caller.</summary>
    public void Lose(ICall call)
    {
        LogLost(Logger, call.Target, call.Method);
        Clock.Watch(new LostCall(call));
    }

    /// <summary>A link to a silo that was connected has broken. Must not wait.</summary>
    public virtual void SiloLost()
    {
    }

    /// <summary>A silo's machine refuses connections. Must not wait.</summary>
    public virtual void SiloRefused()
    {
    }

    public virtual void Dispose()
    {
        Clock.Dispose();
        GC.SuppressFinalize(this);
    }

    public override string ToString() => ClientId;

    /// <summary>Brings a call to an observer, in this process or in another one.</summary>
    protected void RouteToObserver(ICall call)
    {
        var name = ObserverHost.NodeOf(call.Target, stackalloc char[ObserverHost.LongestName]);
        if (name.SequenceEqual(ClientId))
        {
            call.Isolate();
            Observers.Deliver(call);
            return;
        }

        // A silo's observers are reached like the silo, a client's over the client's own connection.
        if (!(name.Contains('@') ? Links.TrySend(SiloAddress.FromParsableString(name.ToString()), call) : Links.TrySend(name, call)))
        {
            Lose(call);
        }
    }

    private sealed class LostCall(ICall call) : ISwept
    {
        public bool Sweep(int now)
        {
            if (call.Deadline > now)
            {
                return !call.IsOver;
            }

            call.TimeOut();
            return false;
        }
    }
}

/// <summary>What a test cluster does to the calls of a node.</summary>
internal abstract class Interference
{
    /// <summary>Says how to see the same again.</summary>
    public abstract string Remark { get; }

    /// <summary>Does something now or a little later.</summary>
    public abstract void Detour(Action action);
}
