using System.Net;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Invariants;

/// <summary>A front takes so many viewers and waiting workers, whichever way they come, and tells the others when to come back.</summary>
public sealed class CapacityTests
{
    [Fact]
    public async Task ALongPoll_TakesAViewersPlace_AndIts503SaysWhenToComeBack()
    {
        await using var host = await FrontForAsync(1);
        var task = await HandTask.StartAsync(host.Api);
        (await PollAsync(host, task.Id, "wait=10ms&session_id=first")).Is(HttpStatusCode.OK);
        (await PollAsync(host, task.Id, "wait=10ms&session_id=another")).IsProblem(HttpStatusCode.ServiceUnavailable, "too_many_sessions", retry: "reconnect");
        await using var socket = await WebSocketViewer.WatchAsync(host.Api, task.Id);
        await socket.AssertClosedAsync(1013, "too_many_sessions", "reconnect");

        // Who was let in keeps the place between two polls, and a page without waiting is no viewer.
        (await PollAsync(host, task.Id, "wait=10ms&session_id=first")).Is(HttpStatusCode.OK);
        (await PollAsync(host, task.Id, "")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task PollsOfOneViewerAtOnce_TakeAPlaceEach_AndGiveThemBack()
    {
        await using var host = await FrontForAsync(2, ("Front:PollLinger", "00:00:00.100"));
        var task = await HandTask.StartAsync(host.Api);
        var cursor = (await host.Api.SnapshotAsync(task.Id)).GetProperty("epoch").GetString() + ":2";
        Task<Reply> WaitAsync() => PollAsync(host, task.Id, "wait=30s&session_id=s&after=" + cursor);
        var first = WaitAsync();
        await Waiting.UntilAsync("the first poll waits", async () => (await host.Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32() == 1);
        var second = WaitAsync();
        await Waiting.UntilAsync("there is no room for a third poll", async () =>
        {
            // Where the third came before the second, that one was refused.
            second = second.IsCompleted ? WaitAsync() : second;
            var third = await PollAsync(host, task.Id, "wait=1ms&session_id=s&after=" + cursor);
            return third.Status == HttpStatusCode.ServiceUnavailable && !second.IsCompleted;
        });
        await task.TokensAsync("news");
        Assert.All(await Task.WhenAll(first, second), page => Assert.Equal(HttpStatusCode.OK, page.Status));
        await Waiting.UntilAsync("both places are free again", async () =>
        {
            await using var one = await WebSocketViewer.WatchAsync(host.Api, task.Id);
            await using var two = await WebSocketViewer.WatchAsync(host.Api, task.Id);
            return (await one.NextAsync("the first message"))!.Type == "connected" && (await two.NextAsync("the first message"))!.Type == "connected";
        });
    }

    [Fact]
    public async Task ThePageOfAFinishedTask_NeedsNoPlace_HoweverLongItWouldWait()
    {
        await using var host = await FrontForAsync(0);
        var task = await HandTask.StartAsync(host.Api);
        await task.CompleteAsync();
        Assert.Equal(3, (await PollAsync(host, task.Id, "wait=30s")).Is(HttpStatusCode.OK)["events"].GetArrayLength());
    }

    [Fact]
    public async Task AViewerThatWaitsForATaskToBeCreated_HasItsPlaceAlready()
    {
        await using var host = await FrontForAsync(1);
        await using var early = await WebSocketViewer.WatchAsync(host.Api, "not-created-yet", "wait=30s");
        await using var late = await WebSocketViewer.WatchAsync(host.Api, "not-created-yet", "wait=30s");
        await late.AssertClosedAsync(1013, "too_many_sessions", "reconnect");
        await host.Api.CreateAsync(new { kind = "echo", task_id = "not-created-yet", input = new { count = 1 } });
        Assert.Equal("connected", (await early.NextAsync("the greeting"))!.Type);
    }

    [Theory]
    [InlineData("/api/v1/tasks/stream")]
    [InlineData("/api/v1/monitor/stream")]
    public async Task ALiveStream_TakesAViewersPlace_AndIsRefusedInside_AsAStatusWouldEndAnEventSource(string path)
    {
        await using var host = await FrontForAsync(1);
        await using (var first = await SseViewer.TryWatchAsync(host.Api, path))
        {
            await first!.NextAsync("the first message");
            await using var second = await SseViewer.TryWatchAsync(host.Api, path);
            await second!.ToEndAsync();
            Assert.Equal(["refused", "closing"], second.Transcript.Controls);
            Assert.Equal(("too_many_sessions", "reconnect"), (second.Transcript.The("refused").Text("code"), second.Transcript.The("refused").Text("retry")));
            Assert.Equal($"{second.Transcript.The("closing").Json.GetProperty("retry_after_ms").GetInt64()}", second.Blocks[^1].Retry);
        }

        await Waiting.UntilAsync("there is room again", async () =>
        {
            await using var third = await SseViewer.TryWatchAsync(host.Api, path);
            return (await third!.NextAsync("the first message"))!.Type is "snapshot" or "monitor";
        });
    }

    [Fact]
    public async Task WorkersThatWait_AreCounted_AndWhoFindsATaskNeedNotWait()
    {
        await using var host = await FrontForAsync(0, ("Front:MaxWaitingWorkers", "1"));
        var (kind, other) = (HandTask.NewKind(), HandTask.NewKind());
        var first = LeaseAsync(host, kind, "30s");
        await Waiting.UntilAsync("there is no room for another worker", async () =>
        {
            // The question itself takes the place for a moment, and the first one may come in that moment.
            first = first.IsCompleted ? LeaseAsync(host, kind, "30s") : first;
            return (await LeaseAsync(host, other, "1ms")).Status == HttpStatusCode.ServiceUnavailable && !first.IsCompleted;
        });
        (await LeaseAsync(host, other, "1ms")).IsProblem(HttpStatusCode.ServiceUnavailable, "too_many_sessions", retry: "reconnect");
        (await LeaseAsync(host, other, "0s")).Is(HttpStatusCode.NoContent);
        await host.Api.CreateAsync(new { kind = other });
        (await LeaseAsync(host, other, "1ms")).Is(HttpStatusCode.OK);
        await host.Api.CreateAsync(new { kind });
        (await first).Is(HttpStatusCode.OK);
        await Waiting.UntilAsync("there is room again", async () => (await LeaseAsync(host, other, "1ms")).Status == HttpStatusCode.NoContent);
    }

    private static Task<EmbeddedFront> FrontForAsync(int viewers, params (string Name, string Value)[] options) => EmbeddedFront.StartAsync(
        options.Append(("Front:MaxSessions", $"{viewers}")).ToDictionary(option => option.Item1, option => option.Item2, StringComparer.Ordinal));

    private static Task<Reply> PollAsync(EmbeddedFront host, string task, string query) => host.Api.GetAsync($"/api/v1/tasks/{task}/events?{query}");

    private static Task<Reply> LeaseAsync(EmbeddedFront host, string kind, string wait) =>
        host.Api.PostAsync("/api/v1/workers/lease", new { worker_id = "w", kinds = new[] { kind }, wait });
}
