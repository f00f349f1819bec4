using Holdfast.Grains;
using Holdfast.Grains.Tasks;
using Holdfast.Hosting;
using Holdfast.WebFront.Feeds;

namespace Holdfast.WebFront;

/// <summary>A web front as a process of its own: a client of the cluster, and a reader of the logs in Redis.</summary>
public static class WebFrontHost
{
    private static readonly Dictionary<string, string> Switches = new(StringComparer.Ordinal)
    {
        ["--redis"] = "Cluster:Redis",
        ["--cluster"] = "Cluster:Name",
        ["--urls"] = "Urls",
    };

    /// <summary>The host, not yet started.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="adjust">Called last: what is registered here takes the place of what is there.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? adjust = null)
    {
        var builder = HostProgram.CreateBuilder(args, Switches);
        var cluster = ClusterSettings.Read(builder.Configuration);
        var urls = HostProgram.SplitUrls(builder.Configuration["Urls"] ?? "http://127.0.0.1:8000");
        HostProgram.Listen(builder, urls);
        AddFront(builder, cluster);
        builder.Services.AddHostBanner("Holdfast web front", ("cluster", cluster.Name), ("store", "Redis at " + HostProgram.WithoutSecrets(cluster.Redis)));
        var app = HostProgram.Build(builder, adjust);
        app.MapHoldfastFront();
        return app;
    }

    /// <summary>
    /// Makes an app a front of a cluster (<c>Cluster:Redis</c>, <c>Cluster:Name</c>), beside whatever else it is. Then
    /// <see cref="HoldfastFrontExtensions.MapHoldfast"/>.
    /// </summary>
    /// <param name="builder">The app's. Its own addresses and authentication stay its own.</param>
    /// <exception cref="SetupException">The settings of the cluster can't be used.</exception>
    public static WebApplicationBuilder AddHoldfastFront(this WebApplicationBuilder builder)
    {
        HostProgram.AddDefaults(builder);
        AddFront(builder, ClusterSettings.Read(builder.Configuration));
        return builder;
    }

    private static void AddFront(WebApplicationBuilder builder, ClusterSettings cluster)
    {
        var lost = new LostSilos();
        builder.Host.UseOrleansClient(client =>
        {
            client.AddGatewayCountChangedHandler((_, silos) =>
            {
                if (silos.NumberOfConnectedGateways < silos.PreviousNumberOfConnectedGateways)
                {
                    lost.Note();
                }
            });
            cluster.Connect(client);
            client.AddMemoryStreams(TaskNotice.Provider);
        });
        builder.Services.AddRedisLogReader(redis => (redis.Configuration, redis.Prefix) = (cluster.Redis, cluster.Name));
        builder.Services.AddSingleton(lost);
        builder.Services.AddHoldfastFront();
    }
}
