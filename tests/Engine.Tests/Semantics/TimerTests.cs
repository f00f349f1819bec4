namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Semantic 12: grain timers.</summary>
public class TimerTests
{
    [Theory, Silos]
    public async Task S12_a_timer_does_not_tick_while_a_call_awaits(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var (reached, release) = (NewKey(), NewKey());
        await grain.StartAsync(interleave: false, failures: 0);
        await Gate.Within($"{grain.GetPrimaryKeyString()} tick 1");

        var call = grain.HoldAsync(reached, release);
        await Gate.Within(reached);
        var before = await grain.TicksAsync();
        // A timer of another grain that ticks ten times shows that this one had its chances.
        var other = await NewGrainAsync(silos);
        await other.StartAsync(interleave: false, failures: 0);
        await Gate.Within($"{other.GetPrimaryKeyString()} tick 10");
        Assert.Equal(before, await grain.TicksAsync());
        Gate.Open(release);

        Assert.Equal(before, await call.ForAsync("the call to end"));
        await Gate.Within($"{grain.GetPrimaryKeyString()} tick {before + 1}");
    }

    [Theory, Silos]
    public async Task S12_a_timer_that_interleaves_ticks_while_a_call_awaits(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var (reached, release) = (NewKey(), NewKey());
        var call = grain.HoldAsync(reached, release);
        await Gate.Within(reached);
        Gate.Open(release);
        await call;
        await grain.StartAsync(interleave: true, failures: 0);

        (reached, release) = (NewKey(), NewKey());
        call = grain.HoldAsync(reached, release);
        await Gate.Within(reached);
        await Gate.Within($"{grain.GetPrimaryKeyString()} tick 5");
        Gate.Open(release);

        await call.ForAsync("the call to end");
    }

    [Theory, Silos]
    public async Task S12_a_timer_survives_its_own_exceptions(int silos)
    {
        var grain = await NewGrainAsync(silos);

        await grain.StartAsync(interleave: false, failures: 3);

        await Gate.Within($"{grain.GetPrimaryKeyString()} tick 5");
    }

    [Theory, Silos]
    public async Task S12_a_timer_never_overlaps_itself(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var (reached, release) = (NewKey(), NewKey());
        await grain.StartSlowAsync(reached, release);
        await Gate.Within(reached);

        var other = await NewGrainAsync(silos);
        await other.StartAsync(interleave: false, failures: 0);
        await Gate.Within($"{other.GetPrimaryKeyString()} tick 5");
        Assert.Equal(1, await grain.TicksAsync());
        Gate.Open(release);

        await Gate.Within($"{grain.GetPrimaryKeyString()} tick 3");
        Assert.True(await grain.TicksAsync() > 0);
    }

    [Theory, Silos]
    public async Task S12_a_stopped_timer_ticks_no_more_and_a_changed_one_as_changed(int silos)
    {
        var grain = await NewGrainAsync(silos);
        await grain.StartAsync(interleave: false, failures: 0);
        await Gate.Within($"{grain.GetPrimaryKeyString()} tick 1");

        var before = await grain.ChangeAsync();
        await Gate.Within($"{grain.GetPrimaryKeyString()} tick {before + 1}");
        var other = await NewGrainAsync(silos);
        await other.StartAsync(interleave: false, failures: 0);
        await Gate.Within($"{other.GetPrimaryKeyString()} tick 5");
        Assert.InRange(await grain.TicksInTurnAsync(), before + 1, before + 2);

        await other.StopAsync();
        var stopped = await other.TicksInTurnAsync();
        var third = await NewGrainAsync(silos);
        await third.StartAsync(interleave: false, failures: 0);
        await Gate.Within($"{third.GetPrimaryKeyString()} tick 5");
        Assert.Equal(stopped, await other.TicksInTurnAsync());
    }

    private static async Task<ITimerGrain> NewGrainAsync(int silos) => (await Clusters.WithAsync(silos)).Client.GetGrain<ITimerGrain>(NewKey());

    private static string NewKey() => Guid.NewGuid().ToString("N");
}
