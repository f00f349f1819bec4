using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tests.Logs.Contract;

public abstract partial class LogStoreContract
{
    [Fact]
    public async Task Delete_TakesEverythingAway()
    {
        var writer = await CreateAndOpenAsync("a", "head", "status=done");
        await writer.AppendAsync(writer.Next("one") with { Blob = new LogBlob("result", Bytes("result")) });
        await CreateAsync("b", "head", "status=done");

        Assert.True(await Store.DeleteAsync("a"));

        Assert.Null(await Store.ReadHeadAsync("a"));
        Assert.Null(await Store.ReadAsync("a", 0, NoLimit));
        Assert.Null(await Store.ReadBlobAsync("a", "result"));
        Assert.Equal(["b"], await IdsAsync("status=done"));
        Assert.Equal(AppendOutcome.NotFound, (await writer.TryAsync(writer.Next("two"))).Outcome);
        Assert.False(await Store.DeleteAsync("a"));
    }

    [Fact]
    public async Task Delete_AndCreateAgain_BeginsANewEpochWithHigherFences()
    {
        var fences = new HashSet<long>();
        var epochs = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 0; round < 5; round++)
        {
            await CreateAsync("a", $"head {round}");
            for (var opening = 0; opening <= round; opening++)
            {
                var writer = await OpenAsync("a");
                Assert.True(fences.Add(writer.Fence), $"The fence {writer.Fence} was given twice.");
                await writer.AppendAsync($"record {opening + 1}");
            }

            Assert.True(epochs.Add((await HeadAsync("a")).Epoch));
            Assert.Equal(Numbered(1, round + 1), await TextsAsync("a"));
            Assert.True(await Store.DeleteAsync("a"));
        }
    }

    [Fact]
    public async Task Delete_AndCreateAgain_RefusesTheOldOwner()
    {
        var old = await CreateAndOpenAsync("a");
        await Store.DeleteAsync("a");
        await CreateAsync("a");
        Assert.Equal(AppendOutcome.Fenced, (await old.TryAsync(old.Next("x"))).Outcome);

        var writer = await OpenAsync("a");
        Assert.Equal(AppendOutcome.Fenced, (await old.TryAsync(old.Next("x"))).Outcome);
        await writer.AppendAsync("one");
        Assert.Equal(["one"], await TextsAsync("a"));
    }

    [Fact]
    public async Task Delete_ManyLogsInTurn_LeavesTheOthersWhole()
    {
        var writers = new List<Writer>();
        for (var i = 0; i < 20; i++)
        {
            writers.Add(await CreateAndOpenAsync($"{i:00}"));
        }

        for (var n = 1; n <= 12; n++)
        {
            foreach (var writer in writers)
            {
                await writer.AppendAsync($"record {n}");
            }
        }

        for (var i = 0; i < 20; i += 2)
        {
            Assert.True(await Store.DeleteAsync($"{i:00}"));
            Assert.True(await Store.CreateAsync(new NewLog($"{i:00}", Bytes("again"), [])));
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(i % 2 == 0 ? [] : Numbered(1, 12), await TextsAsync($"{i:00}"));
        }
    }
}
