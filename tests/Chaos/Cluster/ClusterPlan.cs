namespace Holdfast.Chaos.Cluster;

/// <summary>What a cluster on this machine consists of.</summary>
internal sealed record ClusterPlan
{
    /// <summary>Silos.</summary>
    public int Silos { get; init; } = 2;

    /// <summary>Web fronts.</summary>
    public int Fronts { get; init; } = 2;

    /// <summary>Whether Caddy stands before the fronts.</summary>
    public bool Proxy { get; init; } = true;

    /// <summary>The port of Caddy, or 0 for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>Further arguments of every silo.</summary>
    public IReadOnlyList<string> SiloArguments { get; init; } = [];

    /// <summary>Further arguments of every front.</summary>
    public IReadOnlyList<string> FrontArguments { get; init; } = [];
}
