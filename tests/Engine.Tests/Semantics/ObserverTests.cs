using System.Runtime.CompilerServices;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Semantic 14: objects that grains call back.</summary>
public class ObserverTests
{
    [Theory, Silos]
    public async Task An_observer_is_called_and_its_answer_comes_back(int silos)
    {
        var (client, grain) = await NewGrainAsync(silos);
        var notes = new Notes();
        await grain.SubscribeAsync(client.CreateObjectReference<INotes>(notes));

        Assert.Equal("answered 1", await grain.TellAsync(7));
        Assert.Equal("the observer failed", await grain.TellFailureAsync());
        Assert.Equal([7], notes.Seen);
    }

    [Theory, Silos]
    public async Task S14_calls_to_one_observer_run_one_at_a_time(int silos)
    {
        var (client, grain) = await NewGrainAsync(silos);
        var notes = new Notes();
        await grain.SubscribeAsync(client.CreateObjectReference<INotes>(notes));

        await grain.TellManyAsync(200).ForAsync("200 notes to be taken");

        Assert.False(notes.Overlapped);
        Assert.Equal(Enumerable.Range(0, 200), notes.Seen.Order());
    }

    [Theory, Silos]
    public async Task S14_a_hung_observer_shows_as_a_time_out_while_the_grain_answers_others(int silos)
    {
        var (client, grain) = await NewGrainAsync(silos);
        var notes = new Notes();
        await grain.SubscribeAsync(client.CreateObjectReference<INotes>(notes));
        var (reached, release) = (NewKey(), NewKey());

        await grain.HangAsync(reached, release);
        await Gate.Within(reached);
        Assert.Equal("timed out", await grain.TellAsync(1).ForAsync("the time-out"));
        Gate.Open(release);

        Assert.Equal("answered", (await grain.TellAsync(2).ForAsync("the observer to be free again"))[..8]);
        Assert.False(notes.Overlapped);
    }

    [Theory, Silos]
    public async Task S14_a_deleted_observer_shows_as_a_time_out(int silos)
    {
        var (client, grain) = await NewGrainAsync(silos);
        var notes = new Notes();
        var reference = client.CreateObjectReference<INotes>(notes);
        await grain.SubscribeAsync(reference);

        client.DeleteObjectReference<INotes>(reference);

        Assert.Equal("timed out", await grain.TellAsync(1).ForAsync("the time-out"));
        Assert.Empty(notes.Seen);
    }

    [Theory, Silos]
    public async Task S14_an_observer_that_nobody_else_holds_is_collected_and_shows_as_a_time_out(int silos)
    {
        var (client, grain) = await NewGrainAsync(silos);
        var (reference, forgotten) = Forgotten(client);
        await grain.SubscribeAsync(reference);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(forgotten.IsAlive);
        Assert.Equal("timed out", await grain.TellAsync(1).ForAsync("the time-out"));
    }

    [Theory, Silos]
    public async Task Passing_the_object_itself_is_refused(int silos)
    {
        var (_, grain) = await NewGrainAsync(silos);

        await Assert.ThrowsAnyAsync<Exception>(() => grain.SubscribeAsync(new Notes()));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (INotes Reference, WeakReference Forgotten) Forgotten(IClusterClient client)
    {
        var notes = new Notes();
        return (client.CreateObjectReference<INotes>(notes), new WeakReference(notes));
    }

    private static async Task<(IClusterClient Client, INotifierGrain Grain)> NewGrainAsync(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;
        return (client, client.GetGrain<INotifierGrain>(NewKey()));
    }

    private static string NewKey() => Guid.NewGuid().ToString("N");
}
