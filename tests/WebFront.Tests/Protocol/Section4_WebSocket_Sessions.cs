using System.Net;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 4: sessions, take-over, grace; and what REST shows of them.</summary>
public sealed class Section4_WebSocket_Sessions(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task Connected_IsSentWhenRestCanFindTheSession()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.UntilAsync("connected");
        var session = (await Api.GetAsync($"/api/v1/sessions/{viewer.SessionId}")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(
            ["session_id", "task_id", "transport", "front", "connected_at", "connected", "cursor", "lag", "rtt_ms", "reconnects", "last_close_code"],
            session.EnumerateObject().Select(member => member.Name));
        Assert.Equal((viewer.SessionId, task.Id, "ws"), (session.GetProperty("session_id").GetString(), session.GetProperty("task_id").GetString(), session.GetProperty("transport").GetString()));
        var list = (await Api.GetAsync($"/api/v1/sessions?task_id={task.Id}")).Is(HttpStatusCode.OK)["sessions"];
        Assert.Equal(viewer.SessionId, Assert.Single(list.EnumerateArray()).GetProperty("session_id").GetString());
    }

    [Fact]
    public async Task ASession_ShowsWhatItWasSent_AndHowFarBehindItIs()
    {
        var task = await HandTask.StartAsync(Api);
        await task.TokensAsync("a");
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.UntilAsync("caught_up");
        var session = (await Api.GetAsync($"/api/v1/sessions/{viewer.SessionId}")).Json;
        Assert.EndsWith(":3", session.GetProperty("cursor").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, session.GetProperty("lag").GetInt64());
    }

    [Fact]
    public async Task GivenAgainWhileConnected_ItIsResumed_AndTheOldSocketIsClosedWith4409()
    {
        var task = await HandTask.StartAsync(Api);
        await using var first = await WebSocketViewer.WatchAsync(Api, task.Id);
        await first.UntilAsync("caught_up");
        await using var second = await WebSocketViewer.WatchAsync(Api, task.Id, $"include_history=true&session_id={first.SessionId}");
        var connected = await second.UntilAsync("connected");
        Assert.True(connected.Json.GetProperty("resumed").GetBoolean());
        Assert.Equal(first.SessionId, second.SessionId);
        await first.AssertClosedAsync(4409, "taken_over", "stop");
        await second.UntilAsync("caught_up");
        await task.TokensAsync("a");
        await second.UntilSeqAsync(3);
        var session = (await Api.GetAsync($"/api/v1/sessions/{first.SessionId}")).Json;
        Assert.Equal((1, 4409, true), (session.GetProperty("reconnects").GetInt32(), session.GetProperty("last_close_code").GetInt32(), session.GetProperty("connected").GetBoolean()));
        Assert.Equal(1, (await Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32());
    }

    [Fact]
    public async Task GivenAgainOverAnotherTransport_ItIsTakenOverThere()
    {
        var task = await HandTask.StartAsync(Api);
        await using var first = await WebSocketViewer.WatchAsync(Api, task.Id);
        await first.UntilAsync("caught_up");
        await using var second = await SseViewer.WatchAsync(Api, task.Id, $"session_id={first.SessionId}");
        Assert.True((await second.UntilAsync("connected")).Json.GetProperty("resumed").GetBoolean());
        await first.AssertClosedAsync(4409, "taken_over", "stop");
        Assert.Equal("sse", (await Api.GetAsync($"/api/v1/sessions/{first.SessionId}"))["transport"].GetString());
    }

    [Fact]
    public async Task GivenAgainAfterACut_ItIsResumed_AndRemembersHowItWasClosed()
    {
        var task = await HandTask.StartAsync(Api);
        await using var first = await WebSocketViewer.WatchAsync(Api, task.Id);
        await first.UntilAsync("caught_up");
        first.Cut();
        await Waiting.UntilAsync("the session is in its grace period", async () => !(await Api.GetAsync($"/api/v1/sessions/{first.SessionId}"))["connected"].GetBoolean());
        Assert.Empty((await Api.GetAsync($"/api/v1/sessions?task_id={task.Id}"))["sessions"].EnumerateArray());
        await using var second = await WebSocketViewer.WatchAsync(Api, task.Id, $"session_id={first.SessionId}");
        Assert.True((await second.UntilAsync("connected")).Json.GetProperty("resumed").GetBoolean());
        var session = (await Api.GetAsync($"/api/v1/sessions/{first.SessionId}")).Json;
        Assert.Equal((1, 1006), (session.GetProperty("reconnects").GetInt32(), session.GetProperty("last_close_code").GetInt32()));
    }

    [Fact]
    public async Task ItNeverSuppliesACursor_WithoutAfterItIsLiveOnly()
    {
        var task = await HandTask.StartAsync(Api);
        await using var first = await WebSocketViewer.WatchAsync(Api, task.Id, "");
        await first.UntilAsync("caught_up");
        first.Cut();
        await task.TokensAsync("missed");
        await using var second = await WebSocketViewer.WatchAsync(Api, task.Id, $"session_id={first.SessionId}");
        await second.UntilAsync("caught_up");
        Assert.True(second.Transcript.The("connected").Json.GetProperty("resumed").GetBoolean());
        await task.TokensAsync("seen");
        Assert.Equal("seen", (await second.UntilSeqAsync(4)).Data.GetProperty("delta").GetString());
        Assert.Single(second.Transcript.Events);
    }

    [Fact]
    public async Task GivenForAnotherTask_ANewOneIsMade_AndTheFirstIsLeftAlone()
    {
        var (one, two) = (await HandTask.StartAsync(Api), await HandTask.StartAsync(Api));
        await using var first = await WebSocketViewer.WatchAsync(Api, one.Id);
        await first.UntilAsync("caught_up");
        await using var second = await WebSocketViewer.WatchAsync(Api, two.Id, $"session_id={first.SessionId}");
        Assert.False((await second.UntilAsync("connected")).Json.GetProperty("resumed").GetBoolean());
        Assert.NotEqual(first.SessionId, second.SessionId);
        await first.AskAsync("""{"type":"heartbeat","id":1}""", 1);
        Assert.Equal(one.Id, (await Api.GetAsync($"/api/v1/sessions/{first.SessionId}"))["task_id"].GetString());
    }

    [Fact]
    public async Task AMadeUpSession_IsNotAccepted_ANewOneIsMade()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id, "session_id=s_1234567890123456789012");
        Assert.False((await viewer.UntilAsync("connected")).Json.GetProperty("resumed").GetBoolean());
        Assert.NotEqual("s_1234567890123456789012", viewer.SessionId);
        (await Api.GetAsync("/api/v1/sessions/s_1234567890123456789012")).IsProblem(HttpStatusCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task AfterTheGracePeriod_TheSessionIsGone_AndANewOneIsMade()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Sessions:Grace"] = "00:00:00.200" });
        var task = await HandTask.StartAsync(host.Api);
        await using var first = await WebSocketViewer.WatchAsync(host.Api, task.Id);
        await first.UntilAsync("caught_up");
        first.Cut();
        await Waiting.UntilAsync("the session is gone", async () => (await host.Api.GetAsync($"/api/v1/sessions/{first.SessionId}")).Status == HttpStatusCode.NotFound);
        await using var second = await WebSocketViewer.WatchAsync(host.Api, task.Id, $"session_id={first.SessionId}");
        Assert.False((await second.UntilAsync("connected")).Json.GetProperty("resumed").GetBoolean());
        Assert.NotEqual(first.SessionId, second.SessionId);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task TheList_IsNewestFirst_AndPaged()
    {
        var task = await HandTask.StartAsync(Api);
        var viewers = new List<WebSocketViewer>();
        for (var i = 0; i < 5; i++)
        {
            viewers.Add(await WebSocketViewer.WatchAsync(Api, task.Id));
            await viewers[^1].UntilAsync("connected");
        }

        List<string> listed = [];
        string? cursor = null;
        var pages = 0;
        do
        {
            var page = (await Api.GetAsync($"/api/v1/sessions?task_id={task.Id}&limit=2" + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor)))).Is(HttpStatusCode.OK);
            listed.AddRange(page["sessions"].EnumerateArray().Select(session => session.GetProperty("session_id").GetString()!));
            cursor = page["next_cursor"].GetString();
            pages++;
        }
        while (cursor is not null);
        Assert.Equal(3, pages);
        Assert.Equal(viewers.Select(viewer => viewer.SessionId).Reverse(), listed);
        foreach (var viewer in viewers)
        {
            await viewer.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("limit=0", "invalid_request", "limit")]
    [InlineData("limit=501", "invalid_request", "limit")]
    [InlineData("cursor=nonsense", "invalid_cursor", "cursor")]
    [InlineData("cursor=OTk5OTk5OTk5OTk5OTk5OTk5OXxh", "invalid_cursor", "cursor")]
    [InlineData("task_id=", "invalid_request", "task_id")]
    public async Task TheList_RefusesABadParameter(string query, string code, string field) =>
        (await Api.GetAsync("/api/v1/sessions?" + query)).IsProblem(HttpStatusCode.BadRequest, code, field);

    [Theory]
    [InlineData("%20")]
    [InlineData("nobody")]
    [InlineData("s_%2F%2E%2E")]
    [InlineData("%E2%98%83")]
    public async Task AnUnknownSession_404(string id) => (await Api.GetAsync($"/api/v1/sessions/{id}")).IsProblem(HttpStatusCode.NotFound, "session_not_found");

    [Fact]
    public async Task Cleanup_EndsTheSessionAtOnce_AndANewOneIsMadeAfterwards()
    {
        var task = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id);
        await viewer.UntilAsync("caught_up");
        var reply = (await Api.PostAsync("/api/v1/cleanup", new { session_id = viewer.SessionId })).Is(HttpStatusCode.OK);
        Assert.True(reply["success"].GetBoolean());
        Assert.NotEmpty(reply["message"].GetString()!);
        await viewer.AssertClosedAsync(1000, "cleaned_up", "stop");
        (await Api.GetAsync($"/api/v1/sessions/{viewer.SessionId}")).IsProblem(HttpStatusCode.NotFound, "session_not_found");
        await using var second = await WebSocketViewer.WatchAsync(Api, task.Id, $"session_id={viewer.SessionId}");
        Assert.False((await second.UntilAsync("connected")).Json.GetProperty("resumed").GetBoolean());
    }

    [Theory]
    [InlineData("/api/v1/cleanup", "")]
    [InlineData("/api/v1/cleanup", "not json")]
    [InlineData("/api/v1/cleanup", "{\"session_id\":7}")]
    [InlineData("/api/v1/cleanup", "{\"session_id\":\"s_unknown\"}")]
    [InlineData("/api/v1/cleanup", "{\"session_id\":\" \"}")]
    [InlineData("/api/v1/cleanup", "{\"session_id\":\"\"}")]
    [InlineData("/api/v1/cleanup", "{\"agent\":\"x\",\"timestamp\":1754907229768}")]
    [InlineData("/api/v1/cleanup", "[\"\\ud800\"]")]
    [InlineData("/api/cleanup", "{\"agent\":\"x\"}")]
    public async Task Cleanup_IsAlways200_WhateverItIsSent(string path, string body)
    {
        foreach (var type in new[] { "text/plain;charset=UTF-8", "application/json", "application/octet-stream", "multipart/form-data; boundary=x" })
        {
            using var request = Api.Request(HttpMethod.Post, path, body, ("Origin", "https://elsewhere.example"));
            request.Content!.Headers.Remove("Content-Type");
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            using var response = await Api.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("\"success\":true", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cleanup_WithABodyThatIsTooLarge_IsStill200() =>
        (await Api.PostAsync("/api/v1/cleanup", new string('x', 200_000))).Is(HttpStatusCode.OK);
}
