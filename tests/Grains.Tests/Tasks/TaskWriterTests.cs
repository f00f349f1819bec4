using Holdfast.Grains.Events;
using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;

using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Grains.Tests.Tasks;

/// <summary>A writer over a store that loses what it is told to lose. The clock stands still: repetitions come when a test moves it.</summary>
public sealed class TaskWriterTests
{
    private static readonly TaskHead Head = new() { Kind = "k", Owner = "o", MaxAttempts = 2, RequestDigest = "", CreatedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Status = GenerationStatus.Running };

    private readonly TestClock _clock = new();
    private readonly TaskOptions _options = new();
    private readonly MemoryLogStore _store = new();
    private readonly HeldLogStore _held;
    private readonly TaskMachine _machine;
    private readonly List<long> _stored = [];
    private readonly TaskCompletionSource<Exception> _lost = new();

    public TaskWriterTests()
    {
        _held = new HeldLogStore(_store) { Holds = _ => true };
        _machine = new TaskMachine(_options);
    }

    [Fact]
    public async Task AllThatComesMeanwhile_GoesWithTheNextAppend()
    {
        var writer = await OpenAsync();
        Say(writer, "a");
        var first = await _held.NextAsync("the first append");
        Say(writer, "b");
        Say(writer, "c");
        first.Release();
        var second = await _held.NextAsync("the second append");
        Assert.Equal(2, second.Append.Records.Count);
        second.Release();
        await writer.Log.WhenStoredAsync().ForAsync("the store");
        Assert.Equal([1, 3], _stored);
    }

    [Theory]
    [InlineData(LogFault.LostBeforeCommit)]
    [InlineData(LogFault.LostAfterCommit)]
    public async Task AnAppendOfUnknownOutcome_IsRepeatedAsItWas_AndStoredOnce(LogFault fault)
    {
        var writer = await OpenAsync();
        Say(writer, "a");
        var first = await _held.NextAsync("the append");
        Say(writer, "b");
        first.Release(fault);
        await PassAsync(_options.AppendRetryDelay);
        var again = await _held.NextAsync("its repetition");
        Assert.Same(first.Append, again.Append);
        again.Release();
        (await _held.NextAsync("the next append")).Release();
        await writer.Log.WhenStoredAsync().ForAsync("the store");
        Assert.Equal([1, 2], _stored);
        Assert.Equal(2, (await _store.ReadHeadAsync("t"))!.LastSeq);
    }

    [Fact]
    public async Task TheLastAppend_LostOnTheWayBack_IsKnownByItsSeal()
    {
        var writer = await OpenAsync();
        writer.Log.Make((head, step) => _machine.Completed(head, step, System.Text.Json.JsonElement.Parse("1")));
        writer.Kick();
        (await _held.NextAsync("the append")).Release(LogFault.LostAfterCommit);
        await PassAsync(_options.AppendRetryDelay);
        var stored = writer.Log.WhenStoredAsync();
        (await _held.NextAsync("its repetition")).Release();
        await stored.ForAsync("the store");
        Assert.True(writer.Log.StoredHead.IsTerminal);
    }

    [Fact]
    public async Task AStoreThatStaysAway_IsGivenUp_AfterSoManyRepetitions()
    {
        var writer = await OpenAsync();
        Say(writer, "a");
        var stored = writer.Log.WhenStoredAsync();
        for (var repetition = 0; repetition <= _options.AppendRetries; repetition++)
        {
            (await _held.NextAsync($"repetition {repetition}")).Release(LogFault.LostBeforeCommit);
            if (repetition < _options.AppendRetries)
            {
                await PassAsync(_options.AppendRetryDelay * Math.Pow(2, repetition));
            }
        }

        Assert.IsType<LogStoreUnavailableException>(await _lost.Task.ForAsync("the loss"));
        await Assert.ThrowsAsync<TaskLogLostException>(() => stored);
        Assert.Throws<TaskLogLostException>(() => Say(writer, "b"));
    }

    [Fact]
    public async Task AnotherWriter_FencesThisOneOut_AtOnce()
    {
        var writer = await OpenAsync();
        await _store.OpenAsync("t");
        Say(writer, "a");
        (await _held.NextAsync("the append")).Release();
        Assert.Contains("Fenced", (await _lost.Task.ForAsync("the loss")).Message, StringComparison.Ordinal);
        Assert.Empty(_stored);
        Assert.Equal(0, (await _store.ReadHeadAsync("t"))!.LastSeq);
    }

    [Fact]
    public async Task ALogThatHasOtherRecords_IsLost_NotTakenForStored()
    {
        var writer = await OpenAsync();
        Say(writer, "a");
        var first = await _held.NextAsync("the append");
        await _store.AppendAsync(first.Append);
        first.Release();
        Assert.Contains("Mismatch", (await _lost.Task.ForAsync("the loss")).Message, StringComparison.Ordinal);
    }

    private async Task PassAsync(TimeSpan time)
    {
        await Waiting.UntilAsync("a repetition is set", () => _clock.ArmedTimers > 0);
        _clock.Advance(time);
    }

    private async Task<TaskWriter> OpenAsync()
    {
        await _store.CreateAsync(new NewLog("t", Head.ToBytes(), []));
        var log = new TaskLog("t", (await _store.OpenAsync("t"))!, Head, default, _options, _clock);

        // One at a time, as a grain's scheduler has it.
        var scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        return new TaskWriter(log, _held, scheduler, _options, _clock, NullLogger.Instance)
        {
            Stored = (_, flush) => _stored.Add(flush.Append.Records.Last),
            Lost = (_, e) => _lost.TrySetResult(e),
        };
    }

    private void Say(TaskWriter writer, string text)
    {
        writer.Log.Make((head, step) => _machine.Appended(head, step, [EventDraft.Token("c", text)], null));
        writer.Kick();
    }
}
