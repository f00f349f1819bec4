using System.Reflection;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
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

/// <summary>Says what runs where: in the log's first line before anything is opened, and once it is up, also to whoever sits in front of it.</summary>
public sealed partial class HostBanner(HostDescription description, IServer server, IHostApplicationLifetime lifetime, ILogger<HostBanner> logger) : IHostedService
{
    /// <summary>The product's version.</summary>
    public static string Version { get; } =
        typeof(HostBanner).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>The version of Microsoft Orleans that runs.</summary>
    public static string Orleans { get; } =
        typeof(Grain).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+', ' ')[0].TrimEnd('.') ?? "";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Show);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Says what is about to start, with the addresses that were asked for.</summary>
    internal static void Begin(HostDescription description, string addresses, ILogger logger) =>
        Starting(logger, description.What, Version, string.Join(", ", Lines(description, addresses).Select(line => $"{line.Name} {line.Value}")));

    private static IReadOnlyList<(string Name, string Value)> Lines(HostDescription description, string addresses) =>
        [("open", addresses), ("orleans", Orleans), .. description.Lines];

    private void Show()
    {
        var addresses = string.Join(", ", server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);
        var lines = Lines(description, addresses);
        Up(logger, addresses);
        Console.WriteLine(string.Join(Environment.NewLine, ["", $"  {description.What} {Version} is up.", "", .. lines.Select(line => $"    {line.Name,-8} {line.Value}"), ""]));
    }
}

/// <summary>Adds the banner, and shows it.</summary>
public static class HostBannerExtensions
{
    /// <summary>Says what runs where once the host is up.</summary>
    public static IServiceCollection AddHostBanner(this IServiceCollection services, string what, params (string Name, string Value)[] lines)
    {
        services.AddSingleton(new HostDescription(what, lines));
        return services.AddHostedService<HostBanner>();
    }

    /// <summary>Writes the log's first line: to be called before whatever logs.</summary>
    public static WebApplication UseHostBanner(this WebApplication app)
    {
        HostBanner.Begin(
            app.Services.GetRequiredService<HostDescription>(), app.Configuration[WebHostDefaults.ServerUrlsKey] ?? "", app.Services.GetRequiredService<ILogger<HostBanner>>());
        return app;
    }
}
