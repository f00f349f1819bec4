using System.Net;

using Holdfast.Grains.Setup;

namespace Holdfast.Silo;

/// <summary>Where a silo listens. How it finds the cluster is section <c>Cluster</c>.</summary>
[Section("Silo")]
public sealed class SiloHostOptions : ICheckedOptions
{
    /// <summary>The address that other silos and fronts connect to. Default: <c>127.0.0.1</c>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port for other silos. Default: 11111.</summary>
    [Bounds(1, 65535)]
    public int Port { get; set; } = 11111;

    /// <summary>The port for fronts. Default: 30000.</summary>
    [Bounds(1, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Where health and figures are served. Default: <c>http://127.0.0.1:8100</c>.</summary>
    [Bounds(1)]
    public string Urls { get; set; } = "http://127.0.0.1:8100";

    /// <summary>
    /// Serves the Orleans Dashboard (grains, calls, silos, for looking at) under <c>/orleans</c> at <see cref="Urls"/>, which are loopback then. All silos
    /// of a cluster have it, or none. Default: false.
    /// </summary>
    public bool Dashboard { get; set; }

    /// <inheritdoc/>
    public IEnumerable<(string Option, string Cure)> Check()
    {
        if (!IPAddress.TryParse(Address, out _))
        {
            yield return (nameof(Address), $"is '{Address}'; it is an IP address under which the other processes reach this one");
        }
    }
}
