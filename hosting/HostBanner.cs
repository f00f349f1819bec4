using System.Reflection;

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

/// <summary>What a process is, for its banner.</summary>
/// <param name="What"><c>Holdfast</c>, or which part of it.</param>
/// <param name="Lines">Names and values, in order.</param>
public sealed record HostDescription(string What, IReadOnlyList<(string Name, string Value)> Lines);

/// <summary>Says what runs where: in the log's first line, and to whoever sits in front of it.</summary>
public sealed partial class HostBanner(HostDescription description, IServer server, IHostApplicationLifetime lifetime, ILogger<HostBanner> logger) : IHostedService
{
    /// <summary>The product's version.</summary>
    public static string Version { get; } =
        typeof(HostBanner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Which implementation of the Orleans programming model runs: whichever assembly it came from.</summary>
    public static string Engine { get; } = typeof(Grain).Assembly.GetName() is var assembly && assembly.Name == "Holdfast.Engine"
        ? "bundled" : $"Microsoft Orleans {assembly.Version}";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Show);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Show()
    {
        var addresses = string.Join(", ", server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);
        List<(string Name, string Value)> lines = [("open", addresses), ("engine", Engine), .. description.Lines];
        Started(logger, description.What, Version, string.Join(", ", lines.Select(line => $"{line.Name} {line.Value}")));
        Console.WriteLine(string.Join(Environment.NewLine, ["", $"  {description.What} {Version} is up.", "", .. lines.Select(line => $"    {line.Name,-8} {line.Value}"), ""]));
    }
}

/// <summary>Adds the banner.</summary>
public static class HostBannerExtensions
{
    /// <summary>Says what runs where once the host is up.</summary>
    public static IServiceCollection AddHostBanner(this IServiceCollection services, string what, params (string Name, string Value)[] lines)
    {
        services.AddSingleton(new HostDescription(what, lines));
        return services.AddHostedService<HostBanner>();
    }
}
