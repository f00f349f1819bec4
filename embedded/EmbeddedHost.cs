using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.Silo;
using Holdfast.WebFront;

using Microsoft.Extensions.Options;

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
        ["--silo-port"] = "Holdfast:SiloPort",
        ["--gateway-port"] = "Holdfast:GatewayPort",
    };

    /// <summary>Runs until it is told to stop. What is wrong with the set-up is said in one line, with the cure.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var app = Build(args);
            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (e is SetupException or LogStoreSetupException or IOException or OptionsValidationException)
        {
            await Console.Error.WriteLineAsync("holdfast: " + e.Message);
            return 2;
        }
    }

    /// <summary>The host, not yet started.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="adjust">Called last: what is registered here takes the place of what is there.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [],
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
        });
        builder.Configuration.AddCommandLine(args, Switches);
        var options = Read(builder.Configuration);
        builder.WebHost.UseUrls(options.Addresses());
        builder.Host.UseOrleans(silo => silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort).AddHoldfast());
        if (options.Store == "memory")
        {
            builder.Services.AddMemoryLogStore();
        }
        else
        {
            builder.Services.AddSqliteLogStore(sqlite => sqlite.Folder = options.Data);
        }

        builder.Services.AddHoldfastFront();
        builder.Services.AddSingleton(options);
        builder.Services.AddHostedService<Banner>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        adjust?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapHoldfastFront();
        return app;
    }

    private static EmbeddedOptions Read(ConfigurationManager configuration)
    {
        var options = configuration.GetSection("Holdfast").Get<EmbeddedOptions>() ?? new EmbeddedOptions();
        if (options.Store is not ("sqlite" or "memory"))
        {
            throw new SetupException($"--store is '{options.Store}'; it must be 'sqlite' or 'memory'.");
        }

        foreach (var address in options.Addresses())
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new SetupException($"'{address}' is no address to listen on; use http://127.0.0.1:8000, several with ';' between them.");
            }

            if (!uri.IsLoopback)
            {
                throw new SetupException(
                    $"'{address}' can be reached from other machines, and this version has no authentication. Listen on loopback (http://127.0.0.1:{uri.Port}) and put a proxy with authentication in front.");
            }
        }

        return options;
    }
}

/// <summary>The set-up can't work; the message says which part and what to do.</summary>
internal sealed class SetupException(string message) : Exception(message);
