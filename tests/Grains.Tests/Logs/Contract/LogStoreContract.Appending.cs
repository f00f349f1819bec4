using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Logs.Contract;

public abstract partial class LogStoreContract
{
    [Fact]
    public async Task Append_UnderTheNewestFence_StoresTheRecordsInOrder()
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync("one");
        await writer.AppendAsync("two", "three");

        Assert.Equal(["one", "two", "three"], await TextsAsync("a"));
        Assert.Equal(3, (await HeadAsync("a")).LastSeq);
    }

    [Fact]
    public async Task Append_WithAnOlderFence_IsRefused()
    {
        var old = await CreateAndOpenAsync("a");
        await old.AppendAsync("one");
        var current = await OpenAsync("a");

        Assert.Equal(new AppendResult(AppendOutcome.Fenced, 1), await old.TryAsync(old.Next("two by the old one")));
        await current.AppendAsync("two");
        Assert.Equal(["one", "two"], await TextsAsync("a"));
    }

    [Fact]
    public async Task Append_BeforeAnyoneOpened_IsRefused()
    {
        await CreateAsync("a");
        var first = (await OpenAsync("a")).Fence;
        await CreateAsync("b");

        // A store may begin to count anywhere.
        foreach (var fence in new[] { -first - 1, -first, -2, -1, 0, 1, 2, first - 1, first, first + 1 })
        {
            var append = new LogAppend { Id = "b", Fence = fence, ExpectedLastSeq = 0, Records = Runs.Of(1, "x") };
            Assert.Equal(AppendOutcome.Fenced, (await Store.AppendAsync(append)).Outcome);
        }

        Assert.Empty(await TextsAsync("b"));
    }

    [Fact]
    public async Task Append_WithAFenceThatWasNotGivenYet_IsRefused()
    {
        var writer = await CreateAndOpenAsync("a");

        Assert.Equal(AppendOutcome.Fenced, (await Store.AppendAsync(writer.Next("x") with { Fence = writer.Fence + 1 })).Outcome);
        Assert.Empty(await TextsAsync("a"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Append_ExpectingAnotherLastRecord_IsAMismatchThatTellsTheLastOne(long expected)
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync("one", "two");

        writer.LastSeq = expected;
        Assert.Equal(new AppendResult(AppendOutcome.Mismatch, 2), await writer.TryAsync(writer.Next("x")));
        Assert.Equal(["one", "two"], await TextsAsync("a"));
    }

    [Fact]
    public async Task Append_ToASealedLog_IsRefused()
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync(writer.Next("the end") with { Seal = true });
        Assert.True((await HeadAsync("a")).Sealed);

        Assert.Equal(new AppendResult(AppendOutcome.Sealed, 1), await writer.TryAsync(writer.Next("after the end")));
        Assert.Equal(new AppendResult(AppendOutcome.Sealed, 1), await writer.TryAsync(writer.Next() with { Head = Bytes("late head") }));
        var later = await OpenAsync("a");
        Assert.Equal(new AppendResult(AppendOutcome.Sealed, 1), await later.TryAsync(later.Next("after the end")));
        Assert.Equal("head", Text((await HeadAsync("a")).Head));
    }

    [Fact]
    public async Task Append_WithSeveralThingsWrong_IsRefusedForTheFirstOfNotFoundFencedSealedMismatch()
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync(writer.Next("the end") with { Seal = true });
        var wrongLast = new LogAppend { Id = "a", Fence = writer.Fence, ExpectedLastSeq = 7 };
        var andWrongFence = wrongLast with { Fence = writer.Fence - 1 };
        var andWrongId = andWrongFence with { Id = "b" };

        Assert.Equal(AppendOutcome.NotFound, (await Store.AppendAsync(andWrongId)).Outcome);
        Assert.Equal(AppendOutcome.Fenced, (await Store.AppendAsync(andWrongFence)).Outcome);
        Assert.Equal(AppendOutcome.Sealed, (await Store.AppendAsync(wrongLast)).Outcome);
    }

    [Fact]
    public async Task Append_ThatIsRefused_ChangesNothingAtAll()
    {
        var old = await CreateAndOpenAsync("a", "kept", "status=kept");
        var writer = await OpenAsync("a");
        await writer.AppendAsync(writer.Next("one") with { Blob = new LogBlob("result", Bytes("kept")) });
        LogAppend Everything(long fence, long expected) => new()
        {
            Id = "a",
            Fence = fence,
            ExpectedLastSeq = expected,
            Records = Runs.Of(expected + 1, "lost"),
            Keys = [new RecordKey(expected + 1, "lost")],
            Head = Bytes("lost"),
            Tags = Tags("status=lost"),
            Blob = new LogBlob("result", Bytes("lost")),
            Seal = true,
        };

        Assert.Equal(AppendOutcome.Fenced, (await Store.AppendAsync(Everything(old.Fence, 1))).Outcome);
        Assert.Equal(AppendOutcome.Mismatch, (await Store.AppendAsync(Everything(writer.Fence, 0))).Outcome);

        var head = await HeadAsync("a");
        Assert.Equal((1, false, "kept"), (head.LastSeq, head.Sealed, Text(head.Head)));
        Assert.Equal("kept", Text((await Store.ReadBlobAsync("a", "result"))!.Value));
        Assert.Equal(["a"], await IdsAsync("status=kept"));
        Assert.Empty(await IdsAsync("status=lost"));
        Assert.Empty((await PageAsync("a")).Keys);
    }

    [Fact]
    public async Task Append_OfEverythingAtOnce_StoresAllOfIt()
    {
        var writer = await CreateAndOpenAsync("a", "old", "status=old", "kind=roadmap");
        await writer.AppendAsync(writer.Next("one", "two", "three") with
        {
            Keys = [new RecordKey(2, "second")],
            Head = Bytes("new"),
            Tags = Tags("status=new"),
            Blob = new LogBlob("result", Bytes("result")),
            Seal = true,
        });

        var head = await HeadAsync("a");
        Assert.Equal((3, true, "new"), (head.LastSeq, head.Sealed, Text(head.Head)));
        var page = await PageAsync("a");
        Assert.Equal(["one", "two", "three"], page.Records.Texts());
        Assert.Equal([new RecordKey(2, "second")], page.Keys);
        Assert.Equal("result", Text((await Store.ReadBlobAsync("a", "result"))!.Value));
        Assert.Equal(["a"], await IdsAsync("status=new"));
        Assert.Empty(await IdsAsync("status=old"));
        Assert.Empty(await IdsAsync("kind=roadmap"));
    }

    [Fact]
    public async Task Append_WithoutRecords_ChangesTheRestAndKeepsTheLastRecord()
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync("one");
        await writer.AppendAsync(writer.Next() with { Head = Bytes("new"), Tags = Tags("status=new"), Blob = new LogBlob("b", Bytes("blob")) });

        var head = await HeadAsync("a");
        Assert.Equal((1, false, "new"), (head.LastSeq, head.Sealed, Text(head.Head)));
        Assert.Equal(["a"], await IdsAsync("status=new"));
        Assert.Equal("blob", Text((await Store.ReadBlobAsync("a", "b"))!.Value));
        await writer.AppendAsync("two");
        Assert.Equal(["one", "two"], await TextsAsync("a"));
    }

    [Fact]
    public async Task Append_WithoutHead_KeepsTheHead()
    {
        var writer = await CreateAndOpenAsync("a", "first");
        await writer.AppendAsync("one");
        await writer.AppendAsync(writer.Next("two") with { Head = Bytes("second") });
        await writer.AppendAsync("three");

        Assert.Equal("second", Text((await HeadAsync("a")).Head));
        await writer.AppendAsync(writer.Next() with { Head = ReadOnlyMemory<byte>.Empty });
        Assert.Equal(0, (await HeadAsync("a")).Head.Length);
    }

    [Fact]
    public async Task Append_KeepsNoHoldOnTheCallersBuffers()
    {
        var head = "my head"u8.ToArray();
        var blob = "my blob"u8.ToArray();
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync(writer.Next("one") with { Head = head, Blob = new LogBlob("b", blob) });

        Array.Clear(head);
        Array.Clear(blob);

        Assert.Equal("my head", Text((await HeadAsync("a")).Head));
        Assert.Equal("my blob", Text((await Store.ReadBlobAsync("a", "b"))!.Value));
    }

    [Fact]
    public async Task Append_ABlobAgain_ReplacesIt_AndOthersStay()
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync(writer.Next() with { Blob = new LogBlob("input", Bytes("input")) });
        await writer.AppendAsync(writer.Next() with { Blob = new LogBlob("result", Noise(8 << 20)) });
        Assert.Equal(Noise(8 << 20), (await Store.ReadBlobAsync("a", "result"))!.Value.ToArray());

        await writer.AppendAsync(writer.Next() with { Blob = new LogBlob("result", Bytes("short")) });
        Assert.Equal("short", Text((await Store.ReadBlobAsync("a", "result"))!.Value));
        Assert.Equal("input", Text((await Store.ReadBlobAsync("a", "input"))!.Value));
        Assert.Null(await Store.ReadBlobAsync("a", "RESULT"));
        await writer.AppendAsync(writer.Next() with { Blob = new LogBlob("result", default) });
        Assert.Equal(0, (await Store.ReadBlobAsync("a", "result"))!.Value.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(3 << 20)]
    public async Task Append_RecordsOfEverySize_ComeBackAsTheyWere(int length)
    {
        var writer = await CreateAndOpenAsync("a");
        var records = new[] { Noise(length), Noise(0), Noise(length, seed: 2) };
        await writer.AppendAsync(writer.Next() with { Records = Runs.Of(1, records), Head = Noise(300 << 10) });

        var read = new List<byte[]>();
        foreach (var (seq, bytes) in (await PageAsync("a")).Records)
        {
            Assert.Equal(read.Count + 1, seq);
            read.Add(bytes.ToArray());
        }

        Assert.Equal(records, read);
        Assert.Equal(Noise(300 << 10), (await HeadAsync("a")).Head.ToArray());
    }

    [Fact]
    public async Task Append_WithArgumentsThatNoStoreTakes_Throws()
    {
        var writer = await CreateAndOpenAsync("a");
        await writer.AppendAsync("one");
        LogAppend[] wrong =
        [
            writer.Next() with { Records = Runs.Of(3, "a gap before") },
            writer.Next() with { Records = Runs.Of(1, "again") },
            writer.Next() with { ExpectedLastSeq = -1 },
            writer.Next() with { Records = new RecordRun(2, 2, Runs.Of(2, "only one").Bytes) },
            writer.Next("two") with { Keys = [new RecordKey(1, "of another run")] },
            writer.Next("two") with { Keys = [new RecordKey(3, "of another run")] },
            writer.Next("two", "three") with { Keys = [new RecordKey(3, "b"), new RecordKey(2, "a")] },
            writer.Next("two") with { Keys = [new RecordKey(2, "")] },
            writer.Next() with { Keys = [new RecordKey(1, "without records")] },
            writer.Next() with { Tags = Tags("one=1", "one=2") },
        ];
        foreach (var append in wrong)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.AppendAsync(append));
        }

        var noFrame = writer.Next() with { Records = new RecordRun(2, 1, "no frame"u8.ToArray()) };
        await Assert.ThrowsAsync<InvalidDataException>(async () => await Store.AppendAsync(noFrame));
        Assert.Equal(["one"], await TextsAsync("a"));
    }
}
