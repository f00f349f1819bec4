namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Semantics 10 and 11: how activations come and go.</summary>
public class LifeTests
{
    [Theory, Silos]
    public async Task S10_an_exception_while_activating_reaches_the_caller_and_the_next_call_tries_again(int silos)
    {
        var key = NewKey();
        FragileGrain.Failures[key] = 2;
        var grain = (await Clusters.WithAsync(silos)).Client.GetGrain<IFragileGrain>(key);

        Assert.Equal("not yet", (await Assert.ThrowsAsync<InvalidOperationException>(grain.AttemptsAsync)).Message);
        Assert.Equal("not yet", (await Assert.ThrowsAsync<InvalidOperationException>(grain.AttemptsAsync)).Message);
        Assert.Equal(3, await grain.AttemptsAsync());
    }

    [Theory, Silos]
    public async Task S11_a_grain_that_asks_for_its_end_ends_its_call_and_answers_all_that_wait(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var before = await grain.ActivationAsync();
        var (reached, release) = (NewKey(), NewKey());

        var last = grain.EndAndHoldAsync(reached, release);
        await Gate.Within(reached);
        var queued = Enumerable.Range(0, 20).Select(_ => grain.ActivationAsync()).ToList();
        Gate.Open(release);

        Assert.Equal(before, await last.ForAsync("the running call to end"));
        var answers = await Task.WhenAll(queued).ForAsync("queued calls to be answered");
        Assert.DoesNotContain(before, answers);
        Assert.Single(answers.Distinct());
        await Gate.Within("ended " + grain.GetPrimaryKeyString());
        Assert.Equal(1, LifeGrain.Ended[grain.GetPrimaryKeyString()]);
    }

    [Theory, Silos]
    public async Task S11_a_loop_that_no_call_awaits_outlives_its_activation(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var (release, done) = (NewKey(), NewKey());

        await grain.StartLoopAndEndAsync(release, done);
        await Gate.Within("ended " + grain.GetPrimaryKeyString());
        Gate.Open(release);

        await Gate.Within(done);
    }

    [Theory, Silos]
    public async Task S12_a_grain_that_nobody_calls_is_collected(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var before = await grain.ActivationAsync();

        await Gate.Within("ended " + grain.GetPrimaryKeyString());

        Assert.NotEqual(before, await grain.ActivationAsync());
    }

    [Theory, Silos]
    public async Task S12_a_timer_alone_does_not_keep_its_grain(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var ticked = NewKey();
        await grain.StartTimerAsync(ticked, keepAlive: false);
        await Gate.Within(ticked);

        await Gate.Within("ended " + grain.GetPrimaryKeyString());
    }

    [Theory, Silos]
    public async Task S12_a_timer_that_keeps_alive_or_a_delay_keeps_its_grain(int silos)
    {
        var (kept, delayed, idle) = (await NewGrainAsync(silos), await NewGrainAsync(silos), await NewGrainAsync(silos));
        await kept.StartTimerAsync(NewKey(), keepAlive: true);
        await delayed.DelayAsync(TimeSpan.FromMinutes(5));
        // A later idle grain is the clock: when it is gone, the other two would have been.
        await idle.ActivationAsync();
        await Gate.Within("ended " + idle.GetPrimaryKeyString());

        Assert.False(Gate.IsOpen("ended " + kept.GetPrimaryKeyString()));
        Assert.False(Gate.IsOpen("ended " + delayed.GetPrimaryKeyString()));
        await delayed.DelayAsync(TimeSpan.FromTicks(-1));
        await Gate.Within("ended " + delayed.GetPrimaryKeyString());
        await kept.EndAsync();
    }

    private static async Task<ILifeGrain> NewGrainAsync(int silos) => (await Clusters.WithAsync(silos)).Client.GetGrain<ILifeGrain>(NewKey());

    private static string NewKey() => Guid.NewGuid().ToString("N");
}
