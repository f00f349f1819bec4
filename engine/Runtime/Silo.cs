using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;

namespace Holdfast.Engine;

/// <summary>A node that hosts grains.</summary>
internal sealed partial class Silo : Node, ILocalSiloDetails, ISiloStatusOracle
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ClusterOptions _cluster;
    private IdleCollector? _collector;
    private volatile SiloStatus _status = SiloStatus.Created;

    public Silo(
        IServiceProvider services,
        TimeProvider time,
        ILogger<Silo> logger,
        IOptions<ClusterOptions> cluster,
        IOptions<SiloOptions> silo,
        IOptions<EndpointOptions> endpoint,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IOptions<GrainTypeOptions> types)
        : base(services, time, logger, messaging.Value, Manifest.Discover(types.Value))
    {
        _cluster = cluster.Value;
        Collection = collection.Value;
        Name = silo.Value.SiloName;
        MaxQueue = messaging.Value.MaxEnqueuedRequestsHardLimit is > 0 and var limit ? limit : int.MaxValue;
        SiloAddress = SiloAddress.New(new IPEndPoint(endpoint.Value.AdvertisedIPAddress, endpoint.Value.SiloPort), SiloAddress.AllocateNewGeneration());
        Catalog = new Catalog(this);
    }

    public Catalog Catalog { get; }

    public GrainCollectionOptions Collection { get; }

    public int MaxQueue { get; }

    /// <summary>Nothing of this silo runs any more.</summary>
    public bool IsKilled { get; private set; }

    public override string ClientId => SiloAddress.ToParsableString();

    public string Name { get; }

    public string ClusterId => _cluster.ClusterId;

    public string DnsHostName => Dns.GetHostName();

    public SiloAddress SiloAddress { get; }

    public SiloAddress GatewayAddress => SiloAddress;

    public override void Route(ICall call, GrainProxy? proxy)
    {
        call.Isolate();
        if (call.Target.Type == ObserverHost.Type)
        {
            Observers.Deliver(call);
            return;
        }

        Activation activation;
        do
        {
            activation = Catalog.GetOrAdd(call.Target);
        }
        while (!activation.Enqueue(call));

        if (proxy is not null)
        {
            proxy.Activation = activation;
        }
    }

    /// <summary>Makes sure that this activation is the only one of its grain; otherwise names the silo that has it.</summary>
    public ValueTask<SiloAddress?> ClaimAsync(Activation activation) => _status == SiloStatus.Active
        ? default
        : throw new SiloUnavailableException($"{Name} is {_status}: it starts no {activation.GrainId}.");

    /// <summary>Gives up the place of an activation that is gone.</summary>
    public ValueTask ReleaseAsync(Activation activation)
    {
        Catalog.Remove(activation);
        return default;
    }

    public void Forward(ICall call, SiloAddress owner) => call.Fail(new SiloUnavailableException($"{Name} cannot reach {owner}, which has {call.Target}."));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Services.GetKeyedServices<StreamProviderName>(KeyedService.AnyKey).Any() && Services.GetKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME) is null)
        {
            throw new OrleansConfigurationException($"Streams need a grain storage named '{ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME}': add AddMemoryGrainStorage(\"{ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME}\").");
        }

        _collector = new IdleCollector(this, Collection);
        _status = SiloStatus.Active;
        LogStarted(Logger, Name, SiloAddress, ClusterId);
        return Task.CompletedTask;
    }

    /// <summary>Ends every activation in good order.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _status = SiloStatus.ShuttingDown;
        _collector?.Dispose();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo stops.");
        var ending = Catalog.All.Select(a =>
        {
            var gone = a.Deactivated;
            a.Deactivate(reason);
            return gone;
        }).ToList();
        try
        {
            await Task.WhenAll(ending).WaitAsync(s_patience, Time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            LogImpatient(Logger, Catalog.Count);
        }

        IsKilled = true;
        _status = SiloStatus.Dead;
        LogStopped(Logger, Name);
    }

    /// <summary>Ends everything at once, as if the process had died.</summary>
    public void Kill()
    {
        IsKilled = true;
        _status = SiloStatus.Dead;
        _collector?.Dispose();
        foreach (var activation in Catalog.All)
        {
            activation.StopTimers();
        }
    }
}
