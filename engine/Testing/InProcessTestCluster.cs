using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;
using Holdfast.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>Several silos and a client in the test's own process.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly List<InProcessSiloHandle> _silos = [];
    private HostileNetwork? _network;
    private IHost? _client;
    private short _started;

    internal InProcessTestCluster(InProcessTestClusterOptions options)
    {
        Options = options;
    }

    /// <summary>The silos that run.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos => [.. _silos.Where(s => s.IsActive)];

    /// <summary>How the cluster is built.</summary>
    public InProcessTestClusterOptions Options { get; }

    /// <summary>The client.</summary>
    public IClusterClient Client => (_client ?? throw new InvalidOperationException("The cluster has no client: deploy it, or call InitializeClientAsync."))
        .Services.GetRequiredService<IClusterClient>();

    /// <summary>Starts the silos, then the client.</summary>
    public async Task DeployAsync()
    {
        for (var i = 0; i < Options.InitialSilosCount; i++)
        {
            await StartAdditionalSiloAsync();
        }

        if (Options.InitializeClientOnDeploy)
        {
            await InitializeClientAsync();
        }
    }

    /// <summary>Starts the client.</summary>
    public async Task InitializeClientAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "TestClient" });
        builder.UseOrleansClient(client => client.Services.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (Options.ClusterId, Options.ServiceId)));
        foreach (var configure in Options.ClientHostConfigurationDelegates)
        {
            configure(builder);
        }

        Connect(builder);
        _client = builder.Build();
        await _client.StartAsync();
    }

    /// <summary>Starts one more silo.</summary>
    public async Task<InProcessSiloHandle> StartAdditionalSiloAsync()
    {
        var number = _started++;
        var specific = new InProcessTestSiloSpecificOptions
        {
            SiloName = string.Create(CultureInfo.InvariantCulture, $"Silo_{number}"),
            SiloPort = 11111 + number,
            GatewayPort = 30000 + number,
        };
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "TestSilo" });
        builder.UseOrleans(silo => silo.Services
            .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (Options.ClusterId, Options.ServiceId))
            .Configure<SiloOptions>(o => o.SiloName = specific.SiloName)
            .Configure<EndpointOptions>(o => (o.AdvertisedIPAddress, o.SiloPort, o.GatewayPort) = (IPAddress.Loopback, specific.SiloPort, specific.GatewayPort)));
        foreach (var configure in Options.SiloHostConfigurationDelegates)
        {
            configure(specific, builder);
        }

        var network = Connect(builder);
        var host = builder.Build();
        var silo = host.Services.GetRequiredService<Silo>();
        network.Add(silo);
        await host.StartAsync();
        var handle = new InProcessSiloHandle { SiloHost = host, Name = silo.Name, InstanceNumber = number, SiloAddress = silo.SiloAddress, GatewayAddress = silo.GatewayAddress };
        _silos.Add(handle);
        return handle;
    }

    /// <summary>Starts some more silos.</summary>
    public async Task<List<InProcessSiloHandle>> StartSilosAsync(int silosToStart)
    {
        var started = new List<InProcessSiloHandle>();
        while (started.Count < silosToStart)
        {
            started.Add(await StartAdditionalSiloAsync());
        }

        return started;
    }

    /// <summary>Waits until every silo and the client know which silos run.</summary>
    public async Task WaitForLivenessToStabilizeAsync(bool didKill = false)
    {
        var patience = GetLivenessStabilizationTime(new ClusterMembershipOptions(), didKill);
        using var timeout = new CancellationTokenSource(patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        while (!IsStable())
        {
            await timer.WaitForNextTickAsync(timeout.Token);
        }
    }

    /// <summary>How long that takes at most.</summary>
    public static TimeSpan GetLivenessStabilizationTime(ClusterMembershipOptions clusterMembershipOptions, bool didKill = false) =>
        (clusterMembershipOptions.ProbeTimeout * clusterMembershipOptions.NumMissedProbesLimit) + TimeSpan.FromSeconds(didKill ? 10 : 5);

    /// <summary>The silos that run.</summary>
    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos;

    /// <summary>A silo by its address.</summary>
    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) => _silos.Find(s => s.IsActive && s.SiloAddress.Equals(siloAddress));

    /// <summary>The services of a silo, of the first one by default.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) =>
        (silo is null ? Silos[0] : GetSiloForAddress(silo) ?? throw new ArgumentException($"{silo} does not run.", nameof(silo))).ServiceProvider;

    /// <summary>Stops a silo in good order.</summary>
    public Task StopSiloAsync(InProcessSiloHandle instance) => Own(instance).StopSiloAsync(stopGracefully: true);

    /// <summary>Kills a silo: nothing of it runs any more, and nobody is told.</summary>
    public Task KillSiloAsync(InProcessSiloHandle instance) => Own(instance).StopSiloAsync(stopGracefully: false);

    /// <summary>Stops the client, then all silos.</summary>
    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync();
        foreach (var silo in Silos)
        {
            await StopSiloAsync(silo);
        }
    }

    /// <summary>Stops the client.</summary>
    public async Task StopClusterClientAsync()
    {
        if (_client is { } client)
        {
            _client = null;
            await client.StopAsync();
            client.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAllSilosAsync();
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        _silos.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client?.Dispose();
        foreach (var silo in _silos)
        {
            silo.Dispose();
        }

        _silos.Clear();
    }

    private HostileNetwork Connect(HostApplicationBuilder builder)
    {
        var network = _network ??= new HostileNetwork(HostileOptions.Read(builder.Configuration));
        EngineServices.UseTable(builder.Services, _ => network.Table, _ => network);
        builder.Services.AddSingleton(network);
        builder.Services.AddSingleton<Interference>(network);
        builder.Services.Replace(ServiceDescriptor.Singleton<LastWords, NoLastWords>());
        return network;
    }

    private bool IsStable()
    {
        var alive = Silos.Select(s => s.SiloAddress).Order().ToList();
        var nodes = Silos.Select(s => (Node)s.ServiceProvider.GetRequiredService<Silo>());
        return nodes.Concat(_client is { } client ? [client.Services.GetRequiredService<Node>()] : []).All(n =>
            n.Membership.Active.SequenceEqual(alive) && alive.TrueForAll(s => s.Equals(n.Address) || n.Links.IsReady(s)));
    }

    private InProcessSiloHandle Own(InProcessSiloHandle silo) =>
        _silos.Contains(silo) ? silo : throw new ArgumentException($"{silo} is no silo of this cluster.", nameof(silo));

    // The process is that of the test: it goes on.
    private sealed class NoLastWords(IHostApplicationLifetime lifetime, TimeProvider time) : LastWords(lifetime, time)
    {
        public override void Say(string reason)
        {
        }
    }
}
