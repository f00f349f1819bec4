using System.Text.Json;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 4: who is there, and who is not any more.</summary>
public sealed class Section4_WebSocket_Heartbeats
{
    private static readonly Dictionary<string, string> Short = new() { ["Front:HeartbeatInterval"] = "00:00:00.400" };

    /// <summary>Long enough for a peer that answers to be heard in time on a busy machine.</summary>
    private static readonly Dictionary<string, string> Steady = new() { ["Front:HeartbeatInterval"] = "00:00:02" };

    [Fact]
    public async Task TheServerPingsEveryInterval_AndAPeerThatAnswersStays()
    {
        await using var host = await EmbeddedFront.StartAsync(Steady);
        var task = await HandTask.StartAsync(host.Api);
        await using var socket = await RawSocket.OpenAsync(host.Address, $"/api/v1/ws/{task.Id}?include_history=true");
        Assert.Equal(2000, new Message((await socket.NextAsync("connected"))!.Text).Json.GetProperty("heartbeat_interval_ms").GetInt32());
        for (var i = 0; i < 3; i++)
        {
            var ping = await socket.UntilAsync($"ping {i + 1}", frame => frame.Opcode == RawFrame.Ping);
            await socket.FrameAsync(RawFrame.Pong, ping.Payload);
        }

        await Waiting.UntilAsync("the round trip is known", async () =>
            (await host.Api.GetAsync($"/api/v1/sessions?task_id={task.Id}"))["sessions"][0].GetProperty("rtt_ms").ValueKind == JsonValueKind.Number);
        await task.CompleteAsync();
        await socket.AssertClosedAsync(1000, "task_finished");
    }

    [Fact]
    public async Task APeerThatIsSilentForTwoIntervals_4508_ItsSessionOnly()
    {
        await using var host = await EmbeddedFront.StartAsync(Steady);
        var task = await HandTask.StartAsync(host.Api);
        await using var silent = await RawSocket.OpenAsync(host.Address, $"/api/v1/ws/{task.Id}?include_history=true");
        await using var alive = await WebSocketViewer.WatchAsync(host.Api, task.Id);
        var living = alive.ToEndAsync();
        var closing = await silent.AssertClosedAsync(4508, "heartbeat_missed");
        Assert.Equal("reconnect", closing.Text("retry"));
        await task.TokensAsync("on it goes");
        await task.CompleteAsync();
        Assert.Equal("task_finished", (await living).The("closing").Text("reason"));
    }

    [Fact]
    public async Task AnythingThatAPeerSays_ShowsThatItIsThere()
    {
        await using var host = await EmbeddedFront.StartAsync(Steady);
        var task = await HandTask.StartAsync(host.Api);
        await using var socket = await RawSocket.OpenAsync(host.Address, $"/api/v1/ws/{task.Id}?include_history=true");
        for (var i = 0; i < 3; i++)
        {
            await socket.UntilAsync("a ping, unanswered", frame => frame.Opcode == RawFrame.Ping);
            await socket.TextAsync($$"""{"type":"heartbeat","id":{{i}}}""");
        }

        await socket.UntilTextAsync("\"id\":2");
    }

    [Fact]
    public async Task APeerThatNeverReads_IsCutInTheEnd_AndTheTaskNeverNotices()
    {
        await using var host = await EmbeddedFront.StartAsync(Short);
        var task = await HandTask.StartAsync(host.Api);
        await using var deaf = await RawSocket.OpenAsync(host.Address, $"/api/v1/ws/{task.Id}?include_history=true", receiveBuffer: 4096);
        var session = new Message((await deaf.UntilTextAsync("connected")).Text).Text("session_id");
        for (var i = 0; i < 40; i++)
        {
            await task.TokensAsync(new string('x', 200_000));
        }

        await Waiting.UntilAsync("nobody watches any more", async () => (await host.Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32() == 0);
        await using var back = await WebSocketViewer.WatchAsync(host.Api, task.Id, $"session_id={session}");
        await back.UntilAsync("caught_up");
        Assert.Equal(4508, (await host.Api.GetAsync($"/api/v1/sessions/{session}"))["last_close_code"].GetInt32());
        await task.CompleteAsync();
        Assert.Equal(43, (await host.Api.LogAsync(task.Id)).Count);
        Assert.Empty(host.Log.Errors);
    }
}
