using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Orleans.Configuration;

namespace Holdfast.Hosting;

/// <summary>How silos and fronts of one cluster find each other: section <c>Cluster</c>, the same on all of them.</summary>
public sealed class ClusterSettings
{
    /// <summary>The cluster's name. Default: <c>holdfast</c>.</summary>
    public string Name { get; set; } = "holdfast";

    /// <summary>The Redis in which they meet and which keeps the logs, in StackExchange.Redis' form. Default: <c>127.0.0.1:6379</c>.</summary>
    public string Redis { get; set; } = "127.0.0.1:6379";

    /// <summary>How often a silo shows that it lives. Smaller: a death is noticed sooner; larger: pauses are forgiven. Default: 1 s.</summary>
    public TimeSpan Probe { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many times in a row it may fail to before it counts as dead. Default: 3.</summary>
    public int MissedProbes { get; set; } = 3;

    /// <summary>How long a grain call may take. Default: 10 s.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest grain call in bytes: the largest request body, and then some. Default: 32 MiB.</summary>
    public int MaxCallBytes { get; set; } = 32 << 20;

    /// <summary>Grains that nobody calls leave memory after so long. Default: 2 min.</summary>
    public TimeSpan IdleAge { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The settings of a host.</summary>
    public static ClusterSettings Read(IConfiguration configuration) => configuration.GetSection("Cluster").Get<ClusterSettings>() ?? new ClusterSettings();

    /// <summary>Joins a silo to the cluster.</summary>
    public void Join(ISiloBuilder silo)
    {
        silo.UseRedisClustering(Redis);
        silo.Configure<ClusterOptions>(Identify);
        Tune(silo);
    }

    /// <summary>Sets a silo's time limits, whatever it clusters by.</summary>
    public void Tune(ISiloBuilder silo)
    {
        silo.Configure<ClusterMembershipOptions>(membership => (membership.ProbeTimeout, membership.NumMissedProbesLimit) = (Probe, MissedProbes));
        silo.Configure<SiloMessagingOptions>(messages => (messages.ResponseTimeout, messages.MaxMessageBodySize) = (CallTimeout, MaxCallBytes));
        silo.Configure<GrainCollectionOptions>(idle => (idle.CollectionAge, idle.CollectionQuantum) = (IdleAge, IdleAge / 2));
    }

    /// <summary>Connects a front to the cluster; it keeps trying while no silo is up.</summary>
    public void Connect(IClientBuilder client)
    {
        client.UseRedisClustering(Redis);
        client.Configure<ClusterOptions>(Identify);
        client.Configure<ClientMessagingOptions>(messages => (messages.ResponseTimeout, messages.MaxMessageBodySize) = (CallTimeout, MaxCallBytes));
        client.UseConnectionRetryFilter(async (_, cancellationToken) =>
        {
            await Task.Delay(Probe, TimeProvider.System, cancellationToken);
            return true;
        });
    }

    private void Identify(ClusterOptions cluster) => (cluster.ClusterId, cluster.ServiceId) = (Name, Name);
}
