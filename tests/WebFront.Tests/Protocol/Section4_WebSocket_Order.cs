using System.Net;
using System.Text.Json;

using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 4: the upgrade, and the order of what the server sends.</summary>
public sealed class Section4_WebSocket_Order(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task AFinishedTask_ConnectedStatusEventsCaughtUpTerminalClosing1000()
    {
        var task = await Api.EchoAsync(new { count = 3, interval_ms = 0 });
        await Api.EndOfAsync(task);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task);
        var closing = await viewer.AssertClosedAsync(1000, "task_finished", "stop");
        Assert.False(closing.Json.TryGetProperty("retry_after_ms", out _));
        Assert.Equal(
            ["connected", "current_status", "created", "started", "token", "progress", "token", "progress", "token", "progress", "caught_up", "completed", "closing"],
            viewer.Transcript.Messages.Select(message => message.Type));
    }

    [Fact]
    public async Task Connected_NamesTaskSessionTimeHeartbeatAndEpoch_AndIsNoResumption()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        var connected = await viewer.UntilAsync("connected");
        Assert.Equal(
            ["type", "task_id", "session_id", "server_time", "heartbeat_interval_ms", "epoch", "resumed"], connected.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(task.Id, connected.Text("task_id"));
        Assert.Matches(Patterns.Session, connected.Text("session_id"));
        Assert.Matches(Patterns.Time, connected.Text("server_time"));
        Assert.Equal(30_000, connected.Json.GetProperty("heartbeat_interval_ms").GetInt32());
        Assert.Matches(Patterns.Epoch, connected.Text("epoch"));
        Assert.False(connected.Json.GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task CurrentStatus_IsTheSnapshotThatRestShows()
    {
        var task = await HandTask.StartAsync(Api, """ "labels":{"a":"b"} """);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        var status = await viewer.UntilAsync("current_status");
        var snapshot = await Api.SnapshotAsync(task.Id);
        Assert.Equal(
            snapshot.EnumerateObject().Select(member => member.ToString()), status.Json.EnumerateObject().Where(member => member.Name != "type").Select(member => member.ToString()));
    }

    [Fact]
    public async Task After_WinsOverIncludeHistory()
    {
        var task = await Api.EchoAsync(new { count = 3, interval_ms = 0 });
        var epoch = (await Api.EndOfAsync(task)).GetProperty("epoch").GetString();
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task, $"include_history=true&after={epoch}:5");
        await viewer.ToEndAsync();
        Assert.Equal(6, viewer.Transcript.Events.First().Seq);
    }

    [Fact]
    public async Task AfterZero_IsFromTheStart()
    {
        var task = await Api.EchoAsync(new { count = 1, interval_ms = 0 });
        var epoch = (await Api.EndOfAsync(task)).GetProperty("epoch").GetString();
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task, $"after={epoch}:0");
        await viewer.ToEndAsync();
        Assert.Equal(1, viewer.Transcript.Events.First().Seq);
    }

    [Fact]
    public async Task CaughtUp_NamesTheCursorOfWhatWasSent()
    {
        var task = await HandTask.StartAsync(Api);
        await task.TokensAsync("a", "b");
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        var caughtUp = await viewer.UntilAsync("caught_up");
        Assert.Equal($"{viewer.Transcript.The("connected").Text("epoch")}:{viewer.Transcript.Last}", caughtUp.Text("cursor"));
        Assert.Equal(4, viewer.Transcript.Last);
    }

    [Fact]
    public async Task Subprotocol_IsEchoedWhenOffered_AndOnlyThen()
    {
        var task = await HandTask.StartAsync(Api);
        await using (var viewer = await WebSocketViewer.OpenAsync(Api, $"/api/v1/ws/{task.Id}", options =>
        {
            options.AddSubProtocol("other");
            options.AddSubProtocol("holdfast.v1");
        }))
        {
            Assert.Equal("holdfast.v1", viewer.Socket.SubProtocol);
        }

        await using var without = await WebSocketViewer.WatchAsync(Api, task.Id);
        Assert.Null(without.Socket.SubProtocol);
        await using var other = await RawSocket.ConnectAsync(front.Address);
        Assert.DoesNotContain("Sec-WebSocket-Protocol", await other.HandshakeAsync($"/api/v1/ws/{task.Id}", "Sec-WebSocket-Protocol: other"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Compression_IsNeverAgreedOn()
    {
        var task = await HandTask.StartAsync(Api);
        await using var socket = await RawSocket.ConnectAsync(front.Address);
        var head = await socket.HandshakeAsync($"/api/v1/ws/{task.Id}", "Sec-WebSocket-Extensions: permessage-deflate");
        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Extensions", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_ATaskCreatedMeanwhileIsWatchedFromItsFirstEvent()
    {
        var id = "later_" + Guid.NewGuid().ToString("n");
        await using var viewer = await WebSocketViewer.WatchAsync(Api, id, "include_history=true&wait=30s");
        var first = viewer.NextAsync("the first message");
        await Api.CreateAsync(new { kind = "echo", task_id = id, input = new { count = 2, interval_ms = 0 } });
        Assert.Equal("connected", (await first)!.Type);
        await viewer.AssertClosedAsync(1000, "task_finished", "stop");
        Assert.Equal(1, viewer.Transcript.Events.First().Seq);
    }

    [Fact]
    public async Task Wait_NothingButPingsAndPongsComesBeforeConnected_AndCommandsAreAnsweredAfterIt()
    {
        var id = "later_" + Guid.NewGuid().ToString("n");
        await using var socket = await RawSocket.OpenAsync(front.Address, $"/api/v1/ws/{id}?wait=30s");
        await socket.FrameAsync(RawFrame.Ping, "hello"u8);
        var pong = await socket.NextAsync("the pong");
        Assert.Equal((RawFrame.Pong, "hello"), (pong!.Opcode, pong.Text));
        await socket.TextAsync("""{"type":"heartbeat","timestamp":1,"id":1}""");
        await socket.TextAsync("""{"type":"status","id":2}""");
        await socket.TextAsync("""{"type":"nonsense","id":3}""");
        await Api.CreateAsync(new { kind = HandTask.NewKind(), task_id = id });
        var first = new Message((await socket.NextAsync("the first message"))!.Text);
        Assert.Equal("connected", first.Type);
        await socket.UntilTextAsync("\"id\":3");
        var answers = socket.Frames.Where(frame => frame.Opcode == RawFrame.TextOpcode).Select(frame => new Message(frame.Text)).Where(message => message.Json.TryGetProperty("id", out _)).ToList();
        Assert.Equal(["heartbeat_ack", "current_status", "error"], answers.Select(answer => answer.Type));
        Assert.StartsWith(first.Text("epoch") + ":", answers[0].Text("cursor"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_WhenNobodyCreatesTheTask_4404()
    {
        await using var viewer = await WebSocketViewer.WatchAsync(Api, "never_" + Guid.NewGuid().ToString("n"), "wait=300ms");
        await viewer.AssertClosedAsync(4404, "task_not_found", "stop");
        Assert.Equal(["error", "closing"], viewer.Transcript.Controls);
    }

    [Fact]
    public async Task UnknownTask_TheUpgradeIsAccepted_ThenErrorClosing4404()
    {
        await using var viewer = await WebSocketViewer.WatchAsync(Api, "t_nosuchtask", "");
        await viewer.AssertClosedAsync(4404, "task_not_found", "stop");
        var error = viewer.Transcript.The("error");
        Assert.Equal(["error", "closing"], viewer.Transcript.Controls);
        Assert.Equal(("task_not_found", "stop"), (error.Text("code"), error.Text("retry")));
        Assert.True(error.Json.GetProperty("fatal").GetBoolean());
        Assert.NotEmpty(error.Text("message")!);
    }

    [Theory]
    [InlineData("/ws/{0}", "/api/v1/ws/{0}")]
    [InlineData("/api/ws/{0}", "/api/v1/ws/{0}")]
    [InlineData("/api/v2/ws/{0}?include_history=true", "/api/v1/ws/{0}")]
    [InlineData("/api/v1/ws/{0}/", "/api/v1/ws/{{task_id}}")]
    [InlineData("/api/v1/ws", "/api/v1/ws/{{task_id}}")]
    [InlineData("/", "/api/v1/ws/{{task_id}}")]
    [InlineData("/api/v1/tasks/{0}/events", "/api/v1/ws/{{task_id}}")]
    [InlineData("/healthz", "/api/v1/ws/{{task_id}}")]
    public async Task AnyOtherPath_4400_AndTheMessageNamesTheRightOne(string path, string right)
    {
        var id = "t_" + Guid.NewGuid().ToString("n");
        await using var viewer = await WebSocketViewer.OpenAsync(Api, string.Format(null, path, id));
        await viewer.AssertClosedAsync(4400, "no_such_path", "stop");
        Assert.Equal(["error", "closing"], viewer.Transcript.Controls);
        Assert.True(viewer.Transcript.The("error").Json.GetProperty("fatal").GetBoolean());
        Assert.Contains(string.Format(null, right, id), viewer.Transcript.The("error").Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("after=k3v9", "invalid_cursor", "after")]
    [InlineData("after=", "invalid_cursor", "after")]
    [InlineData("after=k3v9:-1", "invalid_cursor", "after")]
    [InlineData("after=k3v9:1&after=k3v9:2", "invalid_request", "after")]
    [InlineData("include_history=maybe", "invalid_request", "include_history")]
    [InlineData("compact=yes", "invalid_request", "compact")]
    [InlineData("batch=2", "invalid_request", "batch")]
    [InlineData("wait=31s", "invalid_request", "wait")]
    [InlineData("wait=5", "invalid_request", "wait")]
    [InlineData("session_id=", "invalid_request", "session_id")]
    [InlineData("session_id=%20", "invalid_request", "session_id")]
    [InlineData("session_id=%00", "invalid_request", "session_id")]
    [InlineData("session_id=s_1234%2F5", "invalid_request", "session_id")]
    public async Task ABadParameter_4400_AndTheErrorNamesIt(string query, string code, string field)
    {
        var task = await HandTask.QueueAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id, query);
        await viewer.AssertClosedAsync(4400, code, "stop");
        Assert.Equal(["error", "closing"], viewer.Transcript.Controls);
        Assert.Equal(field, viewer.Transcript.The("error").Text("field"));
    }

    [Fact]
    public async Task WithoutAnUpgrade_426_SaysWhatThisIs()
    {
        var reply = (await Api.GetAsync("/api/v1/ws/t_12345678")).IsProblem(HttpStatusCode.UpgradeRequired, "websocket_required");
        Assert.Contains("websocket", reply.Headers.Upgrade.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 12", 426)]
    [InlineData("Sec-WebSocket-Key: short", 400)]
    public async Task AMalformedOpening_IsAProblem(string header, int status)
    {
        await using var socket = await RawSocket.ConnectAsync(front.Address);
        var name = header[..header.IndexOf(':', StringComparison.Ordinal)];
        string[] lines = ["Host: localhost", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
        await socket.WriteAsync("GET /api/v1/ws/t_12345678 HTTP/1.1\r\n" + string.Join("\r\n", lines.Where(line => !line.StartsWith(name, StringComparison.Ordinal))) + $"\r\n{header}\r\n\r\n");
        var (answered, body) = await socket.AnswerAsync();
        Assert.Equal(status, answered);
        Assert.Equal("stop", JsonElement.Parse(body).GetProperty("retry").GetString());
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("http://localhost.evil.example", false)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("http://127.0.0.1:1", true)]
    [InlineData("http://app.localhost", true)]
    public async Task AForeignOrigin_4403_AndOneOnLoopbackIsWelcome(string origin, bool welcome)
    {
        var task = await HandTask.QueueAsync(Api);
        await using var viewer = await WebSocketViewer.OpenAsync(Api, $"/api/v1/ws/{task.Id}", options => options.SetRequestHeader("Origin", origin));
        if (welcome)
        {
            await viewer.UntilAsync("connected");
        }
        else
        {
            await viewer.AssertClosedAsync(4403, "origin_not_allowed", "stop");
        }
    }

    [Fact]
    public async Task TheTerminalEvent_ComesLast_HoweverItEnds()
    {
        var failed = await Api.EchoAsync(new { count = 3, interval_ms = 0, fail_at = 2, fail_times = 100 });
        await Api.PostAsync($"/api/v1/tasks/{failed}/cancel");
        await using var viewer = await WebSocketViewer.WatchAsync(Api, failed);
        await viewer.AssertClosedAsync(1000, "task_finished", "stop");
        Assert.Equal("cancelled", viewer.Transcript.Events.Last().Type);
    }
}
