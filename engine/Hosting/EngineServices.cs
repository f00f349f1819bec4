using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
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
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Silo>();
        services.AddSingleton<Node>(sp => sp.GetRequiredService<Silo>());
        services.AddSingleton<ILocalSiloDetails>(sp => sp.GetRequiredService<Silo>());
        services.AddSingleton<ISiloStatusOracle>(sp => sp.GetRequiredService<Silo>());
        AddFactory(services);
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
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        AddFactory(services);
        return builder;
    }

    private static void AddFactory(IServiceCollection services)
    {
        services.AddSingleton<IClusterClient>(sp => sp.GetRequiredService<Node>().Factory);
        services.AddSingleton<IGrainFactory>(sp => sp.GetRequiredService<Node>().Factory);
    }

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
