using Holdfast.Grains;
using Holdfast.Grains.Tasks;
using Holdfast.Hosting;

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
    public static WebApplication Build(string[] args)
    {
        var builder = HostProgram.CreateBuilder(args, Switches);
        var cluster = ClusterSettings.Read(builder.Configuration);
        var urls = HostProgram.SplitUrls(builder.Configuration["Urls"] ?? "http://127.0.0.1:8000");
        HostProgram.CheckLoopback(urls);
        builder.WebHost.UseUrls(urls);
        builder.Host.UseOrleansClient(client =>
        {
            cluster.Connect(client);
            client.AddMemoryStreams(TaskNotice.Provider);
        });
        builder.Services.AddRedisLogReader(redis => (redis.Configuration, redis.Prefix) = (cluster.Redis, cluster.Name));
        builder.Services.AddHoldfastFront();
        builder.Services.AddHostBanner("Holdfast web front", ("cluster", cluster.Name), ("store", "Redis at " + HostProgram.WithoutSecrets(cluster.Redis)));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        var app = builder.Build();
        app.MapHoldfastFront();
        return app;
    }
}
