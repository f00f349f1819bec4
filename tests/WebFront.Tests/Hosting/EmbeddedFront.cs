using Holdfast.Embedded;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Hostile;
using Holdfast.WebFront.Tests.Clients;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>The real embedded host, in this process, on a port of its own, with a folder of its own. Its calls take their time and overtake one another.</summary>
internal sealed class EmbeddedFront : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TempFolder? _folder;
    private bool _stopped;

    private EmbeddedFront(WebApplication app, TempFolder? folder, CapturedLog log)
    {
        (_app, _folder, Log) = (app, folder, log);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        Api = new Api(Address);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Its REST interface.</summary>
    public Api Api { get; }

    /// <summary>What it wrote, by default at level warning or above.</summary>
    public CapturedLog Log { get; }

    /// <summary>Its services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a host.</summary>
    /// <param name="options">Options by their configuration names: <c>["Front:HeartbeatInterval"] = "00:00:00.300"</c>.</param>
    /// <param name="folder">Where its log is; null: a new one that is gone afterwards.</param>
    /// <param name="adjust">Replaces services.</param>
    public static async Task<EmbeddedFront> StartAsync(
        IReadOnlyDictionary<string, string>? options = null, string? folder = null, Action<IServiceCollection>? adjust = null)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(HostileOptions.Remark);
        var own = folder is null ? new TempFolder() : null;
        var log = new CapturedLog();
        var app = HoldfastApp.Create(Arguments(folder ?? own!.Path, options), services =>
        {
            services.AddLogging(logging => logging.ClearProviders().AddProvider(log));
            services.AddHostileCalls(HostileOptions.Slow);
            adjust?.Invoke(services);
        });
        await app.StartAsync();
        return new EmbeddedFront(app, own, log);
    }

    /// <summary>The command line of a host that disturbs no other.</summary>
    public static string[] Arguments(string folder, IReadOnlyDictionary<string, string>? options) =>
    [
        "--port", "0", "--data", folder, "--silo-port", $"{Ports.Free()}", "--gateway-port", $"{Ports.Free()}", "--Logging:LogLevel:Default", "Warning",
        .. (options ?? new Dictionary<string, string>()).SelectMany(option => new[] { "--" + option.Key, option.Value }),
    ];

    /// <summary>Stops it in good order, as Ctrl-C does.</summary>
    public async Task StopAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await _app.StopAsync().ForAsync("the end of the host");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await StopAsync();
        await _app.DisposeAsync();
        _folder?.Dispose();
    }
}
