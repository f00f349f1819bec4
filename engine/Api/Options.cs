using System.Net;

namespace Orleans.Configuration;

/// <summary>Which cluster a silo or a client belongs to.</summary>
public class ClusterOptions
{
    /// <summary>The cluster's name: silos and clients meet only under the same one. Default: <c>default</c>.</summary>
    public string ClusterId { get; set; } = "default";

    /// <summary>The service's name, which outlives clusters. Default: <c>default</c>.</summary>
    public string ServiceId { get; set; } = "default";
}

/// <summary>The silo's own name.</summary>
public class SiloOptions
{
    /// <summary>A name for people. Default: <c>Silo_</c> and a random number.</summary>
    public string SiloName { get; set; } = "Silo_" + Random.Shared.Next(0x10000).ToString("x4", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What silos and clients have in common in sending calls.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long a caller waits. Shorter finds trouble sooner, longer forgives slow stores. Default: 30 s.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest message, in bytes; a larger one fails its call. Default: 8 MiB.</summary>
    public int MaxMessageBodySize { get; set; } = 8 * 1024 * 1024;
}

/// <summary>How a silo sends calls.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>How many calls may wait for one grain; one more fails with <see cref="Runtime.LimitExceededException"/>. 0 is no limit. Default: 10,000.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; } = 10_000;

    /// <summary>How often a call is sent on because the grain was not where it was thought to be. Default: 2.</summary>
    public int MaxForwardCount { get; set; } = 2;
}

/// <summary>How a client sends calls.</summary>
public class ClientMessagingOptions : MessagingOptions;

/// <summary>When idle grains leave memory.</summary>
public class GrainCollectionOptions
{
    /// <summary>How long nobody must have called. Shorter saves memory, longer saves activations. Default: 15 min.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle grains are looked for; less than <see cref="CollectionAge"/>. Default: 1 min.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Ages for single grain classes, by full class name. Default: none.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

    /// <summary>How long <see cref="IGrainBase.OnActivateAsync"/> may take before its token is cancelled. Default: 30 s.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <see cref="IGrainBase.OnDeactivateAsync"/> may take before its token is cancelled. Default: 30 s.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>When a silo is taken for dead.</summary>
public class ClusterMembershipOptions
{
    /// <summary>How often a silo renews its lease. Default: 1 s.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many renewals may be missing before a silo is declared dead. Less finds deaths sooner, more forgives pauses. Default: 3.</summary>
    public int NumMissedProbesLimit { get; set; } = 3;

    /// <summary>How long entries of dead silos are kept. Default: 1 h.</summary>
    public TimeSpan DefunctSiloExpiration { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>Where a silo listens.</summary>
public class EndpointOptions
{
    /// <summary>The address that others connect to. Default: loopback.</summary>
    public IPAddress AdvertisedIPAddress { get; set; } = IPAddress.Loopback;

    /// <summary>The port that silos and clients connect to. Default: 11111.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Kept for setups that name it: clients use <see cref="SiloPort"/> here. Default: 30000.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>What to bind, when it is not the advertised address and port.</summary>
    public IPEndPoint? SiloListeningEndpoint { get; set; }
}

/// <summary>Grain classes and interfaces in addition to those in the host's assemblies.</summary>
public class GrainTypeOptions
{
    /// <summary>Grain classes.</summary>
    public HashSet<Type> Classes { get; } = [];

    /// <summary>Grain and observer interfaces.</summary>
    public HashSet<Type> Interfaces { get; } = [];
}
