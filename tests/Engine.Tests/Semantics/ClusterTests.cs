using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.TestingHost;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Several silos: where grains are, and what happens when a silo comes, leaves or dies.</summary>
public class ClusterTests
{
    [Theory, Silos(2, 3, Clusters.TwoOverSockets)]
    public async Task Grains_spread_over_the_silos_and_each_is_in_one_place(int silos)
    {
        var cluster = await Clusters.WithAsync(silos);
        var factories = cluster.Silos.Select(s => s.GetRequiredService<IGrainFactory>()).Append(cluster.Client).ToList();

        // Everybody asks for every grain at once, while none of them exists.
        var prefix = NewKey();
        var places = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.WhenAll(factories.Select(f => f.GetGrain<IPlaceGrain>($"{prefix}{i}").PlaceAsync())))).ForAsync("all grains to answer");

        Assert.All(places, answers => Assert.Single(answers.Distinct()));
        Assert.Equal(cluster.Silos.Count, places.Select(answers => answers[0].Silo).Distinct().Count());
    }

    [Theory, Silos]
    public async Task S6_exceptions_reach_a_caller_in_another_place_as_far_as_they_can(int silos)
    {
        var grain = (await Clusters.WithAsync(silos)).Client.GetGrain<IPlaceGrain>(NewKey());

        Assert.Equal(7, (await Assert.ThrowsAsync<MarkedFailureException>(() => grain.FailAsync("marked"))).Code);
        await Assert.ThrowsAsync<CodecNotFoundException>(() => grain.FailAsync("unmarked"));
        var framework = await Assert.ThrowsAsync<ArgumentException>(() => grain.FailAsync("framework"));
        Assert.StartsWith("told", framework.Message, StringComparison.Ordinal);
        Assert.False(framework.Data.Contains("lost"));
    }

    [Fact]
    public async Task A_silo_that_joins_moves_nothing_and_takes_its_share_of_new_grains()
    {
        await using var cluster = await Clusters.StartAsync(2);
        var prefix = NewKey();
        var before = await PlacesAsync(cluster, prefix, 50);

        var joined = await cluster.StartAdditionalSiloAsync();
        await cluster.WaitForLivenessToStabilizeAsync();

        Assert.Equal(before, await PlacesAsync(cluster, prefix, 50));
        Assert.Contains(await PlacesAsync(cluster, NewKey(), 50), p => p.Silo == joined.Name);
    }

    [Fact]
    public async Task S15_a_graceful_stop_under_load_fails_no_call()
    {
        await using var cluster = await Clusters.StartAsync(3);
        using var load = new Load(cluster.Client, 8);
        await load.PassAsync(200);

        await cluster.StopSiloAsync(cluster.Silos[1]).ForAsync("the silo to stop");
        await load.PassAsync(200);

        Assert.Equal(2, cluster.Silos.Count);
        await load.StopAsync();
        Assert.Empty(load.Failures);
    }

    [Fact]
    public async Task S15_a_rolling_restart_under_load_fails_no_call()
    {
        await using var cluster = await Clusters.StartAsync(2);
        using var load = new Load(cluster.Client, 6);

        foreach (var silo in cluster.Silos.ToList())
        {
            await cluster.StartAdditionalSiloAsync().ForAsync("a new silo to start");
            await load.PassAsync(100);
            await cluster.StopSiloAsync(silo).ForAsync("an old silo to stop");
            await load.PassAsync(100);
        }

        await load.StopAsync();
        Assert.Empty(load.Failures);
    }

    [Fact]
    public async Task S11_a_graceful_stop_runs_the_grains_last_method_and_a_kill_does_not()
    {
        await using var cluster = await Clusters.StartAsync(3);
        var prefix = NewKey();
        var places = await PlacesAsync(cluster, prefix, 40);
        var (stopped, killed) = (cluster.Silos[1], cluster.Silos[2]);

        await cluster.StopSiloAsync(stopped).ForAsync("the silo to stop");
        await cluster.KillSiloAsync(killed).ForAsync("the silo to be gone");

        Assert.All(Indices(stopped), i => Assert.True(PlaceGrain.Ended.ContainsKey($"{prefix}{i}")));
        Assert.All(Indices(killed), i => Assert.False(PlaceGrain.Ended.ContainsKey($"{prefix}{i}")));

        IEnumerable<int> Indices(InProcessSiloHandle silo) => Enumerable.Range(0, 40).Where(i => places[i].Silo == silo.Name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task S15_a_kill_loses_memory_and_answers_in_flight_and_the_grain_comes_back_elsewhere(int round)
    {
        await using var cluster = await Clusters.StartAsync(3);
        var grain = cluster.Client.GetGrain<IPlaceGrain>($"{NewKey()}{round}");
        await grain.AddAsync(5);
        var (reached, release) = (NewKey(), NewKey());
        var before = await grain.PlaceAsync();
        var inFlight = grain.HoldAsync(reached, release);
        await Gate.Within(reached);

        await cluster.KillSiloAsync(cluster.Silos.Single(s => s.Name == before.Silo)).ForAsync("the silo to be gone");
        Gate.Open(release);

        await Assert.ThrowsAnyAsync<Exception>(() => inFlight.ForAsync("the call in flight to fail"));
        var after = await Retry.Async(grain.PlaceAsync);
        Assert.NotEqual(before.Silo, after.Silo);
        Assert.Equal(1, await Retry.Async(() => grain.AddAsync(1)));
    }

    [Fact]
    public async Task After_kills_in_a_row_a_single_silo_carries_on_and_new_ones_join_it()
    {
        await using var cluster = await Clusters.StartAsync(3);
        var prefix = NewKey();
        await PlacesAsync(cluster, prefix, 20);

        await cluster.KillSiloAsync(cluster.Silos[0]).ForAsync("the first kill");
        await cluster.KillSiloAsync(cluster.Silos[0]).ForAsync("the second kill");
        var last = cluster.Silos[0].Name;
        Assert.All(await PlacesAsync(cluster, prefix, 20), p => Assert.Equal(last, p.Silo));

        await cluster.StartSilosAsync(2);
        await cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        Assert.Equal(3, (await PlacesAsync(cluster, NewKey(), 60)).Select(p => p.Silo).Distinct().Count());
    }

    [Fact]
    public async Task Whoever_listens_is_told_which_silo_came_left_or_died()
    {
        await using var cluster = await Clusters.StartAsync(2);
        var notes = new StatusNotes();
        var oracle = cluster.GetSiloServiceProvider(cluster.Silos[0].SiloAddress).GetRequiredService<ISiloStatusOracle>();
        Assert.True(oracle.SubscribeToSiloStatusEvents(notes));
        Assert.False(oracle.SubscribeToSiloStatusEvents(notes));

        var joined = await cluster.StartAdditionalSiloAsync();
        await notes.Seen(joined.SiloAddress, SiloStatus.Active);
        await cluster.StopSiloAsync(joined);
        await notes.Seen(joined.SiloAddress, SiloStatus.Dead);
        var victim = cluster.Silos[1];
        await cluster.KillSiloAsync(victim);
        await notes.Seen(victim.SiloAddress, SiloStatus.Dead);

        Assert.True(oracle.IsDeadSilo(victim.SiloAddress));
        Assert.Equal([cluster.Silos[0].SiloAddress], oracle.GetActiveSilos());
        Assert.True(oracle.UnSubscribeFromSiloStatusEvents(notes));
    }

    [Fact]
    public async Task An_object_beside_one_silo_is_called_by_grains_on_all_of_them()
    {
        var cluster = await Clusters.WithAsync(3);
        var host = cluster.Silos[2].GetRequiredService<IGrainFactory>();
        var notes = new Notes();
        var reference = host.CreateObjectReference<INotes>(notes);

        for (var i = 0; i < 12; i++)
        {
            var grain = cluster.Client.GetGrain<INotifierGrain>(NewKey());
            await grain.SubscribeAsync(reference);
            Assert.StartsWith("answered", await grain.TellAsync(i), StringComparison.Ordinal);
        }

        Assert.Equal(Enumerable.Range(0, 12), notes.Seen);
    }

    [Fact]
    public async Task S14_a_client_that_went_away_shows_as_a_time_out()
    {
        await using var cluster = await Clusters.StartAsync(2);
        var notes = new Notes();
        var grain = cluster.Client.GetGrain<INotifierGrain>(NewKey());
        await grain.SubscribeAsync(cluster.Client.CreateObjectReference<INotes>(notes));

        await cluster.StopClusterClientAsync();
        var inside = cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<INotifierGrain>(grain.GetPrimaryKeyString());

        Assert.Equal("timed out", await inside.TellAsync(1).ForAsync("the time-out"));
    }

    [Fact]
    public async Task S11_on_a_kill_nothing_of_a_grain_runs_any_more()
    {
        await using var cluster = await Clusters.StartAsync(2);
        var killed = cluster.Silos[1];
        var prefix = NewKey();
        var places = await PlacesAsync(cluster, prefix, 40);
        var (dead, alive) = (Enumerable.Range(0, 40).First(i => places[i].Silo == killed.Name), Enumerable.Range(0, 40).First(i => places[i].Silo != killed.Name));
        await Task.WhenAll(cluster.Client.GetGrain<IPlaceGrain>($"{prefix}{dead}").TickAsync(), cluster.Client.GetGrain<IPlaceGrain>($"{prefix}{alive}").TickAsync());
        await Gate.Within($"{prefix}{dead} tick 3");

        await cluster.KillSiloAsync(killed).ForAsync("the silo to be gone");
        var (deadTicks, aliveTicks) = (Ticks(dead), Ticks(alive));
        await Gate.Within($"{prefix}{alive} tick {aliveTicks + 20}");

        // One that had begun may have ended since.
        Assert.InRange(Ticks(dead), deadTicks, deadTicks + 1);

        int Ticks(int grain) => Enumerable.Range(1, int.MaxValue).First(n => !Gate.IsOpen($"{prefix}{grain} tick {n}")) - 1;
    }

    [Fact]
    public async Task S15_a_reference_is_made_without_asking_any_silo()
    {
        await using var cluster = await Clusters.StartAsync(1);
        var before = cluster.Client.GetGrain<ICallGrain>("k");
        await cluster.KillSiloAsync(cluster.Silos[0]).ForAsync("the only silo to be gone");

        var after = cluster.Client.GetGrain<ICallGrain>("k");

        Assert.Equal(before, after);
        await Assert.ThrowsAnyAsync<Exception>(() => after.CountAsync().ForAsync("the call to fail"));
    }

    private static async Task<List<Place>> PlacesAsync(InProcessTestCluster cluster, string prefix, int count) =>
        [.. await Task.WhenAll(Enumerable.Range(0, count).Select(i => Retry.Async(cluster.Client.GetGrain<IPlaceGrain>($"{prefix}{i}").PlaceAsync)))];

    private static string NewKey() => Guid.NewGuid().ToString("N");
}
