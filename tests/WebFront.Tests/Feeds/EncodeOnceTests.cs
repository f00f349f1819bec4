using System.Runtime.InteropServices;

using Holdfast.Grains.Events;
using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport.Logs;
using Holdfast.TestSupport.Tasks;
using Holdfast.WebFront.Feeds;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>
/// However many watch, an event is encoded once. Whatever encodes needs a buffer to write into, so buffers are what is counted: viewers that are
/// handed the same one cost nothing more each.
/// </summary>
public sealed class EncodeOnceTests
{
    private const string TaskId = "t_encoded_once";

    private readonly FeedRig _rig = new();

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1000)]
    public async Task WhatIsLive_IsOneBuffer(int viewers)
    {
        var task = await TaskByHand.StartAsync(_rig.Store, TaskId, new TaskOptions(), _rig.Clock);
        var feed = (await _rig.Feeds.FindAsync(TaskId, CancellationToken.None))!.Value.Feed;
        var before = feed.Position.LastSeq;
        task.Append(checkpoint: false, EventDraft.Token("main", "a"), EventDraft.Token("main", "b"));
        var stored = await task.StoreAsync();
        await feed.OnBatchAsync(new FeedBatch(task.Position, stored));
        Assert.Equal(1, await BuffersAsync(viewers, feed, before, compact: false, stored.Texts()));
        Assert.Equal(0, _rig.Reader.Reads);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1000, false)]
    [InlineData(1, true)]
    [InlineData(1000, true)]
    public async Task WhatIsReplayed_IsOneBuffer_AndMergedOnce(int viewers, bool compact)
    {
        var task = await TaskByHand.StartAsync(_rig.Store, TaskId, new TaskOptions(), _rig.Clock);
        task.Append(checkpoint: true, [.. Enumerable.Range(0, 4).Select(n => EventDraft.Token("main", $"{n}"))]);
        await task.StoreAsync();
        var feed = (await _rig.Feeds.FindAsync(TaskId, CancellationToken.None))!.Value.Feed;
        var log = (await _rig.Store.ReadAsync(TaskId, 0, new LogLimit(100, 10_000)))!.Records.Texts();
        Assert.Equal(1, await BuffersAsync(viewers, feed, 0, compact, compact ? null : log));
        Assert.Equal(1, _rig.Reader.Reads);
    }

    /// <summary>How many buffers so many viewers are handed for the same events.</summary>
    private static async Task<int> BuffersAsync(int viewers, TaskFeed feed, long after, bool compact, IReadOnlyList<string>? expected)
    {
        HashSet<(byte[] Array, int At, int Length)> buffers = [];
        for (var n = 0; n < viewers; n++)
        {
            var slice = (await feed.ReadAsync(after, compact, 10_000))!.Value;
            Assert.True(compact == slice.Messages < slice.Last - after, $"{slice.Messages} messages up to event {slice.Last}");
            Assert.True(MemoryMarshal.TryGetArray(slice.Frames, out var frames));
            buffers.Add((frames.Array!, frames.Offset, frames.Count));
            if (n == 0 && expected is not null)
            {
                Assert.Equal(expected, new RecordRun(slice.First, slice.Messages, slice.Frames).Texts());
            }
        }

        return buffers.Count;
    }
}
