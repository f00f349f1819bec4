using Holdfast.Grains.Logs.Redis;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Orleans.Clustering.Redis;

using StackExchange.Redis;

namespace Holdfast.Hosting;

/// <summary>
/// The connection to Redis by which silos and fronts find each other. It is another one than the logs', so that neither waits behind the other. Orleans
/// gives up its start when Redis is not there; this waits for it, until the process is told to end.
/// </summary>
internal static class ClusterRedis
{
    /// <summary>Sets up the connection.</summary>
    /// <param name="services">A silo's or a front's.</param>
    /// <param name="settings">Where Redis is, and how often to look for it while it is not there.</param>
    public static void AddClusterRedis(this IServiceCollection services, ClusterSettings settings)
    {
        services.AddOptions<RedisClusteringOptions>().Configure<IHostApplicationLifetime>((options, lifetime) =>
        {
            options.ConfigurationOptions = RedisAddress.Parse(settings.Redis);
            options.CreateMultiplexer = async _ => (await ConnectAsync(options.ConfigurationOptions, settings.SiloRefresh, lifetime.ApplicationStopping), false);
        });
    }

    private static async Task<IConnectionMultiplexer> ConnectAsync(ConfigurationOptions options, TimeSpan look, CancellationToken stopping)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        try
        {
            while (!connection.IsConnected)
            {
                await Task.Delay(look, TimeProvider.System, stopping);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
