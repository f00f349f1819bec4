using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

using Holdfast.TestSupport;

using Microsoft.Extensions.DependencyInjection;

using Orleans.Configuration;
using Orleans.TestingHost;

namespace Holdfast.Grains.Tests.Assumptions;

/// <summary>
/// What the product's correctness or its time limits take for granted of Orleans, seen on Orleans itself: a version that behaves otherwise is noticed
/// here. What the product does not rest on (one activation always, answers that arrive, silos that know the truth) is in no test.
/// </summary>
public sealed class OrleansAssumptionsTests
{
    private static int s_grains;

    [Fact]
    public async Task CallsToAGrain_RunOneAtATime_AndInterleavingOnesMeanwhile()
    {
        await using var cluster = await StartAsync();
        var (grain, probe) = Grain(cluster);
        Task[] calls = [grain.HoldAsync(), grain.HoldAsync(), grain.HoldAsync()];
        await Waiting.UntilAsync("a call is inside", () => probe.Inside > 0);
        for (var n = 0; n < 100; n++)
        {
            Assert.Equal(1, await grain.LookAsync().ForAsync("a call that interleaves"));
        }

        probe.Release();
        await Task.WhenAll(calls).ForAsync("the other calls");
    }

    [Fact]
    public async Task WhatRunsOnAGrainsScheduler_NeverRunsBesideItsCalls_WhoeverPutsItThere()
    {
        await using var cluster = await StartAsync();
        var (grain, probe) = Grain(cluster);
        await grain.WhereAsync();
        var outside = Enumerable.Range(0, 2000).Select(_ => Task.Factory.StartNew(probe.Work, CancellationToken.None, TaskCreationOptions.None, probe.Scheduler!));
        var calls = Enumerable.Range(0, 2000).Select(_ => grain.WorkAsync());
        await Task.WhenAll([.. calls.Zip(outside).SelectMany(pair => new[] { pair.First, pair.Second })]).ForAsync("all work");
        await Waiting.UntilAsync("what no call awaited is done too", () => probe.Done == 6000);
        Assert.Equal(0, probe.Overlaps);
    }

    [Fact]
    public async Task AnObserver_GetsCallsInOrder_EachOnce_WhileOneIsInFlight()
    {
        await using var cluster = await StartAsync();
        var ear = new Ear();
        await Grain(cluster).Grain.TellAsync(cluster.Client.CreateObjectReference<IProbeObserver>(ear), 5000).ForAsync("all answers");
        Assert.Equal(Enumerable.Range(1, 5000), ear.Heard);
    }

    [Fact]
    public async Task AnObserverThatWasDeleted_IsATimeOutToWhoeverCallsIt()
    {
        await using var cluster = await StartAsync();
        var ear = new Ear();
        var reference = cluster.Client.CreateObjectReference<IProbeObserver>(ear);
        await Grain(cluster).Grain.TellAsync(reference, 1);
        cluster.Client.DeleteObjectReference<IProbeObserver>(reference);
        await Assert.ThrowsAsync<TimeoutException>(() => Grain(cluster).Grain.TellAsync(reference, 1).ForAsync("the time-out"));
        Assert.Equal([1], ear.Heard);
    }

    [Fact]
    public async Task AnObserver_LivesOnlyAsLongAsSomebodyHoldsIt()
    {
        await using var cluster = await StartAsync();
        var held = new Ear();
        var (heldReference, (forgotten, forgottenReference)) = (cluster.Client.CreateObjectReference<IProbeObserver>(held), Forgotten(cluster));
        await Waiting.UntilAsync("nobody holds it any more", () =>
        {
            GC.Collect();
            return !forgotten.TryGetTarget(out _);
        });
        await Assert.ThrowsAsync<TimeoutException>(() => Grain(cluster).Grain.TellAsync(forgottenReference, 1).ForAsync("the time-out"));
        await Grain(cluster).Grain.TellAsync(heldReference, 1);
        Assert.Equal([1], held.Heard);
    }

    [Fact]
    public async Task ACallThatTimesOut_IsExecutedToItsEnd()
    {
        await using var cluster = await StartAsync();
        var (grain, probe) = Grain(cluster);
        await Assert.ThrowsAsync<TimeoutException>(() => grain.HoldBrieflyAsync().ForAsync("the time-out"));
        Assert.Equal((1, 0), (probe.Inside, probe.Done));
        probe.Release();
        await grain.WhereAsync().ForAsync("a call behind it");
        Assert.Equal(1, probe.Done);
    }

    [Fact]
    public async Task AGrainThatNobodyCalls_LeavesMemory_UnlessATimerKeepsItAlive()
    {
        await using var cluster = await StartAsync();
        var ((idle, seen), (busy, kept)) = (Grain(cluster), Grain(cluster));
        await busy.KeepAliveAsync(IdleAge / 4);
        for (var n = 1; n <= 3; n++)
        {
            await idle.WhereAsync();
            await Waiting.UntilAsync("the idle one is gone", () => seen.Left == n);
        }

        Assert.Equal((1, 0), (kept.Activations, kept.Left));
    }

    [Fact]
    public async Task ACallThatWaitsWhileItsGrainEnds_IsAnsweredByTheNextActivation()
    {
        await using var cluster = await StartAsync();
        var (grain, probe) = Grain(cluster);
        var ending = grain.EndAsync();
        await Waiting.UntilAsync("the call is inside", () => probe.Inside == 1);
        var waiting = grain.WhereAsync();
        probe.Release();
        await ending.ForAsync("the call that asked for the end");
        await waiting.ForAsync("the call that waited");
        Assert.Equal((2, 1), (probe.Activations, probe.Left));
    }

    [Fact]
    public async Task ASiloThatStops_WaitsForItsGrainsLastMethods_AndTheyAnswerElsewhereAfterwards()
    {
        await using var cluster = await StartAsync(silos: 2);
        var (grain, probe) = Grain(cluster);
        probe.StaysToTheLast = true;
        var silo = await grain.WhereAsync();
        var stopping = cluster.StopSiloAsync(cluster.GetSiloForAddress(silo)!);
        await probe.Leaving.ForAsync("the last method");
        Assert.False(stopping.IsCompleted);
        probe.Release();
        await stopping.ForAsync("the end of the silo");
        Assert.Equal(1, probe.Left);
        Assert.NotEqual(silo, await AgainAsync(grain.WhereAsync));
    }

    [Fact]
    public async Task ASiloThatIsKilled_FailsWhatIsInFlight_IsToldOfToTheOthers_AndItsGrainsAnswerElsewhere()
    {
        await using var cluster = await StartAsync(silos: 3);
        var (grain, probe) = Grain(cluster);
        var silo = await grain.WhereAsync();
        var survivor = cluster.Silos.First(other => !other.SiloAddress.Equals(silo)).ServiceProvider.GetRequiredService<ISiloStatusOracle>();
        var listener = new Listener();
        Assert.True(survivor.SubscribeToSiloStatusEvents(listener));
        var inFlight = grain.HoldAsync();
        await Waiting.UntilAsync("the call is inside", () => probe.Inside == 1);

        await cluster.KillSiloAsync(cluster.GetSiloForAddress(silo)!);

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => inFlight.ForAsync("the end of the call in flight"));
        Assert.True(failure is TimeoutException or OrleansMessageRejectionException, failure.ToString());
        Assert.NotEqual(silo, await AgainAsync(grain.WhereAsync));
        await Waiting.UntilAsync("the death is told", () => listener.Told.Contains((silo, SiloStatus.Dead)));
        Assert.True(survivor.GetApproximateSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None);
    }

    private static readonly TimeSpan IdleAge = TimeSpan.FromSeconds(1);

    private static async Task<InProcessTestCluster> StartAsync(short silos = 1)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Configure<ClusterMembershipOptions>(options => (options.ProbeTimeout, options.NumMissedProbesLimit) = (TimeSpan.FromMilliseconds(500), 3));
            silo.Configure<GrainCollectionOptions>(options => (options.CollectionAge, options.CollectionQuantum) = (IdleAge, IdleAge / 2));
        });
        builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(10)));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static (IProbeGrain Grain, Probe Probe) Grain(InProcessTestCluster cluster)
    {
        var key = $"probe-{Interlocked.Increment(ref s_grains)}";
        return (cluster.Client.GetGrain<IProbeGrain>(key), Probe.Of(key));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference<Ear> Object, IProbeObserver Reference) Forgotten(InProcessTestCluster cluster)
    {
        var ear = new Ear();
        return (new WeakReference<Ear>(ear), cluster.Client.CreateObjectReference<IProbeObserver>(ear));
    }

    private static async Task<SiloAddress> AgainAsync(Func<Task<SiloAddress>> call)
    {
        SiloAddress? answer = null;
        await Waiting.UntilAsync("an answer from elsewhere", async () =>
        {
            try
            {
                answer = await call();
                return true;
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                return false;
            }
        });
        return answer!;
    }

    private sealed class Ear : IProbeObserver
    {
        public ConcurrentQueue<int> Heard { get; } = new();

        public Task TakeAsync(int number)
        {
            Heard.Enqueue(number);
            return Task.CompletedTask;
        }
    }

    private sealed class Listener : ISiloStatusListener
    {
        public ConcurrentQueue<(SiloAddress Silo, SiloStatus Status)> Told { get; } = new();

        public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status) => Told.Enqueue((updatedSilo, status));
    }
}
