using Holdfast.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using StackExchange.Redis;

namespace Orleans.Clustering.Redis
{
    /// <summary>Which Redis the silos of a cluster meet in.</summary>
    public class RedisClusteringOptions
    {
        /// <summary>How to connect.</summary>
        public ConfigurationOptions? ConfigurationOptions { get; set; }

        /// <summary>Makes the connection. Default: a new one from <see cref="ConfigurationOptions"/>.</summary>
        public Func<RedisClusteringOptions, Task<(IConnectionMultiplexer Multiplexer, bool IsShared)>> CreateMultiplexer { get; set; } = DefaultCreateMultiplexer;

        /// <summary>Names the cluster's keys. Default: from service and cluster.</summary>
        public Func<ClusterOptions, RedisKey> CreateRedisKey { get; set; } = DefaultCreateRedisKey;

        /// <summary>A new connection from <see cref="ConfigurationOptions"/>.</summary>
        public static async Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> DefaultCreateMultiplexer(RedisClusteringOptions options) => (
            await ConnectionMultiplexer.ConnectAsync(options.ConfigurationOptions
                ?? throw new OrleansConfigurationException("RedisClusteringOptions.ConfigurationOptions is not set: name a Redis in UseRedisClustering.")),
            false);

        /// <summary>Service and cluster, with a slash between.</summary>
        public static RedisKey DefaultCreateRedisKey(ClusterOptions clusterOptions) => $"{clusterOptions.ServiceId}/members/{clusterOptions.ClusterId}";
    }
}

namespace Microsoft.Extensions.Hosting
{
    /// <summary>Redis clustering for silos.</summary>
    public static class RedisClusteringISiloBuilderExtensions
    {
        /// <summary>Silos meet in a Redis.</summary>
        public static ISiloBuilder UseRedisClustering(this ISiloBuilder builder, string redisConnectionString) =>
            builder.UseRedisClustering(RedisClustering.By(redisConnectionString));

        /// <summary>Silos meet in a Redis.</summary>
        public static ISiloBuilder UseRedisClustering(this ISiloBuilder builder, Action<RedisClusteringOptions> configuration)
        {
            RedisClustering.Use(builder.Services, configuration);
            return builder;
        }
    }

    /// <summary>Redis clustering for clients.</summary>
    public static class RedisClusteringIClientBuilderExtensions
    {
        /// <summary>The client finds the silos in a Redis.</summary>
        public static IClientBuilder UseRedisClustering(this IClientBuilder builder, string redisConnectionString) =>
            builder.UseRedisClustering(RedisClustering.By(redisConnectionString));

        /// <summary>The client finds the silos in a Redis.</summary>
        public static IClientBuilder UseRedisClustering(this IClientBuilder builder, Action<RedisClusteringOptions> configuration)
        {
            RedisClustering.Use(builder.Services, configuration);
            return builder;
        }
    }

    internal static class RedisClustering
    {
        public static Action<RedisClusteringOptions> By(string connection) => options =>
        {
            options.ConfigurationOptions = ConfigurationOptions.Parse(connection);
            options.ConfigurationOptions.AbortOnConnectFail = false;
        };

        public static void Use(IServiceCollection services, Action<RedisClusteringOptions> configure)
        {
            services.Configure(configure);
            EngineServices.UseTable(
                services,
                sp => new RedisTable(sp.Option<RedisClusteringOptions>(), sp.Option<ClusterOptions>(), sp.Option<ClusterMembershipOptions>(), sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<RedisTable>>()),
                sp => new TcpConnector(sp.GetRequiredService<EngineOptions>(), sp.Option<ClusterOptions>(), sp.Option<EndpointOptions>(), sp.GetRequiredService<ILoggerFactory>()));
        }
    }
}
