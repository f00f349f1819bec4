using System.Globalization;
using System.Net;
using System.Text.Json;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 5: server-sent events.</summary>
public sealed class Section5_EventStream(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task TheHead_KeepsProxiesFromHoldingItBack()
    {
        var task = await HandTask.StartAsync(Api);
        await using var stream = await SseViewer.WatchAsync(Api, task.Id);
        Assert.True(stream.Response.Headers.CacheControl is { NoCache: true, NoTransform: true });
        Assert.Equal("no", stream.Response.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.Equal(["identity"], stream.Response.Content.Headers.ContentEncoding);
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.ToString());
    }

    /// <summary>The next event is made when the one before it has arrived, so that a proxy that gathers them waits for ever.</summary>
    [Fact]
    public async Task ThroughAProxyThatCompresses_EventsComeOneByOne()
    {
        await using var proxy = await CompressingProxy.StartAsync(front.Address);
        (string, string) browser = ("Accept-Encoding", "gzip, deflate, br, zstd");
        Assert.Equal(["gzip"], (await proxy.Api.GetAsync("/openapi/v1.json", ("Accept-Encoding", "gzip"))).ContentHeaders.ContentEncoding);

        var task = await HandTask.StartAsync(Api);
        await using var stream = await SseViewer.WatchAsync(proxy.Api, task.Id, "", browser);
        await using var list = await SseViewer.TryWatchAsync(proxy.Api, "/api/v1/tasks/stream?kind=" + task.Kind, browser);
        await using var monitor = await SseViewer.TryWatchAsync(proxy.Api, "/api/v1/monitor/stream", browser);
        await list!.UntilAsync("snapshot");
        await monitor!.UntilAsync("monitor");
        for (var seq = 3; seq < 25; seq++)
        {
            await task.TokensAsync("a");
            await stream.UntilSeqAsync(seq);
        }

        await using var posted = await SseViewer.OpenAsync(proxy.Api, HttpMethod.Post, "/api/v1/tasks", new { kind = HandTask.NewKind() }, browser);
        await posted!.UntilAsync("created");
        await task.CompleteAsync();
        (await stream.ToEndAsync()).AssertWhole();
    }

    [Fact]
    public async Task Retry_ComesFirst_AndThenTheOrderOfSection4()
    {
        var task = await Api.EchoAsync(new { count = 1, interval_ms = 0 });
        await Api.EndOfAsync(task);
        await using var stream = await SseViewer.WatchAsync(Api, task);
        await stream.ToEndAsync();
        stream.Transcript.AssertWhole();
        Assert.Equal(("1000", null, null), (stream.Blocks[0].Retry, stream.Blocks[0].Event, stream.Blocks[0].Data));
        Assert.Equal(["connected", "current_status", "created", "started", "token", "progress", "caught_up", "completed", "closing"], stream.Blocks.Skip(1).Select(block => block.Event));
        Assert.DoesNotContain(stream.Blocks.Skip(1), block => block.Retry is not null);
    }

    [Fact]
    public async Task Id_IsTheCursor_OfEventsOnly()
    {
        var task = await Api.EchoAsync(new { count = 2, interval_ms = 0 });
        var epoch = (await Api.EndOfAsync(task)).GetProperty("epoch").GetString();
        await using var stream = await SseViewer.WatchAsync(Api, task);
        var events = (await stream.ToEndAsync()).Events.Count();
        Assert.Equal(Enumerable.Range(1, events).Select(n => string.Create(CultureInfo.InvariantCulture, $"{epoch}:{n}")), stream.Blocks.Where(block => block.Id is not null).Select(block => block.Id!));
    }

    [Fact]
    public async Task LastEventId_WinsOverTheQuery_WhichIsStillTheOneOfTheFirstTime()
    {
        var task = await Api.EchoAsync(new { count = 5, interval_ms = 0 });
        var epoch = (await Api.EndOfAsync(task)).GetProperty("epoch").GetString();
        await using var stream = await SseViewer.WatchAsync(Api, task, $"after={epoch}:2&include_history=false", ("Last-Event-ID", $"{epoch}:4"));
        await stream.ToEndAsync();
        Assert.Equal(5, stream.Transcript.Events.First().Seq);
    }

    [Fact]
    public async Task AnEmptyLastEventId_400() =>
        (await Api.GetAsync("/api/v1/tasks/t_whatever/events", ("Accept", "text/event-stream"), ("Last-Event-ID", ""))).IsProblem(HttpStatusCode.BadRequest, "invalid_request", "Last-Event-ID");

    [Fact]
    public async Task AMalformedLastEventId_400() =>
        (await Api.GetAsync("/api/v1/tasks/t_whatever/events", ("Accept", "text/event-stream"), ("Last-Event-ID", "seven"))).IsProblem(HttpStatusCode.BadRequest, "invalid_cursor", "Last-Event-ID");

    [Fact]
    public async Task AReconnectWithTheCursorOfTheEnd_204_AndOneWithAnyOtherIsServed()
    {
        var task = await Api.EchoAsync(new { count = 0 });
        var epoch = (await Api.EndOfAsync(task)).GetProperty("epoch").GetString();
        Assert.Null(await SseViewer.TryWatchAsync(Api, $"/api/v1/tasks/{task}/events", ("Last-Event-ID", $"{epoch}:3")));
        Assert.Null(await SseViewer.TryWatchAsync(Api, $"/api/v1/tasks/{task}/events?after={epoch}:3"));
        await using var before = await SseViewer.TryWatchAsync(Api, $"/api/v1/tasks/{task}/events?after={epoch}:2");
        Assert.Single((await before!.ToEndAsync()).Events);
        await using var other = await SseViewer.TryWatchAsync(Api, $"/api/v1/tasks/{task}/events?after=other:3");
        Assert.Equal(3, (await other!.ToEndAsync()).Events.Count());
    }

    [Fact]
    public async Task ACursorOnTheLastEventOfARunningTask_IsServed()
    {
        var task = await HandTask.StartAsync(Api);
        var epoch = (await Api.SnapshotAsync(task.Id)).GetProperty("epoch").GetString();
        await using var stream = await SseViewer.WatchAsync(Api, task.Id, $"after={epoch}:2");
        await stream.UntilAsync("caught_up");
        await task.CompleteAsync();
        Assert.Equal("completed", Assert.Single((await stream.ToEndAsync()).Events).Type);
    }

    [Fact]
    public async Task AQuietStream_SendsComments()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:SseComment"] = "00:00:00.100" });
        var task = await HandTask.StartAsync(host.Api);
        await using var stream = await SseViewer.WatchAsync(host.Api, task.Id);
        SseBlock? block;
        do
        {
            block = await stream.BlockAsync("a comment");
        }
        while (block is { Comment: null });
        Assert.NotNull(block);
        Assert.Equal((null, null, null, null), (block.Id, block.Event, block.Data, block.Retry));
        await task.TokensAsync("on it goes");
        await stream.UntilSeqAsync(3);
    }

    [Fact]
    public async Task Wait_ATaskCreatedMeanwhileIsStreamed_AndOneThatNeverComesIsRefusedInside()
    {
        var id = "later_" + Guid.NewGuid().ToString("n");
        await using var stream = await SseViewer.WatchAsync(Api, id, "wait=30s");
        await Api.CreateAsync(new { kind = "echo", task_id = id, input = new { count = 1, interval_ms = 0 } });
        (await stream.ToEndAsync()).AssertWhole();
        await using var never = await SseViewer.WatchAsync(Api, "never_" + Guid.NewGuid().ToString("n"), "wait=200ms");
        await never.ToEndAsync();
        Assert.Equal(["refused", "closing"], never.Transcript.Controls);
        var refused = JsonElement.Parse(never.Blocks.Single(block => block.Event == "refused").Data!);
        Assert.Equal(("task_not_found", "stop", 404), (refused.GetProperty("code").GetString(), refused.GetProperty("retry").GetString(), refused.GetProperty("status").GetInt32()));
        Assert.Equal(4404, never.Transcript.The("closing").Json.GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task MoreViewersThanTheFrontTakes_AreAcceptedAndRefusedInside_AndToldWhenToComeBack()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:MaxSessions"] = "1" });
        var task = await HandTask.StartAsync(host.Api);
        await using var first = await SseViewer.WatchAsync(host.Api, task.Id);
        await first.UntilAsync("caught_up");
        await using var second = await SseViewer.WatchAsync(host.Api, task.Id);
        await second.ToEndAsync();
        Assert.Equal(["refused", "closing"], second.Transcript.Controls);
        var closing = second.Transcript.The("closing");
        Assert.Equal((1013, "too_many_sessions", "reconnect"), (closing.Json.GetProperty("code").GetInt32(), closing.Text("reason"), closing.Text("retry")));
        Assert.Equal(closing.Json.GetProperty("retry_after_ms").GetInt64().ToString(CultureInfo.InvariantCulture), second.Blocks[^1].Retry);
        await using var socket = await WebSocketViewer.WatchAsync(host.Api, task.Id);
        Assert.True((await socket.AssertClosedAsync(1013, "too_many_sessions", "reconnect")).Json.GetProperty("retry_after_ms").GetInt64() > 0);
        first.Cut();
        await Waiting.UntilAsync("there is room again", async () =>
        {
            await using var third = await SseViewer.WatchAsync(host.Api, task.Id);
            return (await third.NextAsync("the first message"))!.Type == "connected";
        });
    }

    [Theory]
    [InlineData("compact=maybe", "compact")]
    [InlineData("include_history=", "include_history")]
    [InlineData("wait=1", "wait")]
    [InlineData("session_id=a%20b", "session_id")]
    public async Task ABadParameter_400ByName(string query, string field)
    {
        var task = await HandTask.QueueAsync(Api);
        (await Api.GetAsync($"/api/v1/tasks/{task.Id}/events?{query}", ("Accept", "text/event-stream"))).IsProblem(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Fact]
    public async Task AForeignOrigin_403_AndOneOnLoopbackIsWelcome()
    {
        var task = await HandTask.StartAsync(Api);
        (await Api.GetAsync($"/api/v1/tasks/{task.Id}/events", ("Accept", "text/event-stream"), ("Origin", "https://evil.example"))).IsProblem(HttpStatusCode.Forbidden, "origin_not_allowed", "Origin");
        await using var stream = await SseViewer.WatchAsync(Api, task.Id, "", ("Origin", "http://localhost:5173"));
        Assert.Equal("http://localhost:5173", stream.Response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        await stream.UntilAsync("caught_up");
    }

    [Fact]
    public async Task AReaderThatGoes_CountsNoLonger()
    {
        var task = await HandTask.StartAsync(Api);
        var stream = await SseViewer.WatchAsync(Api, task.Id);
        await stream.UntilAsync("caught_up");
        Assert.Equal(1, (await Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32());
        await stream.DisposeAsync();
        await Waiting.UntilAsync("nobody watches", async () => (await Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32() == 0);
    }
}
