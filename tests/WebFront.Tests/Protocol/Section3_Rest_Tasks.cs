using System.Net;
using System.Text.Json;

using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 3: lists, single tasks, results, and what can be done to them.</summary>
public sealed class Section3_Rest_Tasks(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task List_IsNewestFirst_InPages_AndACursorStaysGoodWhateverIsDeletedMeanwhile()
    {
        var kind = HandTask.NewKind();
        List<string> ids = [];
        for (var i = 0; i < 7; i++)
        {
            ids.Add(await Api.CreateAsync(new { kind }));
        }

        var first = (await Api.GetAsync($"/api/v1/tasks?kind={kind}&limit=3")).Is(HttpStatusCode.OK);
        Assert.Equal(ids.AsEnumerable().Reverse().Take(3), Ids(first));
        await Api.PostAsync($"/api/v1/tasks/{ids[4]}/cancel");
        await Api.PostAsync($"/api/v1/tasks/{ids[3]}/cancel");
        await Api.DeleteAsync($"/api/v1/tasks/{ids[4]}");
        await Api.DeleteAsync($"/api/v1/tasks/{ids[3]}");
        var second = (await Api.GetAsync($"/api/v1/tasks?kind={kind}&limit=3&cursor={first["next_cursor"].GetString()}")).Is(HttpStatusCode.OK);
        Assert.Equal([ids[2], ids[1], ids[0]], Ids(second));
        Assert.Equal(JsonValueKind.Null, second["next_cursor"].ValueKind);
    }

    [Fact]
    public async Task List_FiltersByStatusKindAndLabels_AllOfThem()
    {
        var (kind, other) = (HandTask.NewKind(), HandTask.NewKind());
        var queued = await Api.CreateAsync(new { kind, labels = new { user = "u=1", team = "a" } });
        var cancelled = await Api.CreateAsync(new { kind, labels = new { user = "u=1", team = "b" } });
        await Api.CreateAsync(new { kind = other, labels = new { user = "u=1", team = "a" } });
        await Api.PostAsync($"/api/v1/tasks/{cancelled}/cancel");
        Assert.Equal([cancelled, queued], Ids(await Api.GetAsync($"/api/v1/tasks?kind={kind}")));
        Assert.Equal([queued], Ids(await Api.GetAsync($"/api/v1/tasks?kind={kind}&status=active")));
        Assert.Equal([queued], Ids(await Api.GetAsync($"/api/v1/tasks?kind={kind}&status=queued")));
        Assert.Equal([cancelled], Ids(await Api.GetAsync($"/api/v1/tasks?kind={kind}&status=cancelled")));
        Assert.Equal([cancelled], Ids(await Api.GetAsync($"/api/v1/tasks?kind={kind}&label=team%3Db")));
        Assert.Equal([cancelled, queued], Ids(await Api.GetAsync($"/api/v1/tasks?kind={kind}&label=user=u%3D1")));
        Assert.Equal([queued], Ids(await Api.GetAsync($"/api/v1/tasks?kind={kind}&label=user=u%3D1&label=team=a")));
        Assert.Empty(Ids(await Api.GetAsync($"/api/v1/tasks?kind={kind}&status=running")));
        Assert.Empty(Ids(await Api.GetAsync($"/api/v1/tasks?kind={kind}&label=nothing=here")));
    }

    [Theory]
    [InlineData("limit=0", "invalid_request", "limit")]
    [InlineData("limit=501", "invalid_request", "limit")]
    [InlineData("limit=ten", "invalid_request", "limit")]
    [InlineData("limit=99999999999", "invalid_request", "limit")]
    [InlineData("limit=1&limit=2", "invalid_request", "limit")]
    [InlineData("status=asleep", "invalid_request", "status")]
    [InlineData("status=", "invalid_request", "status")]
    [InlineData("label=nameonly", "invalid_request", "label")]
    [InlineData("label==value", "invalid_request", "label")]
    [InlineData("label=a=%00", "invalid_request", "label")]
    [InlineData("label=a%00=b", "invalid_request", "label")]
    [InlineData("kind=%00", "invalid_request", "kind")]
    [InlineData("kind=No%20Kind", "invalid_request", "kind")]
    [InlineData("cursor=nonsense", "invalid_cursor", "cursor")]
    [InlineData("cursor=AQAAAAAAAAABAAA", "invalid_cursor", "cursor")]
    public async Task List_RefusesABadParameter(string query, string code, string field)
    {
        (await Api.GetAsync("/api/v1/tasks?" + query)).IsProblem(HttpStatusCode.BadRequest, code, field);
        if (field is not ("limit" or "cursor"))
        {
            (await Api.GetAsync("/api/v1/tasks/stream?" + query)).IsProblem(HttpStatusCode.BadRequest, code, field);
        }
    }

    [Fact]
    public async Task List_RefusesALabelThatNoTaskCanHave()
    {
        (await Api.GetAsync($"/api/v1/tasks?label=a={new string('x', 257)}")).IsProblem(HttpStatusCode.BadRequest, "invalid_request", "label");
        (await Api.GetAsync("/api/v1/tasks?" + string.Join('&', Enumerable.Range(0, 17).Select(n => $"label=l{n}=x")))).IsProblem(HttpStatusCode.BadRequest, "invalid_request", "label");
    }

    [Fact]
    public async Task Result_BeforeTheEnd409ComeBack_AfterwardsTheValue()
    {
        var task = await HandTask.StartAsync(Api);
        (await Api.GetAsync($"/api/v1/tasks/{task.Id}/result")).IsProblem(HttpStatusCode.Conflict, "not_finished", retry: "reconnect");
        (await task.CallAsync("complete", $$$"""{"lease":"{{{task.Lease}}}","result":{"answer":42,"list":["ü☃"]}}""")).Is(HttpStatusCode.OK);
        var reply = (await Api.GetAsync($"/api/v1/tasks/{task.Id}/result")).Is(HttpStatusCode.OK);
        Assert.Equal(("""{"answer":42,"list":["ü☃"]}""", "application/json"), (reply.Text, reply.ContentHeaders.ContentType?.MediaType));
    }

    [Fact]
    public async Task Result_OfAnUnsuccessfulTask_409Stop()
    {
        var failed = await HandTask.StartAsync(Api);
        await failed.FailAsync();
        (await Api.GetAsync($"/api/v1/tasks/{failed.Id}/result")).IsProblem(HttpStatusCode.Conflict, "task_failed");
        var cancelled = await HandTask.QueueAsync(Api);
        await Api.PostAsync($"/api/v1/tasks/{cancelled.Id}/cancel");
        (await Api.GetAsync($"/api/v1/tasks/{cancelled.Id}/result")).IsProblem(HttpStatusCode.Conflict, "task_cancelled");
    }

    [Fact]
    public async Task Cancel_BeforeTheStart_EndsIt_AndItIsNeverStarted()
    {
        var task = await HandTask.QueueAsync(Api);
        var reply = (await Api.PostAsync($"/api/v1/tasks/{task.Id}/cancel", new { reason = "no need" })).Is(HttpStatusCode.OK);
        Assert.Equal("cancelled", reply["status"].GetString());
        (await Api.PostAsync("/api/v1/workers/lease", new { worker_id = "w", kinds = new[] { task.Kind } })).Is(HttpStatusCode.NoContent);
        var log = await Api.LogAsync(task.Id);
        Assert.Equal(["created", "cancelled"], log.Select(one => one.Type));
        Assert.Equal("""{"reason":"no need","by":"anonymous"}""", log[1].Data.GetRawText());
    }

    [Fact]
    public async Task Cancel_WhileItRuns_EndsItAtOnce_AndNothingFollows()
    {
        var task = await Api.EchoAsync(new { count = 50_000, interval_ms = 1 });
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task);
        await viewer.UntilSeqAsync(20);
        Assert.Equal("cancelled", (await Api.PostAsync($"/api/v1/tasks/{task}/cancel")).Is(HttpStatusCode.OK)["status"].GetString());
        await viewer.AssertClosedAsync(1000, "task_finished", "stop");
        var log = await Api.LogAsync(task);
        Assert.Equal(("cancelled", """{"reason":null,"by":"anonymous"}"""), (log[^1].Type, log[^1].Data.GetRawText()));
    }

    [Fact]
    public async Task Cancel_AfterTheEnd_ChangesNothing_AndRepeatedlyNeither()
    {
        var task = await Api.EchoAsync(new { count = 0 });
        var before = await Api.EndOfAsync(task);
        foreach (var _ in new[] { 1, 2 })
        {
            Assert.Equal(before.GetRawText(), (await Api.PostAsync($"/api/v1/tasks/{task}/cancel", new { reason = "late" })).Is(HttpStatusCode.OK).Text);
        }
    }

    [Fact]
    public async Task Cancel_DuringAReview_And_BetweenAttempts()
    {
        var review = await Api.EchoAsync(new { count = 5, interval_ms = 0, review_at = 2 });
        await Api.UntilStatusAsync(review, "awaiting_review");
        var reply = (await Api.PostAsync($"/api/v1/tasks/{review}/cancel")).Is(HttpStatusCode.OK);
        Assert.Equal(("cancelled", JsonValueKind.Null), (reply["status"].GetString(), reply["pending_review"].ValueKind));
        var waiting = await HandTask.StartAsync(Api);
        await waiting.FailAsync(retryable: true);
        Assert.Equal("cancelled", (await Api.PostAsync($"/api/v1/tasks/{waiting.Id}/cancel")).Is(HttpStatusCode.OK)["status"].GetString());
    }

    [Fact]
    public async Task Cancel_OfATaskWithAWorker_TheWorkerIsToldFirst_AndEndsIt()
    {
        var task = await HandTask.StartAsync(Api);
        Assert.Equal("running", (await Api.PostAsync($"/api/v1/tasks/{task.Id}/cancel", new { reason = "enough" })).Is(HttpStatusCode.OK)["status"].GetString());
        Assert.True((await task.CallAsync("lease", new { lease = task.Lease })).Is(HttpStatusCode.OK)["cancel_requested"].GetBoolean());
        await task.TokensAsync("last words");
        Assert.Equal("cancelled", (await task.CallAsync("fail", new { lease = task.Lease, error = new { code = "stopped" } })).Is(HttpStatusCode.OK)["status"].GetString());
        Assert.Equal("""{"reason":"enough","by":"anonymous"}""", (await Api.LogAsync(task.Id))[^1].Data.GetRawText());
    }

    [Fact]
    public async Task Cancel_AWorkerThatDoesNotWindUp_HasItsTimeAndNoMore()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Tasks:CancelGrace"] = "00:00:00.300" });
        var task = await HandTask.StartAsync(host.Api);
        await host.Api.PostAsync($"/api/v1/tasks/{task.Id}/cancel");
        Assert.Equal("cancelled", (await host.Api.EndOfAsync(task.Id)).GetProperty("status").GetString());
        (await task.CallAsync("events", new { lease = task.Lease, events = new[] { HandTask.Token("late") } })).IsProblem(HttpStatusCode.Conflict, "lease_lost", "lease");
    }

    [Theory]
    [InlineData("""{"reason":7}""", "invalid_request", "reason")]
    [InlineData("""{"why":"x"}""", "invalid_request", "why")]
    [InlineData("nonsense", "invalid_json", null)]
    [InlineData("[]", "invalid_request", null)]
    public async Task Cancel_WithAWrongBody_ChangesNothing(string body, string code, string? field)
    {
        var task = await HandTask.QueueAsync(Api);
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/cancel", body)).IsProblem(HttpStatusCode.BadRequest, code, field);
        Assert.Equal("queued", await Api.StatusAsync(task.Id));
    }

    [Fact]
    public async Task Retry_OfAFailedOrCancelledTask_MakesANewOne_WithTheSameInputLabelsAndPolicy()
    {
        var task = await HandTask.StartAsync(Api, """ "input":{"a":[1,"ü"]},"labels":{"user":"u1"},"max_attempts":2,"on_disconnect":{"policy":"cancel","after":"60s"} """);
        await task.FailAsync();
        var reply = (await Api.PostAsync($"/api/v1/tasks/{task.Id}/retry")).Is(HttpStatusCode.Accepted);
        var id = reply["task_id"].GetString();
        Assert.NotEqual(task.Id, id);
        Assert.Equal($"/api/v1/tasks/{id}", reply.Headers.Location?.ToString());
        Assert.Equal((task.Id, "queued", 1, 2), (reply["retry_of"].GetString(), reply["status"].GetString(), reply["attempt"].GetInt32(), reply["max_attempts"].GetInt32()));
        Assert.Equal(("""{"user":"u1"}""", """{"policy":"cancel","after":"60s"}"""), (reply["labels"].GetRawText(), reply["on_disconnect"].GetRawText()));
        var leased = (await Api.PostAsync("/api/v1/workers/lease", new { worker_id = "w", kinds = new[] { task.Kind }, wait = "30s" })).Is(HttpStatusCode.OK);
        Assert.Equal(id, leased["task_id"].GetString());
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"a":[1,"ü"]}"""), leased["input"]), leased.Text);
        Assert.Equal("failed", await Api.StatusAsync(task.Id));
    }

    [Fact]
    public async Task Retry_WithAKey_MakesOneTask_AndABodyIsRead()
    {
        var task = await HandTask.StartAsync(Api);
        await task.FailAsync();
        var path = $"/api/v1/tasks/{task.Id}/retry";
        (await Api.PostAsync(path, "{bad")).IsProblem(HttpStatusCode.BadRequest, "invalid_json");
        (await Api.PostAsync(path, "[]")).IsProblem(HttpStatusCode.BadRequest, "invalid_request");
        (await Api.PostAsync(path, """{"max_attempts":1}""")).IsProblem(HttpStatusCode.BadRequest, "invalid_request", "max_attempts");
        var key = ("Idempotency-Key", $"again-{task.Id}");
        var first = (await Api.PostAsync(path, "{}", key)).Is(HttpStatusCode.Accepted)["task_id"].GetString();
        Assert.Equal(first, (await Api.PostAsync(path, null, key)).Is(HttpStatusCode.OK)["task_id"].GetString());
        (await Api.PostAsync("/api/v1/tasks", new { kind = "echo" }, key)).IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency_conflict", "Idempotency-Key");
        Assert.NotEqual(first, (await Api.PostAsync(path)).Is(HttpStatusCode.Accepted)["task_id"].GetString());
    }

    [Fact]
    public async Task Retry_OfAnyOtherTask_409()
    {
        var task = await HandTask.QueueAsync(Api);
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/retry")).IsProblem(HttpStatusCode.Conflict, "not_retryable");
        await task.LeaseAsync();
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/retry")).IsProblem(HttpStatusCode.Conflict, "not_retryable");
        await task.CompleteAsync();
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/retry")).IsProblem(HttpStatusCode.Conflict, "not_retryable");
    }

    [Fact]
    public async Task Review_TheSameAnswerAgain200_AnotherOrNonePending409()
    {
        var task = await HandTask.StartAsync(Api);
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", new { review_id = "r_1", decision = "approve" })).IsProblem(HttpStatusCode.Conflict, "review_not_pending", "review_id");
        var review = (await task.CallAsync("reviews", new { lease = task.Lease, key = "k", prompt = "Well?" })).Is(HttpStatusCode.OK)["review_id"].GetString();
        var answer = new { review_id = review, decision = "revise", comment = "shorter", edits = new { stages = new[] { 1, 2 } } };
        var reply = (await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", answer)).Is(HttpStatusCode.OK);
        Assert.Equal("running", reply["status"].GetString());
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", answer)).Is(HttpStatusCode.OK);
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", new { review_id = review, decision = "revise", comment = "longer" })).IsProblem(HttpStatusCode.Conflict, "review_not_pending", "review_id");
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", new { review_id = review, decision = "approve" })).IsProblem(HttpStatusCode.Conflict, "review_not_pending", "review_id");
        await task.CompleteAsync();
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", answer)).Is(HttpStatusCode.OK);
        Assert.Single(await Api.LogAsync(task.Id), one => one.Type == "review_resolved");
    }

    [Theory]
    [InlineData("{}", "review_id")]
    [InlineData("""{"review_id":"r_1"}""", "decision")]
    [InlineData("""{"review_id":"r_1","decision":"maybe"}""", "decision")]
    [InlineData("""{"review_id":7,"decision":"approve"}""", "review_id")]
    [InlineData("""{"review_id":"r_1","decision":"approve","comment":7}""", "comment")]
    [InlineData("""{"review_id":"r_1","decision":"approve","why":"x"}""", "why")]
    public async Task Review_WithAWrongField_IsRefusedByName(string body, string field)
    {
        var task = await HandTask.QueueAsync(Api);
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", body)).IsProblem(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Fact]
    public async Task Delete_BeforeTheEnd409_Afterwards204_AndThen404()
    {
        var task = await HandTask.StartAsync(Api);
        (await Api.DeleteAsync($"/api/v1/tasks/{task.Id}")).IsProblem(HttpStatusCode.Conflict, "not_finished", retry: "reconnect");
        await task.CompleteAsync();
        var reply = (await Api.DeleteAsync($"/api/v1/tasks/{task.Id}")).Is(HttpStatusCode.NoContent);
        Assert.Empty(reply.Text);
        (await Api.DeleteAsync($"/api/v1/tasks/{task.Id}")).IsProblem(HttpStatusCode.NotFound, "task_not_found");
        await AssertUnknownAsync(task.Id);
        Assert.DoesNotContain(task.Id, Ids(await Api.GetAsync($"/api/v1/tasks?kind={task.Kind}")));
    }

    [Theory]
    [InlineData("t_nosuchtask")]
    [InlineData("short")]
    [InlineData("%E2%98%83%E2%98%83%E2%98%83%E2%98%83%E2%98%83%E2%98%83%E2%98%83%E2%98%83")]
    [InlineData("t_%2F..%2Fetc%2Fpasswd")]
    [InlineData("t_12345678%20")]
    [InlineData("idempotency.0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public Task AnUnknownId_404_OnEveryPath(string id) => AssertUnknownAsync(id);

    [Fact]
    public async Task AnIdempotencyKeysOwnLog_IsNoTask()
    {
        var key = Guid.NewGuid().ToString();
        (await Api.PostAsync("/api/v1/tasks", new { kind = HandTask.NewKind() }, ("Idempotency-Key", key))).Is(HttpStatusCode.Accepted);
        await AssertUnknownAsync(Holdfast.Grains.Tasks.Claims.LogId("anonymous", key));
    }

    private async Task AssertUnknownAsync(string id)
    {
        (await Api.GetAsync($"/api/v1/tasks/{id}")).IsProblem(HttpStatusCode.NotFound, "task_not_found");
        (await Api.GetAsync($"/api/v1/tasks/{id}/result")).IsProblem(HttpStatusCode.NotFound, "task_not_found");
        (await Api.GetAsync($"/api/v1/tasks/{id}/events")).IsProblem(HttpStatusCode.NotFound, "task_not_found");
        (await Api.GetAsync($"/api/v1/tasks/{id}/events?wait=1s")).IsProblem(HttpStatusCode.NotFound, "task_not_found");
        (await Api.GetAsync($"/api/v1/tasks/{id}/events", ("Accept", "text/event-stream"))).IsProblem(HttpStatusCode.NotFound, "task_not_found");
        foreach (var (call, body) in new (string, object)[]
        {
            ("cancel", new { }), ("retry", new { }), ("review", new { review_id = "r", decision = "approve" }), ("events", new { lease = "l", events = Array.Empty<object>() }),
            ("lease", new { lease = "l" }), ("reviews", new { lease = "l", key = "k", prompt = "p" }), ("complete", new { lease = "l" }), ("fail", new { lease = "l", error = new { code = "c" } }),
        })
        {
            (await Api.PostAsync($"/api/v1/tasks/{id}/{call}", body)).IsProblem(HttpStatusCode.NotFound, "task_not_found");
        }

        await using var viewer = await WebSocketViewer.WatchAsync(Api, id, "include_history=true");
        await viewer.AssertClosedAsync(4404, "task_not_found", "stop");
    }

    private static IEnumerable<string> Ids(Reply list) => list["tasks"].EnumerateArray().Select(task => task.GetProperty("task_id").GetString()!);
}
