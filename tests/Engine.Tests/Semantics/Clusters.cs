using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Holdfast.Engine.Tests.Semantics.Clusters))]

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Clusters that tests share as long as they kill nobody: one per number of silos.</summary>
public sealed class Clusters : IAsyncDisposable
{
    private static readonly Dictionary<int, Task<InProcessTestCluster>> s_clusters = [];

    /// <summary>How long a test waits for something that should happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Task<InProcessTestCluster> WithAsync(int silos)
    {
        lock (s_clusters)
        {
            if (!s_clusters.TryGetValue(silos, out var cluster))
            {
                s_clusters[silos] = cluster = StartAsync(silos);
            }

            return cluster;
        }
    }

    /// <summary>A cluster of one's own, to be disposed by the test.</summary>
    public static async Task<InProcessTestCluster> StartAsync(int silos)
    {
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
            silo.Configure<GrainCollectionOptions>(o =>
            {
                o.CollectionQuantum = TimeSpan.FromSeconds(1);
                o.ClassSpecificCollectionAge[typeof(LifeGrain).FullName!] = TimeSpan.FromSeconds(2);
            });
            silo.Services.AddKeyedSingleton<IGrainStorage>("test", TestStorage.Shared);
            silo.AddMemoryGrainStorage("PubSubStore");
            silo.AddMemoryGrainStorage("memory");
            silo.AddMemoryStreams("notices");
        });
        builder.ConfigureClient(client =>
        {
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
            client.AddMemoryStreams("notices");
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in s_clusters.Values)
        {
            await (await cluster).DisposeAsync();
        }
    }
}

/// <summary>Runs a test on clusters of different sizes.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SilosAttribute(params int[] sizes) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. (sizes.Length > 0 ? sizes : [1, 2, 3]).Select(n => new TheoryDataRow<int>(n))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
