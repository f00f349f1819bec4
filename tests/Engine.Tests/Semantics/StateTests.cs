using Orleans.Storage;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Semantics 8 and 9: state, and what a lost race for it does.</summary>
public class StateTests
{
    [Theory, Silos]
    public async Task S8_fresh_state_is_there_but_has_no_record(int silos)
    {
        var grain = await NewGrainAsync(silos);

        Assert.Equal("0 False True", await grain.LookAsync());
    }

    [Theory, Silos]
    public async Task S8_written_state_has_a_record_and_cleared_state_is_fresh_again(int silos)
    {
        var grain = await NewGrainAsync(silos);

        await grain.WriteAsync(7);
        Assert.Equal("7 True False", await grain.LookAsync());
        await grain.ClearAsync();
        Assert.Equal("0 False True", await grain.LookAsync());
        await grain.WriteAsync(8);
        Assert.Equal("8 True False", await grain.LookAsync());
    }

    [Theory, Silos]
    public async Task S8_a_failed_write_leaves_the_changed_value_in_memory(int silos)
    {
        var grain = await NewGrainAsync(silos);
        await grain.WriteAsync(1);
        TestStorage.Shared.Failures[grain.GetPrimaryKeyString()] = new InvalidOperationException("the disk is full");

        Assert.Equal("the disk is full", await grain.TryWriteAsync(2));
        Assert.Equal("2 True False", await grain.LookAsync());
    }

    [Theory, Silos]
    public async Task S9_a_lost_race_that_leaves_a_call_ends_the_activation_and_the_next_one_reads_again(int silos)
    {
        var grain = await NewGrainAsync(silos);
        await grain.WriteAsync(1);
        var before = await grain.ActivationAsync();
        TestStorage.Shared.Overwrite("score", grain.GetGrainId(), new Score { Points = 40 });

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.WriteAsync(2));

        Assert.Equal("40 True False", await grain.LookAsync());
        Assert.NotEqual(before, await grain.ActivationAsync());
    }

    [Theory, Silos]
    public async Task S9_a_lost_race_that_the_grain_deals_with_ends_nothing(int silos)
    {
        var grain = await NewGrainAsync(silos);
        await grain.WriteAsync(1);
        var before = await grain.ActivationAsync();
        TestStorage.Shared.Overwrite("score", grain.GetGrainId(), new Score { Points = 40 });

        Assert.Equal("Another version is stored.", await grain.TryWriteAsync(2));

        Assert.Equal(before, await grain.ActivationAsync());
    }

    [Theory, Silos]
    public async Task Memory_storage_outlives_an_activation(int silos)
    {
        var grain = (await Clusters.WithAsync(silos)).Client.GetGrain<IMemoryGrain>(Guid.NewGuid().ToString("N"));

        Assert.Equal(3, await grain.AddAsync(3));
        await grain.EndAsync();
        Assert.Equal(7, await grain.AddAsync(4));
    }

    private static async Task<IStateGrain> NewGrainAsync(int silos) => (await Clusters.WithAsync(silos)).Client.GetGrain<IStateGrain>(Guid.NewGuid().ToString("N"));
}
