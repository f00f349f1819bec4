namespace Holdfast.Silo;

/// <summary>Where a silo listens: section <c>Silo</c>. How it finds the cluster is section <c>Cluster</c>.</summary>
public sealed class SiloHostOptions
{
    /// <summary>The address that other silos and fronts connect to. Default: <c>127.0.0.1</c>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port for silos, and with the bundled engine for fronts. Default: 11111.</summary>
    public int Port { get; set; } = 11111;

    /// <summary>The port for fronts. Default: 30000.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Where health and figures are served. Default: <c>http://127.0.0.1:8100</c>.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:8100";
}
