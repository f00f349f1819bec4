using Holdfast.Grains;
using Holdfast.Grains.Setup;
using Holdfast.Hosting;
using Holdfast.Silo;
using Holdfast.WebFront;

namespace Holdfast.Embedded;

/// <summary>One process with a silo and a web front together, a SQLite log, loopback only: what <c>./platform up</c> runs.</summary>
internal static class EmbeddedHost
{
    private static readonly Dictionary<string, string> Switches = new(StringComparer.Ordinal)
    {
        ["--data"] = "Holdfast:Data",
        ["--store"] = "Holdfast:Store",
        ["--port"] = "Holdfast:Port",
        ["--urls"] = "Holdfast:Urls",
        ["--redis"] = "Cluster:Redis",
        ["--silo-port"] = "Holdfast:SiloPort",
        ["--gateway-port"] = "Holdfast:GatewayPort",
    };

    /// <summary>The host, not yet started.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="adjust">Called last: what is registered here takes the place of what is there.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? adjust = null)
    {
        var builder = HostProgram.CreateBuilder(args, Switches);
        var options = OptionSections.Read<EmbeddedOptions>(builder.Configuration);
        var cluster = ClusterSettings.Read(builder.Configuration);
        HostProgram.Listen(builder, options.Addresses());
        builder.Host.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort);
            cluster.Tune(silo);
            silo.AddHoldfast();
        });
        AddStore(builder.Services, options, cluster);
        builder.Services.AddHoldfastFront();
        builder.Services.AddHostBanner(
            "Holdfast",
            ("cluster", "none: one process"),
            ("store", StoreOf(options, cluster)),
            ("access", "open to everybody on this machine: loopback only, no keys"),
            ("stop", "Ctrl-C; running tasks go on at the next start"));
        var app = HostProgram.Build(builder, adjust);
        app.MapHoldfastFront();
        return app;
    }

    private static string StoreOf(EmbeddedOptions options, ClusterSettings cluster) => options.Store switch
    {
        "memory" => "memory (nothing survives a restart)",
        "redis" => $"Redis at {HostProgram.WithoutSecrets(cluster.Redis)} under {cluster.Name}",
        _ => "SQLite in " + Path.GetFullPath(options.Data),
    };

    private static void AddStore(IServiceCollection services, EmbeddedOptions options, ClusterSettings cluster)
    {
        switch (options.Store)
        {
            case "memory":
                services.AddMemoryLogStore();
                break;
            case "redis":
                services.AddRedisLogStore(redis => (redis.Configuration, redis.Prefix) = (cluster.Redis, cluster.Name));
                break;
            default:
                services.AddSqliteLogStore(sqlite => sqlite.Folder = options.Data);
                break;
        }
    }
}
