using Holdfast.TestSupport;
using Holdfast.TestSupport.Hostile;

using Orleans.TestingHost;

namespace Holdfast.Grains.Tests.Assumptions;

/// <summary>The calls of hostile test clusters do go wrong, in the ways in which they should.</summary>
public sealed class HostileCallsTests
{
    [Fact]
    public async Task ALostReply_IsATimeOut_OfACallThatIsExecuted()
    {
        await using var cluster = await StartAsync(new HostileOptions { LostReplies = 1 });
        for (var n = 1; n <= 10; n++)
        {
            var error = await Assert.ThrowsAsync<TimeoutException>(() => Grain(cluster, "lost").WorkAsync());
            Assert.Contains($"HOLDFAST_HOSTILE_SEED={HostileOptions.Seed}", error.Message, StringComparison.Ordinal);
        }

        await Waiting.UntilAsync("all calls have been executed, each with its later piece", () => Probe.Of("lost").Done == 20);
    }

    [Fact]
    public async Task ARejectedCall_IsNeverExecuted()
    {
        await using var cluster = await StartAsync(new HostileOptions { Rejected = 1 });
        for (var n = 0; n < 10; n++)
        {
            await Assert.ThrowsAsync<SiloUnavailableException>(() => Grain(cluster, "rejected").WorkAsync());
        }

        Assert.Equal((0, 0), (Probe.Of("rejected").Done, Probe.Of("rejected").Activations));
    }

    [Fact]
    public async Task CallsAndAnswers_OvertakeOneAnother()
    {
        await using var cluster = await StartAsync(HostileOptions.Slow with { LongestDelay = TimeSpan.FromMilliseconds(20) });
        var (order, gate) = (new List<int>(), new Lock());
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async n =>
        {
            await Grain(cluster, "slow").LookAsync();
            lock (gate)
            {
                order.Add(n);
            }
        }));
        Assert.NotEqual(Enumerable.Range(0, 200), order);
    }

    [Fact]
    public async Task ALateAnswerOfAnObserver_HoldsItsCallerUp_AndNotItsNews()
    {
        await using var cluster = await StartAsync(new HostileOptions { LateAnswers = 1, LongestAnswer = TimeSpan.FromMinutes(10) });
        var ear = new Ear();
        var telling = Grain(cluster, "late").TellAsync(cluster.Client.CreateObjectReference<IProbeObserver>(ear), 1);
        await ear.Heard.Task.ForAsync("the news");
        await Assert.ThrowsAsync<TimeoutException>(() => telling.ForAsync("the time-out"));
    }

    private static IProbeGrain Grain(InProcessTestCluster cluster, string name) => cluster.Client.GetGrain<IProbeGrain>(name);

    private static async Task<InProcessTestCluster> StartAsync(HostileOptions calls)
    {
        var hostile = new HostileCalls(calls);
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.AddOutgoingGrainCallFilter(hostile).AddIncomingGrainCallFilter(hostile));
        builder.ConfigureClient(client => client.AddOutgoingGrainCallFilter(hostile).AddIncomingGrainCallFilter(hostile));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private sealed class Ear : IProbeObserver
    {
        public TaskCompletionSource Heard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task TakeAsync(int number)
        {
            Heard.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
