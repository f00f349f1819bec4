using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Silos and clients that find each other in Redis and talk over sockets, in processes of their own.</summary>
public class ProcessTests
{
    [Fact]
    public async Task S15_a_rolling_restart_under_load_fails_no_call()
    {
        await using var setup = await SocketSetup.StartAsync(2);
        using var load = new Load(setup.Client, 4);

        foreach (var old in setup.Hosts.ToList())
        {
            await setup.StartSiloAsync();
            await load.PassAsync(100);
            await setup.StopSiloAsync(old).ForAsync("an old silo to stop");
            await load.PassAsync(100);
        }

        await load.StopAsync();
        Assert.Empty(load.Failures);
    }

    [Fact]
    public async Task S15_a_process_that_is_asked_to_end_ends_in_good_order_and_no_call_fails()
    {
        await using var cluster = await SiloProcesses.StartAsync(2);
        using var load = new Load(cluster.Client, 4);
        await load.PassAsync(50);

        cluster.Silos[0].Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await cluster.Silos[0].WaitForExitAsync());
        await load.PassAsync(50);

        await load.StopAsync();
        Assert.Empty(load.Failures);
    }

    [Fact]
    public async Task S15_the_grains_of_a_killed_process_start_elsewhere_and_all_others_stay()
    {
        await using var cluster = await SiloProcesses.StartAsync(3, Setup.ShortLease);
        var grains = Enumerable.Range(0, 30).Select(i => cluster.Client.GetGrain<IPlaceGrain>($"k{i}")).ToList();
        var before = await Task.WhenAll(grains.Select(g => g.PlaceAsync()));
        Assert.Contains(before, p => p.Silo == "s1");

        cluster.Silos[1].Kill();
        var after = await Task.WhenAll(grains.Select(g => Retry.Async(g.PlaceAsync)));

        Assert.All(before.Zip(after), p => Assert.True(p.First.Silo == "s1" ? p.Second.Silo != "s1" : p.First == p.Second));
    }

    [Fact]
    public async Task S15_silos_that_come_one_after_another_are_found_by_clients_old_and_new()
    {
        await using var cluster = await SiloProcesses.StartAsync(1);
        using var load = new Load(cluster.Client, 2);
        await load.PassAsync(20);

        await cluster.StartSiloAsync();
        await cluster.StartSiloAsync();
        var late = SiloProcesses.NewClient(cluster.Redis, null);
        await late.StartAsync();
        await cluster.SpreadAsync(cluster.Client);
        await cluster.SpreadAsync(late.Services.GetRequiredService<IClusterClient>());

        await load.StopAsync();
        Assert.Empty(load.Failures);
        await late.StopAsync();
        late.Dispose();
    }

    [Fact]
    public async Task A_client_without_silos_fails_to_start_unless_it_was_told_to_try_again()
    {
        await using var redis = await RedisServer.StartAsync("no");
        using (var alone = SiloProcesses.NewClient(redis, null))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => alone.StartAsync().ForAsync("the client to give up"));
        }

        var asked = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        using var client = SiloProcesses.NewClient(redis, async (_, ct) =>
        {
            asked.TrySetResult();
            await goOn.Task.WaitAsync(ct);
            return true;
        });
        var starting = client.StartAsync();
        await asked.Task.ForAsync("the client to ask whether to try again");
        Assert.False(starting.IsCompleted);
        await using var silo = await SiloProcesses.StartSiloAsync(redis, "late");
        goOn.SetResult();

        await starting.ForAsync("the client to start");
        Assert.Equal("late", (await client.Services.GetRequiredService<IClusterClient>().GetGrain<IPlaceGrain>("k").PlaceAsync()).Silo);
        await client.StopAsync();
    }

    [Fact]
    public async Task S14_an_object_in_one_process_is_called_by_grains_in_others()
    {
        await using var cluster = await SiloProcesses.StartAsync(2);
        var notes = new Notes();
        var reference = cluster.Client.CreateObjectReference<INotes>(notes);

        for (var i = 0; i < 10; i++)
        {
            var grain = cluster.Client.GetGrain<INotifierGrain>($"n{i}");
            await grain.SubscribeAsync(reference);
            Assert.StartsWith("answered", await grain.TellAsync(i), StringComparison.Ordinal);
        }

        Assert.Equal(Enumerable.Range(0, 10), notes.Seen);
    }
}
