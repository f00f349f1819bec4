using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;

namespace Holdfast.Engine;

/// <summary>A node that hosts grains.</summary>
internal sealed partial class Silo : Node, ILocalSiloDetails, ISiloStatusOracle
{
    private static readonly TimeSpan s_leaving = TimeSpan.FromMilliseconds(20);

    private readonly IConnector _connector;
    private readonly ClusterOptions _cluster;
    private readonly int _maxHops;
    private readonly SiloLease _lease;
    private IdleCollector? _collector;
    private volatile SiloStatus _status = SiloStatus.Created;

    public Silo(NodeParts parts, SiloOptions silo, EndpointOptions endpoint, SiloMessagingOptions messaging)
        : base(parts, messaging)
    {
        _connector = parts.Connector;
        _cluster = Services.Option<ClusterOptions>();
        Collection = Services.Option<GrainCollectionOptions>();
        Name = silo.SiloName;
        MaxQueue = messaging.MaxEnqueuedRequestsHardLimit is > 0 and var limit ? limit : int.MaxValue;
        _maxHops = messaging.MaxForwardCount;
        SiloAddress = SiloAddress.New(new IPEndPoint(endpoint.AdvertisedIPAddress, endpoint.SiloPort), SiloAddress.AllocateNewGeneration());
        ClientId = SiloAddress.ToParsableString();
        Catalog = new Catalog(this);
        _lease = new SiloLease(this, Services.Option<ClusterMembershipOptions>());
    }

    public Catalog Catalog { get; }

    public GrainCollectionOptions Collection { get; }

    public int MaxQueue { get; }

    /// <summary>Nothing of this silo runs any more.</summary>
    public bool IsKilled { get; private set; }

    public override string ClientId { get; }

    public override SiloAddress Address => SiloAddress;

    public string Name { get; }

    public string ClusterId => _cluster.ClusterId;

    public string DnsHostName => Dns.GetHostName();

    public SiloAddress SiloAddress { get; }

    public SiloAddress GatewayAddress => SiloAddress;

    public SiloRow Row => new(SiloAddress, Name, _status);

    public override void Route(ICall call, GrainProxy? proxy)
    {
        if (call.Target.Type == ObserverHost.Type)
        {
            RouteToObserver(call);
            return;
        }

        // Between choosing a silo and sending to it, it may have left: then another one is chosen.
        while (!TryRunHere(call, proxy, orCreate: false))
        {
            var silo = Choose(call.Target, orHere: _status == SiloStatus.Active);
            if (silo is null)
            {
                call.Fail(new SiloUnavailableException($"No silo that {Name} can reach takes {call.Target}.{Remark}"));
                return;
            }

            if (silo.Equals(SiloAddress) ? TryRunHere(call, proxy, orCreate: true) : Links.TrySend(silo, call))
            {
                return;
            }
        }
    }

    public override void Accept(ICall call)
    {
        if (call.Target.Type == ObserverHost.Type)
        {
            RouteToObserver(call);
        }
        else if (!TryRunHere(call, null, orCreate: _status == SiloStatus.Active))
        {
            // A silo that leaves knows somebody better.
            Forward(call, null);
        }
    }

    /// <summary>Makes sure that this activation is the only one of its grain; otherwise says what is to become of its calls.</summary>
    public async ValueTask<Action<ICall>?> ClaimAsync(Activation activation)
    {
        var patience = Clock.DeadlineIn(ResponseTimeout);
        while (true)
        {
            if (_status is SiloStatus.ShuttingDown)
            {
                return call => Forward(call, null);
            }

            if (_status != SiloStatus.Active || !_lease.IsHeld)
            {
                throw new SiloUnavailableException($"{Name} is {_status}{(_lease.IsHeld ? "" : " but cannot renew its lease")}, so it starts no {activation.GrainId}.{Remark}");
            }

            SiloAddress owner;
            try
            {
                owner = await Table.ClaimAsync(activation.GrainId, SiloAddress);
            }
            catch (Exception e) when (e is not OrleansException)
            {
                throw new SiloUnavailableException($"The cluster's register cannot be asked, so {Name} starts no {activation.GrainId}.", e);
            }

            if (owner.Equals(SiloAddress))
            {
                return null;
            }

            if (Membership.StatusOf(owner) == SiloStatus.None)
            {
                await RefreshAsync();
            }

            if (Membership.StatusOf(owner) is SiloStatus.Active or SiloStatus.None)
            {
                return call => Forward(call, owner);
            }

            if (Clock.Now > patience)
            {
                throw new SiloUnavailableException($"The register says that {activation.GrainId} is on {owner}, which is {Membership.StatusOf(owner)}.");
            }

            // A silo that leaves gives its grains up one after another, and takes no calls for them any more.
            await Task.Delay(s_leaving, Time);
        }
    }

    /// <summary>Gives up the place of an activation that is gone.</summary>
    public async ValueTask ReleaseAsync(Activation activation)
    {
        try
        {
            await Table.ReleaseAsync(activation.GrainId, SiloAddress);
        }
        catch (Exception e)
        {
            // The entry goes with this silo; until then, calls are sent here, and the grain starts here again.
            LogNotReleased(Logger, activation.GrainId, e);
        }

        // Not earlier: while the register names this silo, calls that come must find the activation and wait in it.
        Catalog.Remove(activation);
    }

    /// <summary>Registers every grain again in a register that has lost its memory. Where another silo was faster, the grain ends here.</summary>
    public async Task ReclaimAsync()
    {
        foreach (var activation in Catalog.All)
        {
            if (!(await Table.ClaimAsync(activation.GrainId, SiloAddress)).Equals(SiloAddress))
            {
                activation.Deactivate(new DeactivationReason(DeactivationReasonCode.DuplicateActivation, "Another silo has the grain."));
            }
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Services.GetKeyedServices<StreamProviderName>(KeyedService.AnyKey).Any() && Services.GetKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME) is null)
        {
            throw new OrleansConfigurationException($"Streams need a grain storage named '{ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME}': add AddMemoryGrainStorage(\"{ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME}\").");
        }

        _collector = new IdleCollector(this, Collection);
        await _connector.ListenAsync(this, cancellationToken);
        _status = SiloStatus.Active;
        await _lease.StartAsync(cancellationToken);
        LogStarted(Logger, Name, SiloAddress, ClusterId);
    }

    /// <summary>Leaves in good order: every activation ends, calls that come late go elsewhere, then the links are closed.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (IsKilled)
        {
            return;
        }

        // Those that will take its grains must be known before it takes none any more.
        await RefreshAsync();
        _collector?.Dispose();
        _status = SiloStatus.ShuttingDown;
        Membership.Apply([Row]);
        using var patience = new CancellationTokenSource(Collection.DeactivationTimeout, Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await _lease.RenewAsync();
            foreach (var link in Links.All)
            {
                link.SayBye();
            }

            await EndActivationsAsync().WaitAsync(both.Token);
            await Task.WhenAll(Links.All.Select(l => l.ByeHeard)).WaitAsync(both.Token);
            await DrainAsync(both.Token);
        }
        catch (Exception e)
        {
            LogImpatient(Logger, Catalog.Count, e);
        }

        _status = SiloStatus.Dead;
        await _lease.LeaveAsync();
        Kill();
        LogStopped(Logger, Name);
    }

    /// <summary>Ends everything at once, as if the process had died.</summary>
    public void Kill()
    {
        IsKilled = true;
        _status = SiloStatus.Dead;
        _lease.Dispose();
        _collector?.Dispose();
        foreach (var activation in Catalog.All)
        {
            activation.StopTimers();
        }

        Links.CloseAll("this silo is gone");
    }

    /// <summary>Others have declared this silo dead: what it does no longer counts.</summary>
    public void Die(string reason)
    {
        LogDeclaredDead(Logger, Name, reason);
        Kill();
        Services.GetRequiredService<LastWords>().Say(reason);
    }

    public override void SiloRefused() => _lease.Hurry();

    public override void Dispose()
    {
        Kill();
        base.Dispose();
    }

    private bool TryRunHere(ICall call, GrainProxy? proxy, bool orCreate)
    {
        while (true)
        {
            if (!Catalog.TryGet(call.Target, out var activation))
            {
                if (!orCreate)
                {
                    return false;
                }

                activation = Catalog.GetOrAdd(call.Target);
            }

            call.Isolate();
            if (activation.Enqueue(call))
            {
                if (proxy is not null && Detour is null)
                {
                    proxy.Activation = activation;
                }

                return true;
            }
        }
    }

    // Brings a call to the silo that has its grain, or to one that would take it.
    private void Forward(ICall call, SiloAddress? owner)
    {
        if (++call.Hops > _maxHops)
        {
            call.Fail(new OrleansMessageRejectionException(string.Create(
                CultureInfo.InvariantCulture, $"{call.Target} moved while a call of it was under way: it was sent on {_maxHops} times (SiloMessagingOptions.MaxForwardCount).{Remark}")));
        }
        else if (owner is null)
        {
            Route(call, null);
        }
        else
        {
            call.Moved(owner);
            if (Links.TrySend(owner, call))
            {
                return;
            }

            if (Membership.StatusOf(owner) > SiloStatus.Active)
            {
                // It has begun to leave since it was named.
                Route(call, null);
            }
            else
            {
                call.Fail(new SiloUnavailableException($"{Name} cannot reach {owner}, which has {call.Target}.{Remark}"));
            }
        }
    }

    private Task EndActivationsAsync()
    {
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo stops.");
        return Task.WhenAll(Catalog.All.Select(activation =>
        {
            var gone = activation.Deactivated;
            activation.Deactivate(reason);
            return gone;
        }).ToList());
    }

    // Calls that came before the others heard of the leave are answered before the links go.
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (Links.All.Any(l => l.Incoming > 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), Time, cancellationToken);
        }
    }
}
