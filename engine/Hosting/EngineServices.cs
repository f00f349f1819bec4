using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal sealed record SiloBuilder(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder;

internal sealed record ClientBuilder(IServiceCollection Services, IConfiguration Configuration) : IClientBuilder;

/// <summary>What a silo or a client adds to a host. A host is one or the other, and only once.</summary>
internal static class EngineServices
{
    public static SiloBuilder SiloBuilder(IServiceCollection services, IConfiguration configuration)
    {
        Refuse<ClientBuilder>(services);
        if (Existing<SiloBuilder>(services) is { } existing)
        {
            return existing;
        }

        var builder = new SiloBuilder(services, configuration);
        services.AddSingleton(builder);
        services.AddSingleton(sp => new Silo(Parts<Silo>(sp), sp.Option<SiloOptions>(), sp.Option<EndpointOptions>(), sp.Option<SiloMessagingOptions>()));
        services.AddSingleton<Node>(sp => sp.GetRequiredService<Silo>());
        services.AddSingleton<ILocalSiloDetails>(sp => sp.GetRequiredService<Silo>());
        services.AddSingleton<ISiloStatusOracle>(sp => sp.GetRequiredService<Silo>());
        services.TryAddSingleton<LastWords>();
        AddCommon(services, configuration);
        services.AddHostedService<SiloService>();
        return builder;
    }

    public static ClientBuilder ClientBuilder(IServiceCollection services, IConfiguration configuration)
    {
        Refuse<SiloBuilder>(services);
        if (Existing<ClientBuilder>(services) is { } existing)
        {
            return existing;
        }

        var builder = new ClientBuilder(services, configuration);
        services.AddSingleton(builder);
        services.AddSingleton(sp => new ClientNode(Parts<ClientNode>(sp), sp.Option<ClientMessagingOptions>(), sp.Option<ClusterMembershipOptions>()));
        services.AddSingleton<Node>(sp => sp.GetRequiredService<ClientNode>());
        AddCommon(services, configuration);
        services.AddHostedService<ClientService>();
        return builder;
    }

    /// <summary>How nodes find each other; the last one that was named counts.</summary>
    public static void UseTable(IServiceCollection services, Func<IServiceProvider, IClusterTable> table, Func<IServiceProvider, IConnector> connector)
    {
        services.Replace(ServiceDescriptor.Singleton(table));
        services.Replace(ServiceDescriptor.Singleton(connector));
    }

    private static void AddCommon(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => EngineOptions.Read(configuration));
        services.AddSingleton<IClusterClient>(sp => sp.GetRequiredService<Node>().Factory);
        services.AddSingleton<IGrainFactory>(sp => sp.GetRequiredService<Node>().Factory);
    }

    private static NodeParts Parts<TNode>(IServiceProvider services) => new(
        services,
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<TNode>>(),
        Manifest.Discover(services.Option<GrainTypeOptions>()),
        services.GetService<IClusterTable>() ?? throw new OrleansConfigurationException("No clustering was named: call UseLocalhostClustering or UseRedisClustering."),
        services.GetRequiredService<IConnector>(),
        services.GetRequiredService<EngineOptions>(),
        services.GetService<Interference>());

    public static T Option<T>(this IServiceProvider services)
        where T : class => services.GetRequiredService<IOptions<T>>().Value;

    private static T? Existing<T>(IServiceCollection services)
        where T : class => services.FirstOrDefault(d => d.ServiceType == typeof(T))?.ImplementationInstance as T;

    private static void Refuse<T>(IServiceCollection services)
        where T : class
    {
        if (Existing<T>(services) is not null)
        {
            throw new OrleansConfigurationException("A host is either a silo or a client: UseOrleans registers a client by itself, so leave UseOrleansClient out.");
        }
    }
}

/// <summary>For a silo that is alone.</summary>
internal sealed class NoConnector : IConnector
{
    public Link Connect(Node node, SiloAddress silo) => throw new InvalidOperationException("A silo with localhost clustering has no others.");

    public Task ListenAsync(Silo silo, CancellationToken cancellationToken) => Task.CompletedTask;
}
