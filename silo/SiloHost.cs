using System.Net;

using Holdfast.Grains;
using Holdfast.Grains.Setup;
using Holdfast.Hosting;

using Orleans.Dashboard;

namespace Holdfast.Silo;

/// <summary>A silo as a process of its own: grains, Redis, and nothing of the web but its health.</summary>
public static class SiloHost
{
    private static readonly Dictionary<string, string> Switches = new(StringComparer.Ordinal)
    {
        ["--redis"] = "Cluster:Redis",
        ["--cluster"] = "Cluster:Name",
        ["--address"] = "Silo:Address",
        ["--port"] = "Silo:Port",
        ["--gateway-port"] = "Silo:GatewayPort",
        ["--urls"] = "Silo:Urls",
    };

    /// <summary>The host, not yet started.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="adjust">Called last: what is registered here takes the place of what is there.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? adjust = null)
    {
        var builder = HostProgram.CreateBuilder(args, Switches);
        var options = OptionSections.Read<SiloHostOptions>(builder.Configuration);
        var cluster = ClusterSettings.Read(builder.Configuration);
        CheckAddress(options, cluster);
        HostProgram.Listen(builder, HostProgram.SplitUrls(options.Urls), anywhere: !options.Dashboard);
        builder.Host.UseOrleans(silo =>
        {
            cluster.Join(silo);
            silo.ConfigureEndpoints(IPAddress.Parse(options.Address), options.Port, options.GatewayPort);
            silo.AddHoldfast();
            if (options.Dashboard)
            {
                silo.AddDashboard();
            }
        });
        builder.Services.AddRedisLogStore(redis => (redis.Configuration, redis.Prefix) = (cluster.Redis, cluster.Name));
        builder.Services.AddFigures();
        builder.Services.AddHostBanner(
            "Holdfast silo", ("cluster", cluster.Name), ("store", "Redis at " + HostProgram.WithoutSecrets(cluster.Redis)), ("silo", $"{options.Address}:{options.Port}{(cluster.HasCertificates() ? " with mutual TLS" : "")}"));
        var app = HostProgram.Build(builder, adjust);
        app.MapHealth(
            http => http.RequestServices.GetRequiredService<ISiloStatusOracle>().CurrentStatus == SiloStatus.Active ? Task.CompletedTask
                : throw new InvalidOperationException("The silo is not part of the cluster."),
            http => http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        if (options.Dashboard)
        {
            // A page from elsewhere, under a name of its own that leads to this machine, gets nothing.
            app.MapOrleansDashboard("/orleans").RequireHost("localhost", "127.0.0.1");
        }

        return app;
    }

    /// <summary>Whoever reaches the port of a silo may command it, unless it has to show a certificate.</summary>
    private static void CheckAddress(SiloHostOptions options, ClusterSettings cluster)
    {
        if (!IPAddress.IsLoopback(IPAddress.Parse(options.Address)) && !cluster.HasCertificates())
        {
            throw new SetupException(
                $"Silo:Address is '{options.Address}', which others can reach, and there are no certificates: set Cluster:Certificate, Cluster:CertificateKey and Cluster:Authority on all silos and fronts (./platform certs makes some), or listen on 127.0.0.1.");
        }
    }
}
