using System.Text;

using Holdfast.Grains.Events;
using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Tasks;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Tests.Clients;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>Merging over logs that a task's own rules have written: events 1 and 2 are <c>created</c> and <c>started</c>.</summary>
public sealed class CompactionTests
{
    private readonly MemoryLogStore _store = new();
    private readonly TestClock _clock = new();

    [Fact]
    public async Task TokensOfOneChannelInARow_ComeAsOne_WithNumberAndTimeOfTheLast()
    {
        var task = await StartAsync();
        foreach (var text in new[] { "a", "b", "c" })
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            task.Append(false, EventDraft.Token("main", text));
            await task.StoreAsync();
        }

        var messages = await MergeAsync(task);
        Assert.Equal(["created", "started", "3-5 main abc"], Told(messages));
        Assert.Equal("2026-01-01T00:00:03.000Z", messages[2].Text("ts"));
    }

    [Fact]
    public async Task OtherChannelsAndOtherEvents_PartThem()
    {
        var task = await StartAsync();
        task.Append(false, Tokens("main", "a", "b"));
        task.Append(false, Tokens("side", "c", "d"));
        task.Append(false, EventDraft.Debug("between"));
        task.Append(false, Tokens("side", "e"));
        task.Append(false, Tokens("main", "f"));
        await task.StoreAsync();
        Assert.Equal(["created", "started", "3-4 main ab", "5-6 side cd", "debug", "8 side e", "9 main f"], Told(await MergeAsync(task)));
    }

    [Fact]
    public async Task NothingIsMerged_AcrossTheLatestCheckpoint()
    {
        var task = await StartAsync();
        task.Append(true, Tokens("main", "a", "b"));
        task.Append(true, Tokens("main", "c", "d"));
        task.Append(false, Tokens("main", "e", "f"));
        await task.StoreAsync();
        Assert.Equal(["created", "started", "3-6 main abcd", "7-8 main ef"], Told(await MergeAsync(task)));
    }

    [Fact]
    public async Task NothingIsMerged_AcrossWhatABrokenTryWentBackTo()
    {
        var task = await StartAsync();
        task.Append(true, Tokens("main", "a", "b"));
        task.Append(false, Tokens("main", "c", "d"));
        task.Interrupt();
        task.Append(true, Tokens("main", "c", "d"));
        await task.StoreAsync();
        Assert.Equal(["created", "started", "3-4 main ab", "5-6 main cd", "retrying", "started", "9-10 main cd"], Told(await MergeAsync(task)));
    }

    [Fact]
    public async Task WhereBordersWereForgotten_NothingIsMerged()
    {
        var task = await TaskByHand.StartAsync(_store, "t_merged", new TaskOptions { MaxCuts = 1 }, _clock);
        foreach (var text in new[] { "a", "b" })
        {
            task.Append(true, Tokens("main", text, text));
            task.Append(false, Tokens("main", text, text));
            task.FailAttempt();
        }

        await task.StoreAsync();
        Assert.Equal(
            ["created", "started", "3 main a", "4 main a", "5 main a", "6 main a", "retrying", "started", "9-10 main bb", "11-12 main bb", "retrying", "started"],
            Told(await MergeAsync(task)));
    }

    [Fact]
    public async Task TextIsJoinedAsItIs_WithEscapesAndEverything()
    {
        var task = await StartAsync();
        string[] parts = ["\"", "\\", "\n", "é", "😀", "\"}}", "\",\"delta\":\"", "\u0001", ""];
        task.Append(false, Tokens("ma\"in\\", parts));
        await task.StoreAsync();
        Assert.Equal(["created", "started", $"3-11 ma\"in\\ {string.Concat(parts)}"], Told(await MergeAsync(task)));
    }

    [Fact]
    public async Task AMergedToken_IsNeverLargerThanItsLimit()
    {
        var task = await StartAsync();
        task.Append(false, Tokens("main", [.. Enumerable.Repeat(new string('x', 50), 40)]));
        task.Append(false, Tokens("main", new string('y', 900), new string('z', 900)));
        await task.StoreAsync();
        var messages = await MergeAsync(task, largest: 800);
        Assert.Equal(
            ["created", "started", "3-14", "15-26", "27-38", "39-42", "43", "44"],
            messages.Select(one => one.Type != "token" ? one.Type : one.SeqFrom < one.Seq ? $"{one.SeqFrom}-{one.Seq}" : $"{one.Seq}"));
        Assert.All(messages.Where(one => one.SeqFrom < one.Seq), one => Assert.InRange(Encoding.UTF8.GetByteCount(one.Raw), 1, 800));
    }

    [Fact]
    public async Task WhatIsNotMerged_KeepsItsBytes()
    {
        var task = await StartAsync();
        task.Append(false, Tokens("main", "a"));
        task.Append(false, EventDraft.ProgressOf(10), EventDraft.Debug("b"));
        await task.StoreAsync();
        var run = (await _store.ReadAsync(task.Id, 0, new LogLimit(100, 1 << 20)))!.Records;
        Assert.Equal(run.Bytes.ToArray(), Compaction.Merge(run, task.Position, 1000).Frames.ToArray());
    }

    private static EventDraft[] Tokens(string channel, params string[] texts) => [.. texts.Select(text => EventDraft.Token(channel, text))];

    private static IEnumerable<string> Told(IEnumerable<Message> messages) => messages.Select(one => one.Type != "token" ? one.Type
        : $"{(one.SeqFrom < one.Seq ? $"{one.SeqFrom}-" : "")}{one.Seq} {one.Data.GetProperty("channel").GetString()} {one.Data.GetProperty("delta").GetString()}");

    private Task<TaskByHand> StartAsync() => TaskByHand.StartAsync(_store, "t_merged", new TaskOptions(), _clock);

    private async Task<List<Message>> MergeAsync(TaskByHand task, int largest = 64 << 10)
    {
        var run = (await _store.ReadAsync(task.Id, 0, new LogLimit(1000, 1 << 20)))!.Records;
        var slice = Compaction.Merge(run, task.Position, largest);
        List<Message> messages = [];
        foreach (var (_, bytes) in new RecordRun(1, slice.Messages, slice.Frames))
        {
            messages.Add(new Message(Encoding.UTF8.GetString(bytes.Span)));
        }

        Assert.Equal((slice.Messages, slice.Last), (messages.Count, run.Last));
        return messages;
    }
}
