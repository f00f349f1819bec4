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
        builder.Services.AddHostBanner("Holdfast web front", ("cluster", cluster.Name), ("store", "Redis at " + HostProgram.WithoutSecrets(cluster.Redis)));
        var app = HostProgram.Build(builder, adjust);
        app.MapHoldfastFront();
        return app;
    }
}
