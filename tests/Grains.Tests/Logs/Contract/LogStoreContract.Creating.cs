using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tests.Logs.Contract;

public abstract partial class LogStoreContract
{
    [Fact]
    public async Task Create_NewId_HasItsHeadItsBlobAndNoRecords()
    {
        Assert.True(await Store.CreateAsync(new NewLog("a", Bytes("first head"), Tags("status=queued"), new LogBlob("input", Bytes("the input")))));

        var head = await HeadAsync("a");
        Assert.Equal(("a", 0, false, "first head"), (head.Id, head.LastSeq, head.Sealed, Text(head.Head)));
        var page = await PageAsync("a");
        Assert.Equal((head.Epoch, 0, true), (page.Epoch, page.LastSeq, page.Records.IsEmpty));
        Assert.Equal("the input", Text((await Store.ReadBlobAsync("a", "input"))!.Value));
        Assert.Equal(["a"], await IdsAsync("status=queued"));
    }

    [Fact]
    public async Task Create_TakenId_AnswersFalseAndChangesNothing()
    {
        var writer = await CreateAndOpenAsync("a", "first head", "status=queued");
        await writer.AppendAsync("one");
        var before = await HeadAsync("a");

        Assert.False(await Store.CreateAsync(new NewLog("a", Bytes("other head"), Tags("status=other"), new LogBlob("input", Bytes("other")))));

        var after = await HeadAsync("a");
        Assert.Equal((before.Epoch, before.LastSeq, "first head"), (after.Epoch, after.LastSeq, Text(after.Head)));
        Assert.Null(await Store.ReadBlobAsync("a", "input"));
        Assert.Empty(await IdsAsync("status=other"));
        await writer.AppendAsync("two");
    }

    [Fact]
    public async Task Create_OfOneIdManyTimesAtOnce_SucceedsOnce()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Store.CreateAsync(new NewLog("a", Bytes($"head {i}"), Tags($"nr={i}"))).AsTask()));

        var winner = Array.IndexOf(answers, true);
        Assert.Single(answers, created => created);
        Assert.Equal($"head {winner}", Text((await HeadAsync("a")).Head));
        Assert.Equal(["a"], await IdsAsync($"nr={winner}"));
        Assert.Single(await IdsAsync());
    }

    [Fact]
    public async Task Create_EachLog_HasAnEpochOfItsOwn()
    {
        var epochs = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 50; i++)
        {
            await CreateAsync($"log-{i}");
            var epoch = (await HeadAsync($"log-{i}")).Epoch;
            Assert.Matches("^[A-Za-z0-9_-]{1,32}$", epoch);
            Assert.True(epochs.Add(epoch), $"The epoch {epoch} was drawn twice.");
        }
    }

    [Theory]
    [InlineData("A log/with 'odd' \"characters\"; -- %_?")]
    [InlineData("学习路线图")]
    [InlineData("😀 and é and é")]
    public async Task Create_IdsOfAnyCharacters_AreKeptApartAndGivenBack(string id)
    {
        await CreateAsync(id, "mine");
        await CreateAsync(id + " ", "other");

        Assert.Equal((id, "mine"), ((await HeadAsync(id)).Id, Text((await HeadAsync(id)).Head)));
        Assert.Equal([id + " ", id], await IdsAsync());
        Assert.Null(await Store.ReadHeadAsync(id.ToUpperInvariant() + "X"));
    }

    [Fact]
    public async Task Create_WithArgumentsThatNoStoreTakes_Throws()
    {
        NewLog[] wrong =
        [
            new("", default, []),
            new("with\0nul", default, []),
            new("half \ud83d surrogate", default, []),
            new(new string('x', 513), default, []),
            new("a", default, Tags("one=1", "one=2")),
            new("a", default, [new LogTag("", "x")]),
            new("a", default, [.. Enumerable.Range(0, 65).Select(i => new LogTag($"t{i}", "x"))]),
            new("a", default, [], new LogBlob("", default)),
            new("a", new byte[(64 << 20) + 1], []),
        ];
        foreach (var log in wrong)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.CreateAsync(log));
        }

        Assert.Empty(await IdsAsync());
    }

    [Fact]
    public async Task UnknownId_IsNowhere()
    {
        await CreateAsync("a");

        Assert.Null(await Store.ReadHeadAsync("b"));
        Assert.Null(await Store.ReadAsync("b", 0, NoLimit));
        Assert.Null(await Store.ReadBlobAsync("b", "input"));
        Assert.Null(await Store.OpenAsync("b"));
        Assert.False(await Store.DeleteAsync("b"));
        Assert.Equal(new AppendResult(AppendOutcome.NotFound, 0), await Store.AppendAsync(new LogAppend { Id = "b", Fence = 1, ExpectedLastSeq = 0 }));
    }

    [Fact]
    public async Task Open_EachTime_RaisesTheFenceByOne()
    {
        await CreateAsync("a");
        var first = (await OpenAsync("a")).Fence;

        Assert.Equal(first + 1, (await OpenAsync("a")).Fence);
        Assert.Equal(first + 2, (await OpenAsync("a")).Fence);
    }

    [Fact]
    public async Task Open_TellsWhereTheLogStands()
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync(writer.Next("one", "two") with { Head = Bytes("second head") });
        var epoch = (await HeadAsync("a")).Epoch;

        var opened = (await OpenAsync("a")).Opened;
        Assert.Equal((epoch, 2, false, "second head"), (opened.Epoch, opened.LastSeq, opened.Sealed, Text(opened.Head)));

        writer = await OpenAsync("a");
        await writer.AppendAsync(writer.Next("three") with { Seal = true });
        opened = (await OpenAsync("a")).Opened;
        Assert.Equal((epoch, 3, true, "second head"), (opened.Epoch, opened.LastSeq, opened.Sealed, Text(opened.Head)));
    }
}
