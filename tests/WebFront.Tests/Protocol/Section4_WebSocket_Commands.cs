using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 4: what a client may say, and what it hears.</summary>
public sealed class Section4_WebSocket_Commands(SharedFront front)
{
    private Api Api => front.Api;

    [Theory]
    [InlineData("1754907229768")]
    [InlineData("\"a string\"")]
    [InlineData("-1.5")]
    public async Task Heartbeat_IsAcknowledgedWithItsTimestamp_TheCursorSent_AndTheHead(string timestamp)
    {
        var task = await HandTask.StartAsync(Api);
        await task.TokensAsync("a", "b");
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.UntilAsync("caught_up");
        var ack = await viewer.AskAsync($$"""{"type":"heartbeat","timestamp":{{timestamp}},"id":7}""", 7);
        Assert.Equal(["type", "timestamp", "server_time", "cursor", "last_seq", "id"], ack.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("heartbeat_ack", timestamp), (ack.Type, ack.Json.GetProperty("timestamp").GetRawText()));
        Assert.Equal($"{viewer.Transcript.The("connected").Text("epoch")}:4", ack.Text("cursor"));
        Assert.Equal(4, ack.Json.GetProperty("last_seq").GetInt64());
    }

    [Fact]
    public async Task Heartbeat_WithoutTimestampOrId_IsAcknowledgedWithout()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.SendTextAsync("""{"type":"heartbeat"}""");
        var ack = await viewer.UntilAsync("heartbeat_ack");
        Assert.False(ack.Json.TryGetProperty("timestamp", out _) || ack.Json.TryGetProperty("id", out _));
    }

    [Fact]
    public async Task Ack_IsAnsweredOk()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        Assert.Equal("""{"type":"ok","id":3}""", (await viewer.AskAsync("""{"type":"ack","cursor":"k3v9:40","id":3}""", 3)).Raw);
    }

    [Fact]
    public async Task Status_IsAnsweredWithCurrentStatus()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.UntilAsync("caught_up");
        await task.TokensAsync("a");
        var status = await viewer.AskAsync("""{"type":"status","id":1}""", 1);
        Assert.Equal(("current_status", "running", 3), (status.Type, status.Text("status"), status.Json.GetProperty("last_seq").GetInt32()));
    }

    [Fact]
    public async Task Cancel_IsAnsweredOk_AndTheTaskIsCancelled_ForEveryViewer()
    {
        var task = await Api.EchoAsync(new { count = 1000, interval_ms = 100 });
        await using var other = await SseViewer.WatchAsync(Api, task);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task);
        await viewer.SendTextAsync("""{"type":"cancel","reason":"enough","id":"c"}""");
        await viewer.AssertClosedAsync(1000, "task_finished", "stop");
        Assert.Equal("""{"type":"ok","id":"c"}""", viewer.Transcript.The("ok").Raw);
        var end = (await other.ToEndAsync()).Events.Last();
        Assert.Equal(("cancelled", "enough", "anonymous"), (end.Type, end.Data.GetProperty("reason").GetString(), end.Data.GetProperty("by").GetString()));
    }

    [Fact]
    public async Task Review_IsAnsweredOk_TheSameAgainOk_AnotherOneIsAnError_AndTheStreamGoesOn()
    {
        var task = await HandTask.StartAsync(Api);
        await task.CallAsync("reviews", new { lease = task.Lease, key = "k", prompt = "Well?", payload = new { a = 1 } });
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        var review = (await viewer.UntilAsync("review_required")).Data.GetProperty("review_id").GetString();
        Assert.Equal("ok", (await viewer.AskAsync($$$"""{"type":"review","review_id":"{{{review}}}","decision":"revise","comment":"so","edits":{"x":[1]},"id":1}""", 1)).Type);
        Assert.Equal("ok", (await viewer.AskAsync($$$"""{"type":"review","review_id":"{{{review}}}","decision":"revise","comment":"so","edits":{"x":[1]},"id":2}""", 2)).Type);
        var other = await viewer.AskAsync($$"""{"type":"review","review_id":"{{review}}","decision":"approve","id":3}""", 3);
        Assert.Equal(("error", "review_not_pending"), (other.Type, other.Text("code")));
        Assert.False(other.Json.GetProperty("fatal").GetBoolean());
        await task.CompleteAsync();
        await viewer.AssertClosedAsync(1000, "task_finished", "stop");
        var resolved = viewer.Transcript.Events.Single(one => one.Type == "review_resolved").Data;
        Assert.Equal(("revise", "so", """{"x":[1]}""", "anonymous"), (resolved.GetProperty("decision").GetString(), resolved.GetProperty("comment").GetString(), resolved.GetProperty("edits").GetRawText(), resolved.GetProperty("by").GetString()));
    }

    [Fact]
    public async Task Bye_ClosesWith1000_AndStops()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.UntilAsync("caught_up");
        await viewer.SendTextAsync("""{"type":"bye"}""");
        await viewer.AssertClosedAsync(1000, "bye", "stop");
    }

    [Theory]
    [InlineData("\"" + Sixty4 + "\"")]
    [InlineData("0")]
    [InlineData("-9007199254740991")]
    [InlineData("\"\"")]
    public async Task AnId_StringUpTo64OrInteger_ComesBack(string id)
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.SendTextAsync($$"""{"type":"heartbeat","id":{{id}}}""");
        Assert.Equal(id, (await viewer.UntilAsync("heartbeat_ack")).Json.GetProperty("id").GetRawText());
    }

    [Theory]
    [InlineData("not json", "invalid_json", null)]
    [InlineData("", "invalid_json", null)]
    [InlineData("{\"type\":\"heartbeat\"", "invalid_json", null)]
    [InlineData("{\"type\":\"heartbeat\"} {}", "invalid_json", null)]
    [InlineData("{\"type\":\"heartbeat\",\"type\":\"bye\"}", "invalid_json", null)]
    [InlineData("{\"type\":\"cancel\",\"reason\":\"\\ud800\"}", "invalid_json", null)]
    [InlineData("{'type':'heartbeat'}", "invalid_json", null)]
    [InlineData("[]", "invalid_command", null)]
    [InlineData("null", "invalid_command", null)]
    [InlineData("7", "invalid_command", null)]
    [InlineData("\"heartbeat\"", "invalid_command", null)]
    [InlineData("{}", "invalid_command", "type")]
    [InlineData("{\"type\":null}", "invalid_command", "type")]
    [InlineData("{\"type\":7}", "invalid_command", "type")]
    [InlineData("{\"type\":\"nonsense\"}", "unknown_command", "type")]
    [InlineData("{\"type\":\"Heartbeat\"}", "unknown_command", "type")]
    [InlineData("{\"type\":\"heartbeat\",\"id\":true}", "invalid_command", "id")]
    [InlineData("{\"type\":\"heartbeat\",\"id\":1.5}", "invalid_command", "id")]
    [InlineData("{\"type\":\"heartbeat\",\"id\":{}}", "invalid_command", "id")]
    [InlineData("{\"type\":\"heartbeat\",\"id\":\"" + Sixty4 + "5\"}", "invalid_command", "id")]
    [InlineData("{\"type\":\"heartbeat\",\"timestamp\":{}}", "invalid_command", "timestamp")]
    [InlineData("{\"type\":\"ack\"}", "invalid_command", "cursor")]
    [InlineData("{\"type\":\"ack\",\"cursor\":7}", "invalid_command", "cursor")]
    [InlineData("{\"type\":\"ack\",\"cursor\":\"7\"}", "invalid_cursor", "cursor")]
    [InlineData("{\"type\":\"cancel\",\"reason\":7}", "invalid_command", "reason")]
    [InlineData("{\"type\":\"review\"}", "invalid_command", "decision")]
    [InlineData("{\"type\":\"review\",\"review_id\":\"r_1\",\"decision\":\"maybe\"}", "invalid_command", "decision")]
    [InlineData("{\"type\":\"review\",\"decision\":\"approve\"}", "invalid_command", "review_id")]
    [InlineData("{\"type\":\"review\",\"review_id\":\"r_1\",\"decision\":\"approve\",\"comment\":[]}", "invalid_command", "comment")]
    [InlineData("{\"type\":\"review\",\"review_id\":\"r_1\",\"decision\":\"approve\"}", "review_not_pending", "review_id")]
    public async Task ABadCommand_GetsExactlyOneErrorThatIsNotFatal_AndTheStreamGoesOn(string command, string code, string? field)
    {
        var task = await HandTask.StartAsync(Api);
        await using var bystander = await WebSocketViewer.WatchAsync(Api, task.Id);
        await bystander.UntilAsync("caught_up");
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.UntilAsync("caught_up");
        await viewer.SendTextAsync(command);
        await viewer.AskAsync("""{"type":"status","id":99}""", 99);
        await task.TokensAsync("on it goes");
        await task.CompleteAsync();
        await viewer.AssertClosedAsync(1000, "task_finished", "stop");
        var error = Assert.Single(viewer.Transcript.Messages, message => message.Type == "error");
        Assert.Equal((code, field), (error.Text("code"), error.Text("field")));
        Assert.False(error.Json.GetProperty("fatal").GetBoolean());
        Assert.Equal("stop", error.Text("retry"));
        Assert.NotEmpty(error.Text("message")!);
        await bystander.ToEndAsync();
        Assert.Equal(["connected", "current_status", "caught_up", "closing"], bystander.Transcript.Controls);
    }

    [Fact]
    public async Task AnError_CarriesTheIdOfItsCommand()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        Assert.Equal("unknown_command", (await viewer.AskAsync("""{"type":"dance","id":41}""", 41)).Text("code"));
        Assert.Equal("invalid_cursor", (await viewer.AskAsync("""{"type":"ack","cursor":"","id":42}""", 42)).Text("code"));
    }

    [Fact]
    public async Task DeeplyNestedJson_IsRefused_WhereverItStands()
    {
        var task = await HandTask.StartAsync(Api);
        await task.CallAsync("reviews", new { lease = task.Lease, key = "k", prompt = "Well?" });
        var review = (await Api.SnapshotAsync(task.Id)).GetProperty("pending_review").GetProperty("review_id").GetString();
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        var error = viewer.UntilAsync("error");
        var nested = new string('[', 63) + new string(']', 63);
        await viewer.SendTextAsync($$"""{"type":"review","review_id":"{{review}}","decision":"revise","edits":{{nested}}}""");
        Assert.Equal("invalid_json", (await error).Text("code"));
        Assert.Equal("awaiting_review", await Api.StatusAsync(task.Id));
    }

    [Fact]
    public async Task FiftyCommandsAtOnce_AreAllAnswered_InTheirOrder()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.UntilAsync("caught_up");
        for (var i = 0; i < 50; i++)
        {
            await viewer.SendTextAsync($$"""{"type":"heartbeat","id":{{i}}}""");
        }

        await viewer.UntilAsync("the fiftieth answer", message => message.Json.TryGetProperty("id", out var id) && id.GetInt32() == 49);
        Assert.Equal(Enumerable.Range(0, 50), viewer.Transcript.Messages.Where(message => message.Type == "heartbeat_ack").Select(message => message.Json.GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task TooManyCommands_4529_WithAWait_AndNobodyElseNotices()
    {
        var task = await HandTask.StartAsync(Api);
        await using var bystander = await WebSocketViewer.WatchAsync(Api, task.Id);
        await using var flooder = await RawSocket.OpenAsync(front.Address, $"/api/v1/ws/{task.Id}?include_history=true");
        for (var i = 0; i < 400; i++)
        {
            await flooder.TextAsync($$"""{"type":"heartbeat","id":{{i}}}""");
        }

        var closing = await flooder.AssertClosedAsync(4529, "too_fast");
        Assert.Equal("reconnect", closing.Text("retry"));
        Assert.True(closing.Json.GetProperty("retry_after_ms").GetInt64() > 0);
        await bystander.UntilAsync("caught_up");
        await task.CompleteAsync();
        await bystander.AssertClosedAsync(1000, "task_finished", "stop");
    }

    private const string Sixty4 = "1234567890123456789012345678901234567890123456789012345678901234";
}
