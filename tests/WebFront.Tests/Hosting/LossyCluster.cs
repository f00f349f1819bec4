using Holdfast.Generators.Roadmap;
using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Recovery;
using Holdfast.Grains.Tasks;
using Holdfast.Hosting;
using Holdfast.TestSupport.Hostile;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Orleans.Configuration;
using Orleans.TestingHost;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>Silos and two fronts in this process, over one store that outlives them, between which calls get lost.</summary>
internal sealed class LossyCluster : IAsyncDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    private readonly List<WebApplication> _fronts = [];
    private readonly MemoryLogStore _store = new();

    private LossyCluster(int silos)
    {
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Configure<ClusterMembershipOptions>(options => (options.ProbeTimeout, options.NumMissedProbesLimit) = (TimeSpan.FromMilliseconds(500), 3));
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = CallTimeout);
            silo.AddMemoryGrainStorage("PubSubStore");
            silo.AddMemoryStreams(TaskNotice.Provider);
            silo.Services.AddHoldfastGrains();
            silo.Services.AddRoadmap();
            silo.Services.AddHostileCalls(HostileOptions.Lossy);
            silo.Services.AddSingleton<ILogStore>(_store);
            silo.Services.AddSingleton<ILogReader>(_store);
            silo.Services.Configure<TaskOptions>(options => (options.RetryDelay, options.WorkerLease) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(3)));
            silo.Services.Configure<RecoveryOptions>(options => options.RetryDelay = TimeSpan.FromMilliseconds(20));
        });
        builder.ConfigureClient(client =>
        {
            client.AddMemoryStreams(TaskNotice.Provider);
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = CallTimeout);
            client.Services.AddHostileCalls(HostileOptions.Lossy);
        });
        Silos = builder.Build();
    }

    /// <summary>The silos.</summary>
    public InProcessTestCluster Silos { get; }

    /// <summary>Where the fronts listen.</summary>
    public IReadOnlyList<Uri> Entries => [.. _fronts.Select(AddressOf)];

    /// <summary>What went wrong unforeseen in a front.</summary>
    public CapturedLog Log { get; } = new();

    /// <summary>Starts all of it.</summary>
    public static async Task<LossyCluster> StartAsync(int silos)
    {
        var cluster = new LossyCluster(silos);
        await cluster.Silos.DeployAsync();
        await cluster.StartFrontAsync();
        await cluster.StartFrontAsync();
        return cluster;
    }

    /// <summary>Kills a silo, and starts another one.</summary>
    public async Task ReplaceAsync(int silo)
    {
        await Silos.KillSiloAsync(Silos.Silos[silo % Silos.Silos.Count]);
        await Silos.StartAdditionalSiloAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var front in _fronts)
        {
            await front.StopAsync();
            await front.DisposeAsync();
        }

        await Silos.DisposeAsync();
    }

    private static Uri AddressOf(WebApplication front) => new(front.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    private async Task StartFrontAsync()
    {
        var builder = HostProgram.CreateBuilder(["--Front:DrainSpread", "00:00:00", "--Logging:LogLevel:Default", "Warning"], new Dictionary<string, string>());
        HostProgram.Listen(builder, ["http://127.0.0.1:0"]);
        builder.Services.AddSingleton(Silos.Client);
        builder.Services.AddSingleton<IGrainFactory>(Silos.Client);
        builder.Services.AddSingleton<ILogReader>(_store);
        builder.Services.AddHoldfastFront();
        builder.Services.AddHostBanner("Holdfast web front");
        builder.Services.AddLogging(logging => logging.ClearProviders().AddProvider(Log));
        var front = HostProgram.Build(builder, null);
        front.MapHoldfastFront();
        await front.StartAsync();
        _fronts.Add(front);
    }
}
