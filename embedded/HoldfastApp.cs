using Holdfast.Grains;
using Holdfast.Grains.Setup;
using Holdfast.Hosting;
using Holdfast.Silo;
using Holdfast.WebFront;

namespace Holdfast.Embedded;

/// <summary>
/// Holdfast in one process: a silo and a web front together, a SQLite log, loopback only. What <c>./platform up</c> runs, and what a program of its own
/// begins with.
/// </summary>
public static class HoldfastApp
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

    /// <summary>The whole of Holdfast, ready to be run.</summary>
    /// <param name="args">The command line: <c>--data</c>, <c>--port</c>, and any option as <c>--Section:Name value</c>.</param>
    /// <param name="configure">Called last: adds generators (<c>holdfast.AddGenerator&lt;T&gt;()</c>); what is registered here takes the place of what is there.</param>
    /// <exception cref="SetupException">The command line or the configuration can't be used; <see cref="RunAsync"/> says so in one line.</exception>
    public static WebApplication Create(string[] args, Action<IServiceCollection>? configure = null)
    {
        var builder = HostProgram.CreateBuilder(args, Switches);
        var options = OptionSections.Read<EmbeddedOptions>(builder.Configuration);
        var cluster = ClusterSettings.Read(builder.Configuration);
        HostProgram.Listen(builder, options.Addresses());
        Add(builder, options, cluster);
        builder.Services.AddHostBanner(
            "Holdfast",
            ("cluster", "none: one process"),
            ("store", StoreOf(options, cluster)),
            ("access", "open to everybody on this machine: loopback only, no keys"),
            ("stop", "Ctrl-C; running tasks go on at the next start"));
        var app = HostProgram.Build(builder, configure);
        app.MapHoldfastFront();
        return app;
    }

    /// <summary>Creates and runs it until it is told to stop. What is wrong with the set-up is said in one line on standard error, with the cure.</summary>
    /// <param name="args">As of <see cref="Create"/>.</param>
    /// <param name="configure">As of <see cref="Create"/>.</param>
    /// <returns>The exit code: 0, or 2 where the set-up can't be used.</returns>
    public static Task<int> RunAsync(string[] args, Action<IServiceCollection>? configure = null) => HostProgram.RunAsync(() => Create(args, configure));

    /// <summary>
    /// Makes an app a host of tasks beside whatever else it is: a silo and a web front in its process, over the store that the section
    /// <c>Holdfast</c> names. Then <see cref="HoldfastFrontExtensions.MapHoldfast"/>.
    /// </summary>
    /// <param name="builder">The app's. Its own addresses and authentication stay its own; names of hosts other than loopback's have to be in <c>Front:AllowedHosts</c>.</param>
    /// <param name="configure">As of <see cref="Create"/>.</param>
    /// <exception cref="SetupException">The configuration can't be used.</exception>
    public static WebApplicationBuilder AddHoldfast(this WebApplicationBuilder builder, Action<IServiceCollection>? configure = null)
    {
        HostProgram.AddDefaults(builder);
        Add(builder, OptionSections.Read<EmbeddedOptions>(builder.Configuration), ClusterSettings.Read(builder.Configuration));
        configure?.Invoke(builder.Services);
        return builder;
    }

    private static void Add(WebApplicationBuilder builder, EmbeddedOptions options, ClusterSettings cluster)
    {
        builder.Host.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort);
            cluster.Tune(silo);
            silo.AddHoldfast();
        });
        AddStore(builder.Services, options, cluster);
        builder.Services.AddHoldfastFront();
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
