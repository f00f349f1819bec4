using System.Net;
using System.Text.Json;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 1: what a task is, and what its snapshot shows.</summary>
public sealed class Section1_Task(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task TheSnapshot_HasEveryMember_WhateverTheStatus()
    {
        var task = await HandTask.QueueAsync(Api, """ "labels":{"user":"u1"} """);
        var queued = await Api.SnapshotAsync(task.Id);
        Assert.Equal(
            [
                "task_id", "kind", "status", "progress", "epoch", "first_seq", "last_seq", "attempt", "max_attempts", "created_at", "started_at", "updated_at", "finished_at",
                "owner", "silo", "labels", "viewers", "on_disconnect", "retry_of", "pending_review", "error", "links",
            ],
            Names(queued));
        Assert.Equal(["percent", "stage", "message", "current", "total"], Names(queued.GetProperty("progress")));
        Assert.Equal(
            $$"""{"self":"/api/v1/tasks/{{task.Id}}","events":"/api/v1/tasks/{{task.Id}}/events","ws":"/api/v1/ws/{{task.Id}}","result":"/api/v1/tasks/{{task.Id}}/result"}""",
            queued.GetProperty("links").GetRawText());
        Assert.Equal(("queued", 1, 1, 1, 3), (queued.GetProperty("status").GetString(), queued.GetProperty("first_seq").GetInt32(), queued.GetProperty("last_seq").GetInt32(),
            queued.GetProperty("attempt").GetInt32(), queued.GetProperty("max_attempts").GetInt32()));
        Assert.Equal(("anonymous", """{"user":"u1"}""", """{"policy":"continue"}"""), (queued.GetProperty("owner").GetString(), queued.GetProperty("labels").GetRawText(), queued.GetProperty("on_disconnect").GetRawText()));
        Assert.Matches(Patterns.Epoch, queued.GetProperty("epoch").GetString());
        Assert.Matches(Patterns.Time, queued.GetProperty("created_at").GetString());
        Assert.Equal(["null", "null"], new[] { "started_at", "finished_at" }.Select(name => queued.GetProperty(name).GetRawText()));

        await task.LeaseAsync();
        var running = await Api.SnapshotAsync(task.Id);
        Assert.Equal(Names(queued), Names(running));
        Assert.Equal(("running", 2), (running.GetProperty("status").GetString(), running.GetProperty("last_seq").GetInt32()));
        Assert.Matches(Patterns.Time, running.GetProperty("started_at").GetString());
        Assert.Contains(':', running.GetProperty("silo").GetString()!);

        await task.CompleteAsync();
        var completed = await Api.SnapshotAsync(task.Id);
        Assert.Equal(Names(queued), Names(completed));
        Assert.Equal("completed", completed.GetProperty("status").GetString());
        Assert.Matches(Patterns.Time, completed.GetProperty("finished_at").GetString());
        Assert.Equal(queued.GetProperty("epoch").GetString(), completed.GetProperty("epoch").GetString());
    }

    [Fact]
    public async Task TheSnapshot_ShowsProgress_AsItWasToldLast()
    {
        var task = await HandTask.StartAsync(Api);
        await task.AppendAsync(new { type = "progress", data = new { percent = 40.5, stage = "tokens", message = "on it", current = 40, total = 100 } });
        Assert.Equal("""{"percent":40.5,"stage":"tokens","message":"on it","current":40,"total":100}""", (await Api.SnapshotAsync(task.Id)).GetProperty("progress").GetRawText());
    }

    [Fact]
    public async Task AFailedTask_ShowsWhy_AsCodeMessageRetryable()
    {
        var task = await HandTask.StartAsync(Api);
        await task.CallAsync("fail", new { lease = task.Lease, error = new { code = "no_luck", message = "it rained", retryable = false } });
        var snapshot = await Api.SnapshotAsync(task.Id);
        Assert.Equal("failed", snapshot.GetProperty("status").GetString());
        Assert.Equal("""{"code":"no_luck","message":"it rained","retryable":false}""", snapshot.GetProperty("error").GetRawText());
    }

    [Fact]
    public async Task AnAttemptThatWillBeTriedAgain_GoesBackToQueued_WithTheNextAttempt()
    {
        var task = await HandTask.StartAsync(Api);
        await task.FailAsync(retryable: true);
        var snapshot = await Api.SnapshotAsync(task.Id);
        Assert.Equal(("queued", 2), (snapshot.GetProperty("status").GetString(), snapshot.GetProperty("attempt").GetInt32()));
        var retrying = (await Api.LogAsync(task.Id))[^1];
        Assert.Equal(("retrying", 2, "broken", 2), (retrying.Type, retrying.Data.GetProperty("attempt").GetInt32(), retrying.Data.GetProperty("reason").GetString(), retrying.Data.GetProperty("supersedes_after").GetInt32()));
        Assert.InRange(retrying.Data.GetProperty("delay_ms").GetInt64(), 800, 1200);
        await task.LeaseAsync();
        Assert.Equal(2, task.Leased.GetProperty("attempt").GetInt32());
        Assert.Equal(("started", 2), ((await Api.LogAsync(task.Id))[^1].Type, (await Api.LogAsync(task.Id))[^1].Data.GetProperty("attempt").GetInt32()));
    }

    [Fact]
    public async Task WhenAllAttemptsHaveFailed_TheTaskHas()
    {
        var task = await HandTask.StartAsync(Api, """ "max_attempts":2 """);
        await task.FailAsync(retryable: true);
        await task.LeaseAsync();
        await task.FailAsync(retryable: true);
        Assert.Equal(["created", "started", "retrying", "started", "failed"], (await Api.LogAsync(task.Id)).Select(one => one.Type));
    }

    [Fact]
    public async Task Viewers_CountsOpenConnectionsOfEveryTransport_AndNoneInItsGracePeriod()
    {
        var task = await HandTask.StartAsync(Api);
        var last = $"{(await Api.SnapshotAsync(task.Id)).GetProperty("epoch").GetString()}:2";
        await using var socket = await WebSocketViewer.WatchAsync(Api, task.Id);
        await socket.UntilAsync("caught_up");
        Assert.Equal(1, await ViewersAsync(task.Id));
        await using var stream = await SseViewer.WatchAsync(Api, task.Id);
        await stream.UntilAsync("caught_up");
        Assert.Equal(2, await ViewersAsync(task.Id));
        await using var poll = PollViewer.Watch(Api, task.Id, last);
        var next = poll.UntilSeqAsync(3);
        await Waiting.UntilAsync("the poll counts", async () => await ViewersAsync(task.Id) == 3);
        stream.Cut();
        socket.Cut();
        await Waiting.UntilAsync("the two that were cut do not count", async () => await ViewersAsync(task.Id) == 1);
        await task.TokensAsync("a");
        await next;
        Assert.Equal(1, await ViewersAsync(task.Id));
    }

    [Fact]
    public async Task ALongPoll_CountsAWhileAfterItsEnd_AndThenNoLonger()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:PollLinger"] = "00:00:02" });
        var task = await HandTask.StartAsync(host.Api);
        await using var poll = PollViewer.Watch(host.Api, task.Id, null, "wait=10s");
        await poll.UntilSeqAsync(2);
        Assert.Equal(1, (await host.Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32());
        await Waiting.UntilAsync("the poll counts no longer", async () => (await host.Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32() == 0);
    }

    [Fact]
    public async Task PollsOfOneSession_AreOneViewer_AndAPageWithoutWaitIsNone()
    {
        var task = await HandTask.StartAsync(Api);
        var last = $"{(await Api.SnapshotAsync(task.Id)).GetProperty("epoch").GetString()}:2";
        (await Api.GetAsync($"/api/v1/tasks/{task.Id}/events")).Is(HttpStatusCode.OK);
        Assert.Equal(0, await ViewersAsync(task.Id));
        await using var one = PollViewer.Watch(Api, task.Id, last, "wait=20s&session_id=s_a");
        await using var same = PollViewer.Watch(Api, task.Id, last, "wait=20s&session_id=s_a");
        await using var other = PollViewer.Watch(Api, task.Id, last, "wait=20s&session_id=s_b");
        var waiting = new[] { one.UntilSeqAsync(3), same.UntilSeqAsync(3), other.UntilSeqAsync(3) };
        await Waiting.UntilAsync("two viewers", async () => await ViewersAsync(task.Id) == 2);
        await task.TokensAsync("a");
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task AnEpoch_IsDrawnPerLog_SoATaskOfTheSameIdHasAnotherOne()
    {
        var id = "again_" + Guid.NewGuid().ToString("n");
        var first = await Api.CreateAsync(new { kind = "echo", task_id = id, input = new { count = 0 } });
        var epoch = (await Api.EndOfAsync(first)).GetProperty("epoch").GetString();
        (await Api.DeleteAsync($"/api/v1/tasks/{id}")).Is(HttpStatusCode.NoContent);
        await Api.CreateAsync(new { kind = "echo", task_id = id, input = new { count = 0 } });
        Assert.NotEqual(epoch, (await Api.SnapshotAsync(id)).GetProperty("epoch").GetString());
        await using var viewer = await WebSocketViewer.WatchAsync(Api, id, $"after={epoch}:3");
        await viewer.ToEndAsync();
        Assert.Equal("epoch_changed", viewer.Transcript.The("history_reset").Text("reason"));
        Assert.Equal(1, viewer.Transcript.Events.First().Seq);
    }

    [Fact]
    public async Task AnInterruption_IsNoFailure_TheSameAttemptGoesOn()
    {
        using var folder = new TempFolder();
        string id;
        await using (var host = await EmbeddedFront.StartAsync(folder: folder.Path))
        {
            id = await host.Api.EchoAsync(new { count = 300, interval_ms = 20, size = 4 });
            await using var viewer = await WebSocketViewer.WatchAsync(host.Api, id);
            await viewer.UntilSeqAsync(10);
        }

        await using var again = await EmbeddedFront.StartAsync(folder: folder.Path);
        Assert.Equal("completed", (await again.Api.EndOfAsync(id)).GetProperty("status").GetString());
        var log = await again.Api.LogAsync(id);
        Assert.True(log.Count(one => one.Type == "retrying") == 1, string.Join("\n", log.Select(one => one.Raw)));
        var retrying = log.Single(one => one.Type == "retrying");
        Assert.Equal("""{"attempt":1,"reason":"interrupted","delay_ms":0,"supersedes_after":""" + (retrying.Seq - 1) + "}", retrying.Data.GetRawText());
        Assert.Equal(("started", 1), (log[(int)retrying.Seq].Type, log[(int)retrying.Seq].Data.GetProperty("attempt").GetInt32()));
        Assert.Equal(Enumerable.Range(1, 300), log.Numbers());
    }

    [Theory]
    [InlineData("""{"policy":"continue"}""", """{"policy":"continue"}""")]
    [InlineData("""{"policy":"cancel","after":"60s"}""", """{"policy":"cancel","after":"60s"}""")]
    [InlineData("""{"policy":"cancel","after":"1500ms"}""", """{"policy":"cancel","after":"1500ms"}""")]
    [InlineData("null", """{"policy":"continue"}""")]
    public async Task OnDisconnect_IsShownAsItWasGiven(string given, string shown)
    {
        var task = await HandTask.QueueAsync(Api, $"\"on_disconnect\":{given}");
        Assert.Equal(shown, (await Api.SnapshotAsync(task.Id)).GetProperty("on_disconnect").GetRawText());
    }

    [Theory]
    [InlineData("7", "on_disconnect")]
    [InlineData("{}", "on_disconnect.policy")]
    [InlineData("""{"policy":"pause"}""", "on_disconnect.policy")]
    [InlineData("""{"policy":"cancel"}""", "on_disconnect.after")]
    [InlineData("""{"policy":"cancel","after":60}""", "on_disconnect.after")]
    [InlineData("""{"policy":"cancel","after":"60"}""", "on_disconnect.after")]
    [InlineData("""{"policy":"cancel","after":"1d"}""", "on_disconnect.after")]
    [InlineData("""{"policy":"cancel","after":"99999999999h"}""", "on_disconnect.after")]
    [InlineData("""{"policy":"continue","after":"60s"}""", "on_disconnect.after")]
    [InlineData("""{"policy":"cancel","after":"60s","more":1}""", "on_disconnect.more")]
    public async Task OnDisconnect_OfAnotherForm_IsRefusedByField(string given, string field) =>
        (await Api.PostAsync("/api/v1/tasks", $$"""{"kind":"echo","on_disconnect":{{given}}}""")).IsProblem(HttpStatusCode.BadRequest, "invalid_request", field);

    private async Task<int> ViewersAsync(string task) => (await Api.SnapshotAsync(task)).GetProperty("viewers").GetInt32();

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);
}
