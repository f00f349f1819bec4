using Holdfast.Engine.Tests.Semantics;
using Microsoft.Extensions.Configuration;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Holdfast.Engine.Tests.Cluster;

/// <summary>The test cluster's network is as unkind as it says.</summary>
public class HostileNetworkTests
{
    [Fact]
    public async Task S1_calls_sent_without_awaiting_arrive_in_another_order()
    {
        await using var cluster = await StartAsync(("Delayed", "0.5"), ("LongestDelayMs", "5"), ("Seed", "7"));
        var grain = cluster.Client.GetGrain<ICallGrain>("k");

        await Task.WhenAll(Enumerable.Range(0, 200).Select(grain.AppendAsync)).ForAsync("200 calls to be answered");

        var order = await grain.ItemsAsync();
        Assert.Equal(Enumerable.Range(0, 200), order.Order());
        Assert.NotEqual(Enumerable.Range(0, 200), order);
    }

    [Fact]
    public async Task S1_local_calls_are_held_up_too_and_keep_the_arguments_they_were_sent_with()
    {
        await using var cluster = await StartAsync(("Delayed", "1"), ("LongestDelayMs", "5"));

        Assert.Equal("1|1|1|1 n", await cluster.Client.GetGrain<ICopyGrain>("a").ChangeAfterSendingAsync("b"));
    }

    [Fact]
    public async Task An_answer_can_be_lost_after_the_call_was_executed_and_the_error_names_the_seed()
    {
        await using var cluster = await StartAsync(("LostReplies", "1"), ("Seed", "12345"));
        var (reached, release) = (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));
        Gate.Open(release);

        var error = await Assert.ThrowsAsync<TimeoutException>(() => cluster.Client.GetGrain<ICallGrain>("k").HoldBrieflyAsync(reached, release, 1).ForAsync("the time-out"));

        Assert.True(Gate.IsOpen(reached));
        Assert.Contains("HOLDFAST_HOSTILE_SEED=12345", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_that_nobody_is_told_of_leaves_calls_hanging_until_their_time_out()
    {
        await using var cluster = await StartAsync(("SilentKills", "1"));
        await cluster.StartAdditionalSiloAsync();
        await cluster.WaitForLivenessToStabilizeAsync();
        var grain = cluster.Client.GetGrain<ICallGrain>("k");
        var where = await grain.WhereAsync();
        var (reached, release) = (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));
        var call = grain.HoldBrieflyAsync(reached, release, 1);
        await Gate.Within(reached);

        await cluster.KillSiloAsync(cluster.Silos.Single(s => s.SiloAddress.ToParsableString() == where));

        Assert.False(call.IsCompleted);
        await Assert.ThrowsAnyAsync<Exception>(() => call.ForAsync("the call to fail"));
    }

    [Fact]
    public async Task A_directory_that_forgets_lets_a_second_activation_come_up()
    {
        await using var cluster = await StartAsync(("Forgotten", "1"), ("SilentKills", "0"));
        await cluster.StartSilosAsync(2);
        await cluster.WaitForLivenessToStabilizeAsync();
        // A grain that is not where a new one would be put: it was there before the silos that would be chosen now.
        await cluster.KillSiloAsync(cluster.Silos[2]);
        await cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        var prefix = Guid.NewGuid().ToString("N");
        var places = await PlacesAsync(cluster, prefix);
        var joined = await cluster.StartAdditionalSiloAsync();
        await cluster.WaitForLivenessToStabilizeAsync();

        await cluster.KillSiloAsync(cluster.Silos.First(s => s != joined));
        await cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        var survivor = cluster.Silos.Single(s => s != joined).Name;
        var after = await PlacesAsync(cluster, prefix);

        // Some grains that lived on the surviving silo now answer from the one that joined.
        Assert.Contains(Enumerable.Range(0, 60), i => places[i].Silo == survivor && after[i].Silo == joined.Name);
    }

    [Fact]
    public async Task It_can_be_switched_off()
    {
        await using var cluster = await StartAsync(("", "off"));
        var grain = cluster.Client.GetGrain<ICallGrain>("k");

        Assert.Equal(1, await grain.AppendAsync(1));
    }

    private static async Task<Place[]> PlacesAsync(InProcessTestCluster cluster, string prefix) =>
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => cluster.Client.GetGrain<IPlaceGrain>($"{prefix}{i}").PlaceAsync())).ForAsync("60 answers");

    private static async Task<InProcessTestCluster> StartAsync(params (string Name, string Value)[] hostile)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureHost(host => host.Configuration.AddInMemoryCollection(
            hostile.Select(h => KeyValuePair.Create("Engine:Hostile" + (h.Name.Length > 0 ? ":" + h.Name : ""), (string?)h.Value))));
        builder.ConfigureSilo((_, silo) => silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5)));
        builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5)));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}
