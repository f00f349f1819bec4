using System.Reflection;
using Orleans.TestingHost;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Holdfast.Engine.Tests.Semantics.Clusters))]

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Setups that tests share as long as they kill nobody: one per number of silos.</summary>
public sealed class Clusters : IAsyncDisposable
{
    /// <summary>Stands for two silos over sockets.</summary>
    public const int TwoOverSockets = 102;

    private static readonly Dictionary<int, Task<Setup>> s_setups = [];

    public static Task<Setup> WithAsync(int silos)
    {
        lock (s_setups)
        {
            if (!s_setups.TryGetValue(silos, out var setup))
            {
                s_setups[silos] = setup = SetUpAsync(silos);
            }

            return setup;
        }
    }

    /// <summary>A cluster of one's own within the process, to be disposed by the test.</summary>
    public static Task<InProcessTestCluster> StartAsync(int silos) => InProcessSetup.StartAsync(silos);

    public async ValueTask DisposeAsync()
    {
        foreach (var setup in s_setups.Values)
        {
            await (await setup).DisposeAsync();
        }
    }

    private static async Task<Setup> SetUpAsync(int silos) => silos == TwoOverSockets
        ? await SocketSetup.StartAsync(2)
        : new InProcessSetup(await InProcessSetup.StartAsync(silos));
}

/// <summary>Runs a test on one, two and three silos in the process and on two over sockets, or on those that are named.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SilosAttribute(params int[] sizes) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. (sizes.Length > 0 ? sizes : [1, 2, 3, Clusters.TwoOverSockets]).Select(n => new TheoryDataRow<int>(n))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
