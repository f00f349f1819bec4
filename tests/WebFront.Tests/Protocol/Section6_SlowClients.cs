using System.Text.Json;

using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 6: a slow client lags and reads on later; nobody else notices.</summary>
public sealed class Section6_SlowClients(SharedFront front)
{
    private Api Api => front.Api;

    [Theory]
    [InlineData("include_history=true")]
    [InlineData("include_history=true&compact=true")]
    [InlineData("include_history=true&batch=true")]
    public async Task OneThatStopsReading_IsNeverSkippedPastAnEvent_AndNeverSlowsTheTaskOrTheOthers(string query)
    {
        var task = await HandTask.StartAsync(Api);
        await using var slow = await RawSocket.OpenAsync(front.Address, $"/api/v1/ws/{task.Id}?{query}", receiveBuffer: 4096);
        await slow.UntilTextAsync("caught_up");
        await using var quick = await WebSocketViewer.WatchAsync(Api, task.Id);
        await using var stream = await SseViewer.WatchAsync(Api, task.Id);
        for (var i = 0; i < 30; i++)
        {
            await task.AppendAsync([.. Enumerable.Range(0, 50).Select(n => HandTask.Token($"{i}.{n}:" + new string('x', 4000), $"channel {i % 3}"))]);
            if (i % 10 == 5)
            {
                await task.CheckpointAsync(i);
            }
        }

        await task.CompleteAsync();
        await quick.AssertClosedAsync(1000, "task_finished", "stop");
        await stream.ToEndAsync();
        var log = await Api.LogAsync(task.Id);
        Assert.Equal(log.Select(one => one.Raw), quick.Transcript.Events.Select(one => one.Raw));
        Assert.Equal(log.Select(one => one.Raw), stream.Transcript.Events.Select(one => one.Raw));

        // Only now does it read.
        await slow.AssertClosedAsync(1000, "task_finished");
        var transcript = new Transcript();
        foreach (var message in slow.Frames.Where(frame => frame.Opcode == RawFrame.TextOpcode).SelectMany(frame => Messages(frame.Text)))
        {
            transcript.Add(message);
        }

        transcript.AssertWhole();
        Assert.Equal(log.Count, transcript.Last);
        Assert.Equal(Text(log), Text(transcript.Events));
        if (query.Contains("compact", StringComparison.Ordinal))
        {
            Assert.True(transcript.Events.Count() < log.Count, "Nothing was merged for a session that lags and asked for it.");
        }
    }

    [Fact]
    public async Task AStreamThatIsNotRead_IsNeverSkippedPastAnEvent()
    {
        var task = await HandTask.StartAsync(Api);
        await using var slow = await SseViewer.WatchAsync(Api, task.Id);
        for (var i = 0; i < 30; i++)
        {
            await task.TokensAsync(Enumerable.Range(0, 50).Select(n => $"{i}.{n}:" + new string('x', 4000)));
        }

        await task.CompleteAsync();
        Assert.Equal("completed", await Api.StatusAsync(task.Id));
        await slow.ToEndAsync();
        Assert.Equal((await Api.LogAsync(task.Id)).Select(one => one.Raw), slow.Transcript.Events.Select(one => one.Raw));
    }

    [Fact]
    public async Task OneThatSendsCommandsAndReadsNoAnswers_IsHeldUp_AndNobodyElse()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:CommandsPerSecond"] = "100000", ["Front:CommandBurst"] = "100000", ["Front:MaxAnswers"] = "4" });
        var task = await HandTask.StartAsync(host.Api);
        await using var rude = await RawSocket.OpenAsync(host.Address, $"/api/v1/ws/{task.Id}", receiveBuffer: 4096);
        await using var polite = await WebSocketViewer.WatchAsync(host.Api, task.Id);
        await polite.UntilAsync("caught_up");
        for (var i = 0; i < 2000; i++)
        {
            await rude.TextAsync($$"""{"type":"status","id":{{i}}}""");
        }

        await task.TokensAsync("on it goes");
        await polite.UntilSeqAsync(3);
        await rude.UntilTextAsync("\"id\":1999");
        var ids = rude.Frames.Where(frame => frame.Opcode == RawFrame.TextOpcode).Select(frame => new Message(frame.Text)).Where(message => message.Json.TryGetProperty("id", out _)).Select(message => message.Json.GetProperty("id").GetInt32());
        Assert.Equal(Enumerable.Range(0, 2000), ids);
    }

    [Fact]
    public async Task ManyThatStopReading_CostThisFrontNoMemoryOfTheirOwn()
    {
        const int deaf = 40, events = 60, size = 200_000;
        using var folder = new TempFolder();
        await using var host = await FrontProcess.StartAsync(folder.Path, new Dictionary<string, string> { ["Front:PageCacheBytes"] = $"{8 << 20}" });
        var task = await HandTask.StartAsync(host.Api);
        List<RawSocket> sockets = [];
        for (var i = 0; i < deaf; i++)
        {
            var socket = await RawSocket.OpenAsync(host.Address, $"/api/v1/ws/{task.Id}", receiveBuffer: 4096);
            await socket.UntilTextAsync("caught_up");
            sockets.Add(socket);
        }

        var before = host.WorkingSet;
        var delta = new string('x', size);
        for (var i = 0; i < events; i++)
        {
            await task.TokensAsync(delta);
        }

        // A queue for each would hold 480 MB now.
        Assert.InRange(host.WorkingSet - before, long.MinValue, deaf * (long)events * size / 2);
        await sockets[0].UntilTextAsync($"\"seq\":{2 + events}");
        foreach (var socket in sockets)
        {
            await socket.DisposeAsync();
        }
    }

    [Fact]
    public async Task ManyLateJoiners_ReadTheStoreOnce()
    {
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await EmbeddedFront.StartAsync(adjust: services => services.AddSingleton<ILogStore>(store));
        var task = await host.Api.EchoAsync(new { count = 2000, interval_ms = 0, size = 20 });
        var length = (await host.Api.EndOfAsync(task)).GetProperty("last_seq").GetInt64();
        var before = store.Reads;
        var viewers = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            await using var viewer = await WebSocketViewer.WatchAsync(host.Api, task);
            return await viewer.ToEndAsync();
        }));
        Assert.All(viewers, transcript => Assert.Equal(length, transcript.Last));
        Assert.InRange(store.Reads - before, 0, 12);
    }

    private static List<Message> Messages(string frame) => frame.StartsWith('[')
        ? JsonElement.Parse(frame).EnumerateArray().Select(one => new Message(one.GetRawText())).ToList()
        : [new Message(frame)];

    private static IEnumerable<string> Text(IEnumerable<Message> events) => events.Where(one => one.Type == "token")
        .GroupBy(one => one.Data.GetProperty("channel").GetString()).OrderBy(channel => channel.Key, StringComparer.Ordinal)
        .Select(channel => channel.Key + string.Concat(channel.Select(one => one.Data.GetProperty("delta").GetString())));
}
