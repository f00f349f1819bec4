using Holdfast.Chaos.Cluster;
using Holdfast.Chaos.Faults;
using Holdfast.Fault.Tests;

[assembly: AssemblyFixture(typeof(ClusterFixture))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Holdfast.Fault.Tests;

/// <summary>One cluster of real processes for all tests: two silos, two fronts, Redis and Caddy. Each test leaves it well.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private LocalCluster? _cluster;

    internal LocalCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not started.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() =>
        _cluster = await LocalCluster.StartAsync(new ClusterPlan { SiloArguments = ChaosRun.SiloArguments, FrontArguments = ["--Front:DrainSpread", "00:00:01"] });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cluster is { } cluster)
        {
            await cluster.StopAsync();
            await cluster.DisposeAsync();
        }
    }
}
