using System.Net.Sockets;

using Holdfast.Grains.Logs;
using Holdfast.Grains.Setup;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

/// <summary>What the executables have in common: configuration from environment and command line, and a plain word when the set-up can't work.</summary>
public static class HostProgram
{
    /// <summary>Options of the stores that another one decides in these hosts: whatever they say would be passed over.</summary>
    private static readonly (string Option, string Instead)[] Decided = [("Sqlite:Folder", "Holdfast:Data"), ("Redis:Configuration", "Cluster:Redis"), ("Redis:Prefix", "Cluster:Name")];

    /// <summary>The exit code of a process whose set-up can't work: starting it again does not help.</summary>
    public const int WrongSetup = 2;

    /// <summary>A builder whose content is beside the executable, whatever folder it was started from.</summary>
    /// <param name="args">The command line; <c>--Section:Name value</c> sets any option.</param>
    /// <param name="switches">Short names for some options.</param>
    /// <exception cref="SetupException">Something is given that means nothing.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args, IDictionary<string, string> switches)
    {
        CommandLine.Check(args, switches);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [],
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
        });
        builder.Configuration.AddCommandLine(args, switches);
        AddDefaults(builder);
        return builder;
    }

    /// <summary>What every host has, whoever made its builder: quiet logs, checked options, a bounded shutdown.</summary>
    /// <exception cref="SetupException">Something is configured that means nothing.</exception>
    public static void AddDefaults(WebApplicationBuilder builder)
    {
        // Whatever is configured wins.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = LogDefaults.Levels });
        CheckLogLevels(builder.Configuration);
        if (Array.Find(Decided, one => builder.Configuration[one.Option] is not null) is { Option: { } option } given)
        {
            throw new SetupException($"{option} is decided by {given.Instead} here: set that instead.");
        }

        builder.Services.AddSection<ProcessOptions>();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<ProcessOptions>>((host, process) => host.ShutdownTimeout = process.Value.ShutdownTimeout);
    }

    /// <summary>Makes the host. Its first word is the banner; then its options are judged, before anything is opened.</summary>
    /// <param name="builder">The host's, with all that it has.</param>
    /// <param name="adjust">Called last: what is registered here takes the place of what is there.</param>
    /// <exception cref="OptionsValidationException">An option makes no sense.</exception>
    public static WebApplication Build(WebApplicationBuilder builder, Action<IServiceCollection>? adjust)
    {
        adjust?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseHostBanner();
        app.Services.GetService<IStartupValidator>()?.Validate();
        return app;
    }

    /// <summary>Runs a host until it is told to stop. What is wrong with the set-up is said in one line, with the cure.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Func<WebApplication> build)
    {
        try
        {
            await using var app = build();
            await app.RunAsync();
            return Environment.ExitCode;
        }
        catch (Exception e) when (IsWrongSetup(e))
        {
            await Console.Error.WriteLineAsync("holdfast: " + Text(e));
            return WrongSetup;
        }
    }

    /// <summary>Has a host listen on addresses.</summary>
    /// <param name="builder">The host's.</param>
    /// <param name="addresses">Where. The server's own configuration goes before these.</param>
    /// <param name="anywhere">Whether others may reach it: whatever is not loopback needs authentication, which this version does not have.</param>
    /// <exception cref="SetupException">An address is malformed, or can be reached from elsewhere although it may not.</exception>
    public static void Listen(WebApplicationBuilder builder, string[] addresses, bool anywhere = false)
    {
        builder.WebHost.UseUrls(addresses);
        foreach (var address in addresses.Concat(builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? "")))
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new SetupException($"'{address}' is no address to listen on; use http://127.0.0.1:8000, several with ';' between them.");
            }

            if (!anywhere && !uri.IsLoopback)
            {
                throw new SetupException(
                    $"'{address}' can be reached from other machines, and this version has no authentication. Listen on loopback (http://127.0.0.1:{uri.Port}) and put a proxy with authentication in front.");
            }
        }
    }

    /// <summary>A connection string as it may be shown: without its passwords.</summary>
    public static string WithoutSecrets(string connection) =>
        string.Join(',', connection.Split(',').Where(part => !part.Contains("password", StringComparison.OrdinalIgnoreCase)));

    private static bool IsWrongSetup(Exception e) =>
        e is SetupException or LogStoreSetupException or IOException or SocketException or OptionsValidationException or OrleansConfigurationException
        || (e is AggregateException all && all.InnerExceptions.All(IsWrongSetup));

    private static string Text(Exception e) => e switch
    {
        OptionsValidationException options => string.Join(' ', options.Failures),
        AggregateException all => string.Join(' ', all.InnerExceptions.Select(Text)),
        _ => e.Message,
    };

    /// <summary>Logging's own reading of them throws what names neither the cure nor the place.</summary>
    private static void CheckLogLevels(ConfigurationManager configuration)
    {
        foreach (var (option, level) in configuration.GetSection("Logging").AsEnumerable())
        {
            if (option.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase) && level is { Length: > 0 } && !Enum.TryParse<LogLevel>(level, ignoreCase: true, out _))
            {
                throw new SetupException($"{option} is '{level}'; it is one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
            }
        }
    }

    /// <summary>Splits a list of addresses.</summary>
    public static string[] SplitUrls(string urls) => urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>The set-up can't work; the message says which part and what to do.</summary>
public sealed class SetupException(string message) : Exception(message);
