using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Tasks;

public sealed class TaskLogTests
{
    private static readonly TaskHead Head = new() { Kind = "k", Owner = "o", MaxAttempts = 2, RequestDigest = "", CreatedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Silo = "s", Status = GenerationStatus.Running };

    private readonly TestClock _clock = new();
    private readonly TaskOptions _options = new() { PendingBytes = 400, MaxEventBytes = 300, MaxEvents = 100, MaxHistoryBytes = 2000 };
    private readonly TaskMachine _machine;
    private readonly TaskLog _log;

    public TaskLogTests()
    {
        _machine = new TaskMachine(_options);
        _log = Open(default, 10);
    }

    [Fact]
    public void WhatIsAccepted_IsVisibleOnceItIsStored()
    {
        Assert.Equal(11, Say("a"));
        Assert.Equal(13, Checkpoint("b", "c"));
        Assert.Equal((13, 0, 10), (_log.Head.CheckpointSeq, _log.StoredHead.CheckpointSeq, _log.StoredSeq));

        var flush = _log.TryTake()!;
        Assert.Equal((10, 11, 3), (flush.Append.ExpectedLastSeq, flush.Append.Records.First, flush.Append.Records.Count));
        Assert.Equal((0, 10), (_log.StoredHead.CheckpointSeq, _log.StoredSeq));

        Store(flush);
        Assert.Equal((13, 13), (_log.StoredHead.CheckpointSeq, _log.StoredSeq));
        Assert.Null(_log.TryTake());
    }

    [Fact]
    public void AnAppendWithoutAHead_LeavesTheHeadAsItIs()
    {
        Say("a");
        var events = Store()!.Append;
        Assert.Null(events.Head);
        Assert.Null(events.Tags);

        Checkpoint("b");
        Assert.Equal(12, TaskHead.Parse(Store()!.Append.Head!.Value.Span).CheckpointSeq);
    }

    [Fact]
    public async Task AnAppendWithoutAHead_LeavesTheHeadAsItIs_InTheStore()
    {
        var store = new MemoryLogStore();
        await store.CreateAsync(new NewLog("t", Head.ToBytes(), []));
        var log = new TaskLog("t", (await store.OpenAsync("t"))!, Head, default, _options, _clock);
        log.Make((head, step) => _machine.Appended(head, step, [EventDraft.Token("c", "a")], null));
        Assert.Equal(AppendOutcome.Ok, (await store.AppendAsync(log.TryTake()!.Append)).Outcome);
        Assert.Equal(Head.ToBytes(), (await store.ReadHeadAsync("t"))!.Head.ToArray());
    }

    [Fact]
    public void OneAppendIsInFlight_AndTheNextTakesAllThatCameMeanwhile()
    {
        Say("a");
        var first = _log.TryTake()!;
        Say("b");
        Say("c");
        Assert.Null(_log.TryTake());
        Store(first);
        var second = _log.TryTake()!;
        Assert.Equal((11, 2), (second.Append.ExpectedLastSeq, second.Append.Records.Count));
    }

    [Fact]
    public void ARefusedOrEmptyRule_ChangesNothing()
    {
        Assert.Null(_log.Make((_, _) => null));
        Assert.Throws<RefusedException>(() => _log.Make((_, _) => throw new RefusedException(new Refusal("no", "no"))));
        Assert.Null(_log.TryTake());
        Assert.Equal(11, Say("a"));
    }

    [Fact]
    public void TagsGoWithTheStatus_AndTheSealWithTheEnd()
    {
        _log.Make((head, step) => _machine.Completed(head, step, JsonElement.Parse("1")));
        var append = Store()!.Append;
        Assert.True(append.Seal);
        Assert.Contains(TaskTags.Ended, append.Tags!);
        Assert.Contains(TaskTags.Status(GenerationStatus.Completed), append.Tags!);
    }

    [Fact]
    public void Keys_NameTheirEvents()
    {
        Say("a");
        _log.Make((head, step) => _machine.Appended(head, step, [EventDraft.Token("c", "b"), EventDraft.Token("c", "c"), EventDraft.Token("c", "d")], null), ["k1", null, "k2"]);
        Assert.Equal([new RecordKey(12, "k1"), new RecordKey(14, "k2")], Store()!.Append.Keys);
        Say("e");
        Assert.Empty(Store()!.Append.Keys);
    }

    [Fact]
    public void Time_NeverGoesBack()
    {
        var log = Open(_clock.GetUtcNow() + TimeSpan.FromMinutes(1), 10);
        log.Make((head, step) => _machine.Appended(head, step, [EventDraft.Token("c", "a")], null));
        _clock.Advance(TimeSpan.FromMinutes(2));
        log.Make((head, step) => _machine.Appended(head, step, [EventDraft.Token("c", "b")], null));
        var times = log.TryTake()!.Append.Records.Texts().Select(text => JsonElement.Parse(text).GetProperty("ts").GetString());
        Assert.Equal(["2026-01-01T00:01:00.000Z", "2026-01-01T00:02:00.000Z"], times);
    }

    [Fact]
    public async Task AFullList_MakesTheWriterWait_UntilItIsTaken()
    {
        Assert.True(_log.WhenRoomAsync().IsCompleted);
        while (_log.HasRoom)
        {
            Say("something");
        }

        var room = _log.WhenRoomAsync();
        Assert.False(room.IsCompleted);
        Assert.NotNull(_log.TryTake());
        await room.ForAsync("room");
        Assert.True(_log.HasRoom);
    }

    [Fact]
    public async Task WhoWaitsForTheStore_WaitsForWhatWasAcceptedBefore_AndNoMore()
    {
        Assert.True(_log.WhenStoredAsync().IsCompleted);
        Say("a");
        var pending = _log.WhenStoredAsync();
        var first = _log.TryTake()!;
        var inFlight = _log.WhenStoredAsync();
        Say("b");
        var next = _log.WhenStoredAsync();
        Store(first);
        await Task.WhenAll(pending, inFlight).ForAsync("the first append");
        Assert.False(next.IsCompleted);
        Store();
        await next.ForAsync("the second append");
    }

    [Fact]
    public async Task ALostLog_TellsAllWhoWait_AndTakesNothingMore()
    {
        Say("a");
        var flush = _log.TryTake()!;
        var inFlight = _log.WhenStoredAsync();
        while (_log.HasRoom)
        {
            Say("b");
        }

        Task[] waiting = [inFlight, _log.WhenStoredAsync(), _log.WhenRoomAsync()];
        _log.Close(new InvalidOperationException("fenced"));
        _log.Close(new InvalidOperationException("again"));
        foreach (var task in waiting)
        {
            var lost = await Assert.ThrowsAsync<TaskLogLostException>(() => task.ForAsync("the bad news"));
            Assert.Equal("fenced", lost.InnerException!.Message);
        }

        Assert.Throws<TaskLogLostException>(() => Say("c"));
        Assert.Null(_log.TryTake());
        Assert.Equal((10, Head), (_log.StoredSeq, _log.StoredHead));
        Store(flush);
    }

    [Fact]
    public void AnEventThatIsTooLarge_IsRefused_WithItsPlace_AndNothingOfItsBatchIsTaken()
    {
        var refused = Assert.Throws<RefusedException>(() => Say("a", new string('x', 300)));
        Assert.Equal(("too_large", "events[1]"), (refused.Refusal.Code, refused.Refusal.Field));
        Assert.Null(_log.TryTake());
    }

    [Fact]
    public void AHistoryThatIsFull_TakesOnlyWhatThePlatformWrites()
    {
        var log = Open(default, 36);
        Assert.Equal("history_limit", Assert.Throws<RefusedException>(() => log.Make(Token)).Refusal.Code);
        Assert.Equal(37, log.Make((head, step) => _machine.Interrupted(head, step, 0.5)));
        Assert.Equal(38, log.Make((head, step) => TaskMachine.Failed(head, step, new TaskError("history_limit", "", false))));

        Change Token(TaskHead head, Step step) => _machine.Appended(head, step, [EventDraft.Token("c", "a")], null);
    }

    [Fact]
    public void AHistoryOfTooManyBytes_IsFull_AndItsSizeIsInTheHead()
    {
        var text = new string('x', 150);
        var refused = default(RefusedException);
        var bytes = 0;
        while (refused is null)
        {
            refused = Record.Exception(() => Checkpoint(text)) as RefusedException;
            bytes += Store()?.Append.Records.Bytes.Length ?? 0;
        }

        Assert.Equal("history_limit", refused.Refusal.Code);
        Assert.InRange(_log.StoredHead.HistoryBytes, 1700, 2000);
        Assert.Equal(_log.StoredHead.HistoryBytes, bytes);
    }

    private TaskLog Open(DateTimeOffset lastEvent, long lastSeq) => new("t", new OpenedLog("e", 3, lastSeq, false, Head.ToBytes()), Head, lastEvent, _options, _clock);

    private long? Say(params string[] texts) => _log.Make((head, step) => _machine.Appended(head, step, [.. texts.Select(text => EventDraft.Token("c", text))], null));

    private long? Checkpoint(params string[] texts) =>
        _log.Make((head, step) => _machine.Appended(head, step, [.. texts.Select(text => EventDraft.Token("c", text))], JsonElement.Parse("1")));

    private LogFlush? Store()
    {
        var flush = _log.TryTake();
        if (flush is not null)
        {
            Store(flush);
        }

        return flush;
    }

    /// <summary>As its writer does once the store has answered.</summary>
    private void Store(LogFlush flush)
    {
        _log.Stored(flush);
        _log.Finish(flush);
    }
}
