using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>A client and some silos, however they are connected.</summary>
public abstract class Setup : IAsyncDisposable
{
    public abstract IClusterClient Client { get; }

    public abstract IReadOnlyList<IServiceProvider> Silos { get; }

    public abstract ValueTask DisposeAsync();

    /// <summary>In half seconds: nobody is to be taken for dead on a busy machine.</summary>
    public const int LongLease = 40;

    /// <summary>In half seconds: for tests that wait for deaths.</summary>
    public const int ShortLease = 8;

    /// <summary>Waits until new grains come to lie on so many silos.</summary>
    public static Task SpreadAsync(IGrainFactory caller, int silos) => Waiting.UntilAsync("new grains on all silos", async () =>
    {
        var places = await Task.WhenAll(Enumerable.Range(0, 10 * silos).Select(_ => Retry.Async(caller.GetGrain<IPlaceGrain>(Guid.NewGuid().ToString("N")).PlaceAsync)));
        return places.Select(p => p.Silo).Distinct().Count() == silos;
    });

    /// <summary>What all test silos have.</summary>
    public static void Configure(ISiloBuilder silo)
    {
        silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
        silo.Configure<GrainCollectionOptions>(o =>
        {
            o.CollectionQuantum = TimeSpan.FromSeconds(1);
            o.ClassSpecificCollectionAge[typeof(LifeGrain).FullName!] = TimeSpan.FromSeconds(2);
        });
        silo.Services.AddKeyedSingleton<IGrainStorage>("test", TestStorage.Shared);
        silo.AddMemoryGrainStorage("PubSubStore");
        silo.AddMemoryGrainStorage("memory");
        silo.AddMemoryStreams("notices");
    }

    /// <summary>What all test clients have.</summary>
    public static void Configure(IClientBuilder client)
    {
        client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
        client.AddMemoryStreams("notices");
    }
}

/// <summary>Within the process.</summary>
public sealed class InProcessSetup(InProcessTestCluster cluster) : Setup
{
    public override IClusterClient Client => cluster.Client;

    public override IReadOnlyList<IServiceProvider> Silos => [.. cluster.Silos.Select(s => s.ServiceProvider)];

    public static async Task<InProcessTestCluster> StartAsync(int silos)
    {
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureSilo((_, silo) => Configure(silo));
        builder.ConfigureClient(Configure);
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    public override ValueTask DisposeAsync() => cluster.DisposeAsync();
}

/// <summary>Over sockets and a Redis, as separate processes are; only that here they share one.</summary>
public sealed class SocketSetup : Setup
{
    private readonly string _cluster = "test-" + Guid.NewGuid().ToString("N");
    private readonly List<IHost> _silos = [];
    private readonly Action<HostApplicationBuilder> _configure;
    private readonly int _lease;
    private IHost? _client;

    private SocketSetup(RedisServer redis, int lease, Action<HostApplicationBuilder>? configure)
    {
        (Redis, _lease) = (redis, lease);
        _configure = configure ?? (_ => { });
    }

    public RedisServer Redis { get; }

    public override IClusterClient Client => _client!.Services.GetRequiredService<IClusterClient>();

    public override IReadOnlyList<IServiceProvider> Silos => [.. _silos.Select(s => s.Services)];

    public IReadOnlyList<IHost> Hosts => _silos;

    public static async Task<SocketSetup> StartAsync(int silos, int lease = LongLease, Action<HostApplicationBuilder>? configure = null)
    {
        var setup = new SocketSetup(await RedisServer.StartAsync("no"), lease, configure);
        for (var i = 0; i < silos; i++)
        {
            await setup.StartSiloAsync();
        }

        setup._client = await setup.StartClientAsync();
        await Task.WhenAll(setup.Silos.Select(s => s.GetRequiredService<IGrainFactory>()).Append(setup.Client).Select(caller => SpreadAsync(caller, silos)));
        return setup;
    }

    public async Task<IHost> StartSiloAsync()
    {
        var builder = NewBuilder();
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (_cluster, "test"));
            silo.Configure<ClusterMembershipOptions>(Quick);
            silo.UseRedisClustering(Redis.Configuration);
            silo.ConfigureEndpoints(System.Net.IPAddress.Loopback, Ports.Free(), Ports.Free());
            Configure(silo);
        });
        _configure(builder);
        var host = builder.Build();
        await host.StartAsync();
        _silos.Add(host);
        return host;
    }

    public async Task<IHost> StartClientAsync()
    {
        var builder = NewBuilder();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (_cluster, "test"));
            client.Configure<ClusterMembershipOptions>(Quick);
            client.UseRedisClustering(Redis.Configuration);
            Configure(client);
        });
        _configure(builder);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public async Task StopSiloAsync(IHost silo)
    {
        _silos.Remove(silo);
        await silo.StopAsync();
        silo.Dispose();
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var host in _silos.Prepend(_client).OfType<IHost>())
        {
            await host.StopAsync();
            host.Dispose();
        }

        await Redis.DisposeAsync();
    }

    private void Quick(ClusterMembershipOptions options) => (options.ProbeTimeout, options.NumMissedProbesLimit) = (TimeSpan.FromMilliseconds(500), _lease);

    private static HostApplicationBuilder NewBuilder()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return builder;
    }
}
