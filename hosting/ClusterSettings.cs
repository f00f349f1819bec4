using Holdfast.Grains.Logs.Redis;
using Holdfast.Grains.Setup;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

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

    /// <summary>
    /// How often silos ask each other for a sign of life, and how long the answer may take while answers come quickly; when they come slowly, up to
    /// <see cref="Silence"/> / <see cref="MissedProbes"/>. A silo that was killed has closed its connections, and is noticed after
    /// <see cref="MissedProbes"/> of these, <see cref="Silence"/> at most. Smaller: its tasks go on sooner; larger: fewer messages, and more time for a
    /// silo that has just started to answer the first ones. Default: 250 ms.
    /// </summary>
    [Bounds("00:00:00.02", "01:00:00")]
    public TimeSpan Probe { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Probes in a row that a silo has to miss before another one wants it declared dead. Smaller: noticed sooner; larger: a single lost or late answer
    /// matters less. Default: 3.
    /// </summary>
    [Bounds(1, 100)]
    public int MissedProbes { get; set; } = 3;

    /// <summary>
    /// A silo whose connections stay open counts as alive until nothing has been heard from it for so long: a frozen process, a lost machine, a cut
    /// network. At least twice <see cref="Probe"/> × <see cref="MissedProbes"/>. Smaller: these are noticed sooner; larger: longer pauses of a busy or virtual
    /// machine are forgiven. Default: 3 s.
    /// </summary>
    [Bounds("00:00:00.1", "01:00:00")]
    public TimeSpan Silence { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How often a front looks which silos there are, and tries again while there is none. Smaller: it uses new silos sooner; larger: fewer reads of
    /// Redis, one for each front and look. Default: 1 s.
    /// </summary>
    [Bounds("00:00:00.1", "01:00:00")]
    public TimeSpan SiloRefresh { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// File of this process's certificate (PEM; after it those between it and the authority, if any). With <see cref="CertificateKey"/> and
    /// <see cref="Authority"/>, the ports of silos speak mutual TLS; without, silos listen on loopback only. Default: none.
    /// </summary>
    public string Certificate { get; set; } = "";

    /// <summary>File of the private key of <see cref="Certificate"/> (PEM, not encrypted). Default: none.</summary>
    public string CertificateKey { get; set; } = "";

    /// <summary>
    /// File of the authority (PEM; several while one replaces another) that has to have signed the certificate of every silo and front. No other is
    /// trusted, the system's neither. Default: none.
    /// </summary>
    public string Authority { get; set; } = "";

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

    /// <summary>Whether the ports of silos speak mutual TLS.</summary>
    public bool HasCertificates() => Certificate.Length > 0;

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

        if (Silence < 2 * Probe * MissedProbes)
        {
            yield return (nameof(Silence), $"is {Silence}; it is at least twice Cluster:Probe × Cluster:MissedProbes ({2 * Probe * MissedProbes})");
        }

        ClusterCertificates.Read(this, out var wrong);
        if (wrong is { } certificates)
        {
            yield return certificates;
        }
    }

    /// <summary>Joins a silo to the cluster.</summary>
    /// <exception cref="SetupException">The certificate is no silo's.</exception>
    public void Join(ISiloBuilder silo)
    {
        if (ClusterCertificates.Load(this) is { } certificates)
        {
            silo.UseTls(certificates.CanServe ? certificates.Secure
                : throw new SetupException($"Cluster:Certificate is '{Certificate}', which is a front's (its extended key usage leaves servers out): give the silo one of its own, as of ./platform certs."));
        }

        silo.UseRedisClustering(_ => { });
        silo.Services.AddClusterRedis(this);
        silo.Configure<ClusterOptions>(Identify);
        silo.Services.AddSingleton<IFatalErrorHandler, StepDown>();
        Tune(silo);
    }

    /// <summary>Sets a silo's time limits, whatever it clusters by.</summary>
    public void Tune(ISiloBuilder silo)
    {
        silo.Configure<ClusterMembershipOptions>(Watch);
        silo.Configure<SiloMessagingOptions>(messages => (messages.ResponseTimeout, messages.MaxMessageBodySize) = (CallTimeout, MaxCallBytes));
        silo.Configure<GrainCollectionOptions>(idle => (idle.CollectionAge, idle.CollectionQuantum) = (IdleAge, IdleAge / 2));
    }

    /// <summary>Connects a front to the cluster; it keeps trying while no silo is up.</summary>
    public void Connect(IClientBuilder client)
    {
        if (ClusterCertificates.Load(this) is { } certificates)
        {
            client.UseTls(certificates.Secure);
        }

        client.UseRedisClustering(_ => { });
        client.Services.AddClusterRedis(this);
        client.Configure<ClusterOptions>(Identify);
        client.Configure<ClientMessagingOptions>(messages => (messages.ResponseTimeout, messages.MaxMessageBodySize) = (CallTimeout, MaxCallBytes));
        client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = SiloRefresh);
        client.Services.TryAddSingleton(TimeProvider.System);
        client.Services.AddSingleton<IClientConnectionRetryFilter>(provider =>
            new ConnectionPatience(this, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ConnectionPatience>>()));
    }

    /// <summary>
    /// How silos watch each other. One vote is enough among two, because Orleans asks for no more than half of those that are there. What was heard on a
    /// connection counts as a sign of life (that is Orleans' default) for as long as all missed probes may take at most.
    /// </summary>
    private void Watch(ClusterMembershipOptions membership)
    {
        membership.MinProbeTimeout = Probe;

        // What the first few answers may take: a silo that has just started is slow. More would count later, too: of answers that come quickly, Orleans
        // waits for half of this at least.
        membership.ProbeTimeout = Probe * 2;
        membership.MaxProbeTimeout = Silence / MissedProbes;
        membership.NumMissedProbesLimit = MissedProbes;

        // A silo that is short of time would wait up to nine times as long for one that is dead.
        membership.ExtendProbeTimeoutDuringDegradation = false;

        // So that one that was frozen learns soon that it was declared dead, and a cluster whose silos were all killed starts elsewhere within ten of these.
        membership.TableRefreshTimeout = Silence;
        membership.IAmAliveTablePublishTimeout = Silence;
    }

    private void Identify(ClusterOptions cluster) => (cluster.ClusterId, cluster.ServiceId) = (Name, Name);
}
