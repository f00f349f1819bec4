using Holdfast.Grains.Logs;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

/// <summary>What the executables have in common: configuration from appsettings, environment and command line, and a plain word when the set-up can't work.</summary>
public static class HostProgram
{
    /// <summary>
    /// Whatever is configured wins. A request that this category logs has an activity and a log scope, and holds them for as long as it lasts:
    /// a viewer's, for as long as the viewer stays.
    /// </summary>
    private static readonly Dictionary<string, string?> Defaults = new(StringComparer.Ordinal) { ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None" };

    /// <summary>A builder whose content is beside the executable, whatever folder it was started from.</summary>
    /// <param name="args">The command line; <c>--Section:Name value</c> sets any option.</param>
    /// <param name="switches">Short names for some options.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args, IDictionary<string, string> switches)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [],
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
        });
        builder.Configuration.AddCommandLine(args, switches);
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        return builder;
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
        catch (Exception e) when (e is SetupException or LogStoreSetupException or IOException or OptionsValidationException or OrleansConfigurationException)
        {
            await Console.Error.WriteLineAsync("holdfast: " + e.Message);
            return 2;
        }
    }

    /// <summary>Checks addresses to listen on: whatever is not loopback needs authentication, which this version does not have.</summary>
    /// <exception cref="SetupException">An address is malformed, or can be reached from elsewhere.</exception>
    public static void CheckLoopback(IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
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
    }

    /// <summary>A connection string as it may be shown: without its passwords.</summary>
    public static string WithoutSecrets(string connection) =>
        string.Join(',', connection.Split(',').Where(part => !part.Contains("password", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Splits a list of addresses.</summary>
    public static string[] SplitUrls(string urls) => urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>The set-up can't work; the message says which part and what to do.</summary>
public sealed class SetupException(string message) : Exception(message);
