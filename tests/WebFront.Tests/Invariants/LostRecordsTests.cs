using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Invariants;

/// <summary>A Redis that comes back with less than it had: whoever watched is told so and starts over, and the task goes on from what is left.</summary>
public sealed class LostRecordsTests
{
    private const int Count = 150;

    [Fact]
    public async Task RedisThatHasLostRecords_GivesTheLogANewEpoch_WhichEveryViewerIsToldOf()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var front = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["store"] = "redis", ["redis"] = redis.Configuration });
        var task = await front.Api.EchoAsync(new { count = Count, interval_ms = 50 });
        await using var before = await WebSocketViewer.WatchAsync(front.Api, task);
        var epoch = (await before.UntilAsync("connected")).Text("epoch");
        await before.UntilSeqAsync(20);
        redis.Keep();
        await before.UntilSeqAsync(50);
        await redis.RestartAsKeptAsync();
        await before.ToEndAsync("the end of the connection to the log that is no more");
        Assert.DoesNotContain(before.Transcript.Messages, one => one.IsTerminal);
        Assert.NotEqual("stop", before.Transcript.Messages[^1].Text("retry"));

        await using var after = await WebSocketViewer.WatchAsync(front.Api, task, $"after={epoch}:{before.Transcript.Last}");
        Assert.NotEqual(epoch, (await after.UntilAsync("connected")).Text("epoch"));
        Assert.Equal("epoch_changed", (await after.UntilAsync("history_reset")).Text("reason"));
        await after.ToEndAsync("the end of the task");
        after.Transcript.AssertWhole();

        var log = await front.Api.LogAsync(task);
        Assert.Equal(log.Select(one => one.Raw), after.Transcript.Events.Select(one => one.Raw));
        Assert.Equal("completed", log[^1].Type);
        Assert.Equal(Enumerable.Range(1, Count), log.Numbers());
    }
}
