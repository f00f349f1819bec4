using Holdfast.Grains.Feeds;
using Holdfast.Grains.Fronts;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Generators.Echo;
using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs.Redis;
using Holdfast.Grains.Logs.Sqlite;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Monitoring;
using Holdfast.Grains.Recovery;
using Holdfast.Grains.Sessions;
using Holdfast.Grains.Setup;
using Holdfast.Grains.Tasks;
using Holdfast.Grains.Workers;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using Orleans.Serialization;

namespace Holdfast.Grains;

/// <summary>Adds the domain to a silo's host.</summary>
public static class HoldfastGrainsExtensions
{
    /// <summary>
    /// Adds grains, the generator <c>echo</c> and recovery. The host adds a log store (<c>AddSqliteLogStore</c>, <c>AddMemoryLogStore</c>) and the silo itself.
    /// </summary>
    public static IServiceCollection AddHoldfastGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddHoldfastExceptions();
        services.AddOptions<TaskOptions>();
        services.AddOptions<SessionLeaseOptions>();
        services.AddOptions<FrontLeaseOptions>();
        services.AddOptions<WorkQueueOptions>();
        services.AddOptions<RecoveryOptions>();
        services.AddOptions<MonitorOptions>();
        services.AddOptions<GeneratorOptions>();
        services.AddSingleton<IValidateOptions<GeneratorOptions>, KnownKinds>();
        services.TryAddSingleton<GeneratorCatalog>();
        services.TryAddSingleton<GeneratorPlaces>();
        services.TryAddSingleton(provider => ActivatorUtilities.CreateInstance<TaskOwnership>(provider, provider.GetRequiredService<IOptions<RecoveryOptions>>().Value.MaxLost));
        services.TryAddSingleton<LocalFeeds>();
        services.AddMetrics();
        services.TryAddSingleton<TaskMetrics>();
        services.AddGenerator<EchoGenerator>(maxConcurrent: 10_000);
        services.AddHostedService<RecoveryService>();
        return services;
    }

    /// <summary>
    /// An exception of a grain reaches its caller in another process as what it is, whatever is inside it: without this, one of ours, or of a driver, would
    /// arrive as one of the serializer's. Silos and fronts need it alike.
    /// </summary>
    public static IServiceCollection AddHoldfastExceptions(this IServiceCollection services) =>
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedExceptionTypeFilter = static type => type.IsAssignableTo(typeof(Exception)));

    /// <summary>Registers a generator.</summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="maxConcurrent">How many of its tasks run at once on one silo, unless <see cref="GeneratorOptions"/> say otherwise; null for four per processor.</param>
    public static IServiceCollection AddGenerator<TGenerator>(this IServiceCollection services, int? maxConcurrent = null)
        where TGenerator : class, IGenerator
    {
        services.AddSingleton<TGenerator>();
        return services.AddSingleton(provider =>
            new GeneratorEntry(provider.GetRequiredService<TGenerator>(), maxConcurrent ?? GeneratorEntry.DefaultMaxConcurrent));
    }

    /// <summary>Keeps logs in memory: for tests, and for trying things out.</summary>
    public static IServiceCollection AddMemoryLogStore(this IServiceCollection services) => services.AddLogStore(_ => new MemoryLogStore());

    /// <summary>Keeps logs in a folder, in SQLite.</summary>
    public static IServiceCollection AddSqliteLogStore(this IServiceCollection services, Action<SqliteLogOptions> configure)
    {
        services.AddSection<SqliteLogOptions>().Configure(configure);
        return services.AddLogStore(provider => SqliteLogStore.Open(
            provider.GetRequiredService<IOptions<SqliteLogOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SqliteLogStore>>()));
    }

    /// <summary>Keeps logs in Redis.</summary>
    public static IServiceCollection AddRedisLogStore(this IServiceCollection services, Action<RedisLogOptions> configure)
    {
        services.AddSection<RedisLogOptions>().Configure(configure);
        return services.AddLogStore(OpenRedis);
    }

    /// <summary>Reads logs in Redis: for a front, which never writes.</summary>
    public static IServiceCollection AddRedisLogReader(this IServiceCollection services, Action<RedisLogOptions> configure)
    {
        services.AddSection<RedisLogOptions>().Configure(configure);
        return services.AddSingleton<ILogReader>(OpenRedis);
    }

    /// <summary>Adds a log store, as writer for the silo and as reader for the front.</summary>
    public static IServiceCollection AddLogStore(this IServiceCollection services, Func<IServiceProvider, ILogStore> create)
    {
        services.AddSingleton(create);
        services.AddSingleton<ILogReader>(provider => provider.GetRequiredService<ILogStore>());
        return services;
    }

    private static RedisLogStore OpenRedis(IServiceProvider provider) => RedisLogStore.Open(
        provider.GetRequiredService<IOptions<RedisLogOptions>>().Value,
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<RedisLogStore>>());
}
