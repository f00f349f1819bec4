using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Logs.Contract;

public abstract partial class LogStoreContract
{
    [Theory]
    [InlineData(LogFault.LostBeforeCommit)]
    [InlineData(LogFault.LostAfterCommit)]
    public async Task Append_WithUnknownOutcome_Repeated_IsStoredOnce(LogFault fault)
    {
        await CreateAndOpenAsync("a");
        var faults = new Queue<LogFault>([LogFault.None, LogFault.None, fault]);
        var line = new FaultyLogStore(Store, () => faults.TryDequeue(out var next) ? next : LogFault.None);
        var writer = new Writer(line, "a", (await line.OpenAsync("a"))!);
        await writer.AppendAsync("one");

        await AppendUntilKnownAsync(line, writer, writer.Next("two", "three") with { Head = Bytes("after three") });

        Assert.Equal(["one", "two", "three"], await TextsAsync("a"));
        Assert.Equal("after three", Text((await HeadAsync("a")).Head));
    }

    [Theory]
    [InlineData(LogFault.LostBeforeCommit)]
    [InlineData(LogFault.LostAfterCommit)]
    public async Task Append_ThatSealsWithUnknownOutcome_Repeated_IsStoredOnce(LogFault fault)
    {
        var writer = await CreateAndOpenAsync("a");
        var faults = new Queue<LogFault>([fault]);
        var line = new FaultyLogStore(Store, () => faults.TryDequeue(out var next) ? next : LogFault.None);

        await AppendUntilKnownAsync(line, writer, writer.Next("the end") with { Seal = true });

        Assert.Equal(["the end"], await TextsAsync("a"));
        Assert.True((await HeadAsync("a")).Sealed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Append_OverALineThatLosesEveryThirdAnswer_StoresEachRecordOnce(int seed)
    {
        var random = new Random(seed);
        var line = new FaultyLogStore(Store, () => random.Next(6) switch { 0 => LogFault.LostBeforeCommit, 1 => LogFault.LostAfterCommit, _ => LogFault.None });
        var writer = await CreateAndOpenAsync("a");
        for (var i = 0; i < 150; i++)
        {
            await AppendUntilKnownAsync(line, writer, writer.Next(Numbered((int)writer.LastSeq + 1, 1 + random.Next(3))));
        }

        Assert.Equal(Numbered(1, (int)writer.LastSeq), await TextsAsync("a"));
    }

    [Fact]
    public async Task Append_WithUnknownOutcome_AfterAnotherOpened_IsFenced()
    {
        var old = await CreateAndOpenAsync("a");
        var line = new FaultyLogStore(Store, () => LogFault.LostAfterCommit);
        var append = old.Next("one");
        await Assert.ThrowsAsync<LogStoreUnavailableException>(async () => await line.AppendAsync(append));
        var writer = await OpenAsync("a");

        Assert.Equal(1, writer.LastSeq);
        Assert.Equal(AppendOutcome.Fenced, (await old.TryAsync(append)).Outcome);
        Assert.Equal(["one"], await TextsAsync("a"));
    }

    // What a log's owner does: repeats the append as it was until its outcome is known.
    private static async Task AppendUntilKnownAsync(FaultyLogStore line, Writer writer, LogAppend append)
    {
        var stored = append.ExpectedLastSeq + append.Records.Count;
        for (var unknown = false; ;)
        {
            try
            {
                var result = await line.AppendAsync(append);
                Assert.True(
                    result == new AppendResult(AppendOutcome.Ok, stored)
                    || (unknown && result == new AppendResult(append.Seal ? AppendOutcome.Sealed : AppendOutcome.Mismatch, stored)),
                    $"{result} is no answer to this append.");
                writer.LastSeq = stored;
                return;
            }
            catch (LogStoreUnavailableException)
            {
                unknown = true;
            }
        }
    }
}
