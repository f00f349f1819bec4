using Holdfast.Grains.Setup;
using Holdfast.Hosting;

namespace Holdfast.Embedded;

/// <summary>How the embedded default is set up.</summary>
[Section("Holdfast")]
public sealed class EmbeddedOptions : ICheckedOptions
{
    /// <summary>The folder of the SQLite log. Default: <c>./data</c>.</summary>
    [Bounds(1)]
    public string Data { get; set; } = "./data";

    /// <summary><c>sqlite</c>; <c>redis</c>, at <c>Cluster:Redis</c>; or <c>memory</c> for trying things out: nothing survives a restart then. Default: <c>sqlite</c>.</summary>
    public string Store { get; set; } = "sqlite";

    /// <summary>The port on loopback; 0 for any that is free. Default: 8000.</summary>
    [Bounds(0, 65535)]
    public int Port { get; set; } = 8000;

    /// <summary>Addresses to listen on, instead of <see cref="Port"/>: <c>http://127.0.0.1:8000;http://[::1]:8000</c>. Default: none.</summary>
    public string? Urls { get; set; }

    /// <summary>The silo's own port, on loopback. Default: 11111.</summary>
    [Bounds(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>The silo's port for clients, on loopback. Default: 30000.</summary>
    [Bounds(1, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <inheritdoc/>
    public IEnumerable<(string Option, string Cure)> Check()
    {
        if (Store is not ("sqlite" or "redis" or "memory"))
        {
            yield return (nameof(Store), $"is '{Store}'; it must be 'sqlite', 'redis' or 'memory'");
        }
    }

    /// <summary>Addresses to listen on, whichever way they were given.</summary>
    public string[] Addresses() =>
        Urls is { Length: > 0 } urls ? HostProgram.SplitUrls(urls) : [$"http://127.0.0.1:{Port}"];
}
