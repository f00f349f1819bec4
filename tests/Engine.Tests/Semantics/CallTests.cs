namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Semantics 1 to 4 and 13: order, turns, time-outs, schedulers.</summary>
public class CallTests
{
    [Theory, Silos]
    public async Task S1_a_call_sent_after_another_was_answered_runs_after_it(int silos)
    {
        var grain = await NewGrainAsync(silos);

        for (var i = 0; i < 50; i++)
        {
            await grain.AppendAsync(i);
        }

        Assert.Equal(Enumerable.Range(0, 50), await grain.ItemsAsync());
    }

    [Theory, Silos]
    public async Task S1_calls_sent_without_awaiting_all_run_in_whatever_order(int silos)
    {
        var grain = await NewGrainAsync(silos);

        var lengths = await Task.WhenAll(Enumerable.Range(0, 200).Select(grain.AppendAsync)).ForAsync("200 calls to be answered");

        Assert.Equal(Enumerable.Range(0, 200), (await grain.ItemsAsync()).Order());
        Assert.Equal(Enumerable.Range(1, 200), lengths.Order());
    }

    [Theory, Silos]
    public async Task S2_while_a_call_awaits_no_second_one_starts(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var (reached, release) = NewGates();

        var first = grain.HoldAsync(reached, release, 1);
        await Gate.Within(reached);
        var second = grain.AppendAsync(2);
        // The interleaving call was sent last and is answered first, so the waiting one had its chance.
        Assert.Equal(0, await grain.CountAsync().ForAsync("the interleaving call to be answered"));
        Assert.False(second.IsCompleted);
        Gate.Open(release);

        Assert.Equal(1, await first.ForAsync("the first call to end"));
        Assert.Equal(2, await second.ForAsync("the second call to run"));
        Assert.Equal([1, 2], await grain.ItemsAsync());
    }

    [Theory, Silos]
    public async Task S2_work_that_no_call_awaits_runs_between_calls_on_the_same_scheduler(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var (reached, releaseCall) = NewGates();
        var (done, releaseWork) = NewGates();
        await grain.StartWorkAsync(releaseWork, done);

        var call = grain.HoldAsync(reached, releaseCall, 1);
        await Gate.Within(reached);
        Gate.Open(releaseWork);
        await Gate.Within(done);
        Assert.False(call.IsCompleted);
        Gate.Open(releaseCall);

        await call.ForAsync("the call to end");
        Assert.Equal("its own scheduler", await grain.WorkRanOnAsync());
    }

    [Theory, Silos]
    public async Task S3_a_call_that_comes_back_to_its_origin_ends_in_a_time_out(int silos)
    {
        var grain = await NewGrainAsync(silos);

        await Assert.ThrowsAsync<TimeoutException>(() => grain.RoundTripAsync(NewKey()).ForAsync("the circle to be broken"));

        Assert.Equal(1, await grain.AppendAsync(1).ForAsync("the grain to be free again"));
    }

    [Theory, Silos]
    public async Task S3_a_grain_that_calls_itself_gets_a_time_out(int silos)
    {
        var grain = await NewGrainAsync(silos);

        await Assert.ThrowsAsync<TimeoutException>(() => grain.CallMyselfAsync().ForAsync("the circle to be broken"));

        Assert.Equal(1, await grain.AppendAsync(1).ForAsync("the grain to be free again"));
    }

    [Theory, Silos]
    public async Task S4_after_a_time_out_the_callee_runs_to_its_end_and_the_next_call_waits_behind_it(int silos)
    {
        var grain = await NewGrainAsync(silos);
        var (reached, release) = NewGates();

        var late = grain.HoldBrieflyAsync(reached, release, 1);
        await Gate.Within(reached);
        await Assert.ThrowsAsync<TimeoutException>(() => late.ForAsync("the time-out"));
        var next = grain.AppendAsync(2);
        Assert.Equal(0, await grain.CountAsync());
        Assert.False(next.IsCompleted);
        Gate.Open(release);

        Assert.Equal(2, await next.ForAsync("the next call to run"));
        Assert.Equal([1, 2], await grain.ItemsAsync());
    }

    [Theory, Silos]
    public async Task S13_continuations_stay_on_the_grains_scheduler_unless_told_otherwise(int silos)
    {
        var grain = await NewGrainAsync(silos);

        Assert.Equal(
            "starts on its own, stays after await, no context, StartNew stays, Run leaves, comes back",
            await grain.SchedulersAsync().ForAsync("the grain to look around"));
    }

    private static async Task<ICallGrain> NewGrainAsync(int silos) => (await Clusters.WithAsync(silos)).Client.GetGrain<ICallGrain>(NewKey());

    private static string NewKey() => Guid.NewGuid().ToString("N");

    private static (string Reached, string Release) NewGates() => (NewKey(), NewKey());
}
