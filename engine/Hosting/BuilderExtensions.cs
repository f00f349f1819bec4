using System.Net;
using System.Net.Sockets;
using Holdfast.Engine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Options and services of a silo.</summary>
public static class SiloBuilderExtensions
{
    /// <summary>Sets options.</summary>
    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, Action<TOptions> configureOptions)
        where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }

    /// <summary>Takes options from configuration.</summary>
    public static ISiloBuilder Configure<TOptions>(this ISiloBuilder builder, IConfiguration configuration)
        where TOptions : class
    {
        builder.Services.AddOptions<TOptions>().Bind(configuration);
        return builder;
    }
}

/// <summary>How a silo finds others.</summary>
public static class CoreHostingExtensions
{
    /// <summary>One silo for itself, on this machine.</summary>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = 11111,
        int gatewayPort = 30000,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev")
    {
        builder.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (clusterId, serviceId));
        builder.Configure<EndpointOptions>(o => (o.AdvertisedIPAddress, o.SiloPort, o.GatewayPort) = (IPAddress.Loopback, siloPort, gatewayPort));
        if (primarySiloEndpoint is not null)
        {
            throw new OrleansConfigurationException("Several silos need UseRedisClustering: localhost clustering is for one silo alone, here.");
        }

        EngineServices.UseTable(builder.Services, _ => new MemoryTable(), _ => new NoConnector());
        return builder;
    }
}

/// <summary>Where a silo listens.</summary>
public static class EndpointOptionsExtensions
{
    /// <summary>Sets ports, and the address by the host's own name.</summary>
    public static ISiloBuilder ConfigureEndpoints(
        this ISiloBuilder builder,
        int siloPort,
        int gatewayPort,
        AddressFamily addressFamily = AddressFamily.InterNetwork,
        bool listenOnAnyHostAddress = false) => builder.ConfigureEndpoints(null, siloPort, gatewayPort, addressFamily, listenOnAnyHostAddress);

    /// <summary>Sets ports, and the address by a host name.</summary>
    public static ISiloBuilder ConfigureEndpoints(
        this ISiloBuilder builder,
        string? hostname,
        int siloPort,
        int gatewayPort,
        AddressFamily addressFamily = AddressFamily.InterNetwork,
        bool listenOnAnyHostAddress = false) =>
        builder.ConfigureEndpoints(Array.Find(Dns.GetHostAddresses(hostname ?? Dns.GetHostName()), a => a.AddressFamily == addressFamily)
            ?? throw new OrleansConfigurationException($"The host '{hostname}' has no address of the family {addressFamily}."), siloPort, gatewayPort, listenOnAnyHostAddress);

    /// <summary>Sets ports and the address.</summary>
    public static ISiloBuilder ConfigureEndpoints(this ISiloBuilder builder, IPAddress advertisedIP, int siloPort, int gatewayPort, bool listenOnAnyHostAddress = false) =>
        builder.Configure<EndpointOptions>(o =>
        {
            (o.AdvertisedIPAddress, o.SiloPort, o.GatewayPort) = (advertisedIP, siloPort, gatewayPort);
            o.SiloListeningEndpoint = listenOnAnyHostAddress ? new IPEndPoint(IPAddress.Any, siloPort) : null;
        });
}

/// <summary>Options and services of a client.</summary>
public static class ClientBuilderExtensions
{
    /// <summary>Sets options.</summary>
    public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions)
        where TOptions : class
    {
        builder.Services.Configure(configureOptions);
        return builder;
    }

    /// <summary>Takes options from configuration.</summary>
    public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, IConfiguration configuration)
        where TOptions : class
    {
        builder.Services.AddOptions<TOptions>().Bind(configuration);
        return builder;
    }

    /// <summary>Decides whether to try again when no silo can be reached at start.</summary>
    public static IClientBuilder UseConnectionRetryFilter(this IClientBuilder builder, Func<Exception, CancellationToken, Task<bool>> connectionRetryFilter) =>
        builder.UseConnectionRetryFilter(new DelegateRetryFilter(connectionRetryFilter));

    /// <summary>Decides whether to try again when no silo can be reached at start.</summary>
    public static IClientBuilder UseConnectionRetryFilter(this IClientBuilder builder, IClientConnectionRetryFilter connectionRetryFilter)
    {
        builder.Services.AddSingleton(connectionRetryFilter);
        return builder;
    }

    /// <summary>Tells of a silo that this client was connected to, and is no more. The handler must not wait.</summary>
    public static IClientBuilder AddGatewayCountChangedHandler(this IClientBuilder builder, GatewayCountChangedHandler handler)
    {
        builder.Services.AddSingleton(handler);
        return builder;
    }

    private sealed class DelegateRetryFilter(Func<Exception, CancellationToken, Task<bool>> filter) : IClientConnectionRetryFilter
    {
        public Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken) => filter(exception, cancellationToken);
    }
}

/// <summary>States in the memory of silos.</summary>
public static class MemoryGrainStorageSiloBuilderExtensions
{
    /// <summary>Adds a memory grain storage under a name.</summary>
    public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name)
    {
        builder.Services.AddKeyedSingleton<IGrainStorage>(name, (sp, _) => new MemoryGrainStorage(name, sp.GetRequiredService<Node>()));
        return builder;
    }
}

/// <summary>Memory streams on silos.</summary>
public static class SiloBuilderMemoryStreamExtensions
{
    /// <summary>Adds a stream provider under a name. It needs a grain storage named <c>PubSubStore</c>.</summary>
    public static ISiloBuilder AddMemoryStreams(this ISiloBuilder builder, string name)
    {
        builder.Services.AddKeyedSingleton(name, new StreamProviderName(name));
        return builder;
    }
}

/// <summary>Memory streams on clients.</summary>
public static class ClientBuilderStreamingExtensions
{
    /// <summary>Adds a stream provider under a name.</summary>
    public static IClientBuilder AddMemoryStreams(this IClientBuilder builder, string name)
    {
        builder.Services.AddKeyedSingleton(name, new StreamProviderName(name));
        return builder;
    }
}
