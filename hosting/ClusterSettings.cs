using Holdfast.Grains.Logs;
using Holdfast.Grains.Setup;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Orleans.Configuration;

namespace Holdfast.Hosting;

/// <summary>How silos and fronts of one cluster find each other: the same on all of them.</summary>
[Section("Cluster")]
public sealed class ClusterSettings : ICheckedOptions
{
    /// <summary>The cluster's name: several of different names can share one Redis. Default: <c>holdfast</c>.</summary>
    [Bounds(1)]
    public string Name { get; set; } = "holdfast";

    /// <summary>The Redis in which they meet and which keeps the logs, in StackExchange.Redis' form. Default: <c>127.0.0.1:6379</c>.</summary>
    public string Redis { get; set; } = "127.0.0.1:6379";

    /// <summary>How often a silo shows that it lives. Smaller: a death is noticed sooner; larger: pauses are forgiven. Default: 1 s.</summary>
    [Bounds("00:00:00.05", "01:00:00")]
    public TimeSpan Probe { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How many times in a row it may fail to before it counts as dead: so many of <see cref="Probe"/> are its lease. Smaller: a machine that is gone
    /// is noticed sooner; larger: longer pauses are forgiven. Default: 3.
    /// </summary>
    [Bounds(1, 1000)]
    public int MissedProbes { get; set; } = 3;

    /// <summary>How long a grain call may take. Smaller: a hung part is given up sooner; larger: slow stores are waited for. Default: 10 s.</summary>
    [Bounds("00:00:00.1")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Largest grain call in bytes: more than <c>Front:MaxBodyBytes</c> and <c>Tasks:MaxResultBytes</c>. Smaller: less memory for one call; larger:
    /// larger inputs and results get through. Default: 32 MiB.
    /// </summary>
    [Bounds(65536)]
    public int MaxCallBytes { get; set; } = 32 << 20;

    /// <summary>
    /// Grains that nobody calls leave memory after so long. Smaller: less memory; larger: ended tasks that are looked at again answer without the
    /// store. Default: 2 min.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan IdleAge { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The settings of a host.</summary>
    public static ClusterSettings Read(IConfiguration configuration) => OptionSections.Read<ClusterSettings>(configuration);

    /// <inheritdoc/>
    public IEnumerable<(string Option, string Cure)> Check()
    {
        if (Name.AsSpan().ContainsAny('{', '}'))
        {
            yield return (nameof(Name), $"is '{Name}'; it has no braces, which mean something to Redis");
        }

        if (!RedisAddress.IsReadable(Redis))
        {
            yield return (nameof(Redis), RedisAddress.Cure);
        }
    }

    /// <summary>Joins a silo to the cluster.</summary>
    public void Join(ISiloBuilder silo)
    {
        silo.UseRedisClustering(Redis);
        silo.Configure<ClusterOptions>(Identify);
        silo.Services.AddSingleton<IFatalErrorHandler, StepDown>();
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
