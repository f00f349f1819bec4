using System.Reflection;

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Holdfast.Embedded;

/// <summary>Says what runs where: in the log's first line, and to whoever sits in front of it.</summary>
internal sealed partial class Banner(EmbeddedOptions options, IServer server, IHostApplicationLifetime lifetime, ILogger<Banner> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Show);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string Engine
    {
        get
        {
            // Whichever assembly the programming model came from is the engine.
            var assembly = typeof(Grain).Assembly.GetName();
            return assembly.Name == "Holdfast.Engine" ? "bundled" : $"Microsoft Orleans {assembly.Version}";
        }
    }

    private void Show()
    {
        var addresses = string.Join(", ", server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);
        var store = options.Store == "memory" ? "memory (nothing survives a restart)" : Path.GetFullPath(options.Data);
        var version = typeof(Banner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
        Started(logger, version, Engine, store, addresses);
        Console.WriteLine($"""

              Holdfast {version} is up.

                open     {addresses}
                engine   {Engine}
                data     {store}
                access   open to everybody on this machine: loopback only, no keys
                stop     Ctrl-C; running tasks go on at the next start

            """);
    }

    [LoggerMessage(3001, LogLevel.Information, "Holdfast {Version}, engine {Engine}, data {Store}, listening on {Addresses}")]
    private static partial void Started(ILogger logger, string version, string engine, string store, string addresses);
}
