namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Semantics 5 and 6: what is copied, what is shared, which exceptions arrive.</summary>
public class CopyTests
{
    [Theory, Silos]
    public async Task S5_arguments_that_are_changed_after_sending_are_not_changed_for_the_receiver(int silos)
    {
        var grain = await NewGrainAsync(silos);

        Assert.Equal("1|1|1|1 n", await grain.ChangeAfterSendingAsync(NewKey()));
    }

    [Theory, Silos]
    public async Task S5_results_that_are_changed_by_the_caller_are_not_changed_for_the_grain(int silos)
    {
        var grain = await NewGrainAsync(silos);

        Assert.Equal(1, await grain.ChangeAfterReceivingAsync(NewKey()));
    }

    [Theory, Silos(1)]
    public async Task S5_what_promises_not_to_change_is_shared_within_a_silo(int silos)
    {
        var grain = await NewGrainAsync(silos);

        Assert.True(await grain.SharesAsync(NewKey()));
    }

    [Theory, Silos(1)]
    public async Task S6_within_a_silo_an_exception_arrives_as_it_is_marked_or_not(int silos)
    {
        var grain = await NewGrainAsync(silos);

        Assert.Equal(nameof(UnmarkedFailureException), await grain.FailureOfAsync(NewKey(), "unmarked"));
        Assert.Equal(nameof(MarkedFailureException), await grain.FailureOfAsync(NewKey(), "marked"));
    }

    private static async Task<ICopyGrain> NewGrainAsync(int silos) => (await Clusters.WithAsync(silos)).Client.GetGrain<ICopyGrain>(NewKey());

    private static string NewKey() => Guid.NewGuid().ToString("N");
}
