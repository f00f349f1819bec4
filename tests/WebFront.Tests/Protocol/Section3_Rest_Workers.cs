using System.Net;
using System.Text.Json;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 3: the calls of external workers.</summary>
public sealed class Section3_Rest_Workers(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task Lease_GivesTheTaskThatWaitedLongest_WithInputAndAttempt()
    {
        var kind = HandTask.NewKind();
        var first = await Api.CreateAsync($$$"""{"kind":"{{{kind}}}","input":{"n":1}}""");
        var second = await Api.CreateAsync($$$"""{"kind":"{{{kind}}}","input":{"n":2}}""");
        var leased = (await LeaseAsync(kind)).Is(HttpStatusCode.OK);
        Assert.Equal(["attempt", "cancel_requested", "checkpoint", "expires_at", "input", "lease", "review", "task_id"], leased.Json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal((first, 1, """{"n":1}"""), (leased["task_id"].GetString(), leased["attempt"].GetInt32(), leased["input"].GetRawText()));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, false), (leased["checkpoint"].ValueKind, leased["review"].ValueKind, leased["cancel_requested"].GetBoolean()));
        Assert.Matches(Patterns.Time, leased["expires_at"].GetString());
        Assert.Equal(second, (await LeaseAsync(kind)).Is(HttpStatusCode.OK)["task_id"].GetString());
        Assert.Empty((await LeaseAsync(kind)).Is(HttpStatusCode.NoContent).Text);
    }

    [Fact]
    public async Task Lease_WithWait_GetsATaskThatIsCreatedMeanwhile_OfAnyOfItsKinds()
    {
        var (one, two) = (HandTask.NewKind(), HandTask.NewKind());
        var waiting = Api.PostAsync("/api/v1/workers/lease", new { worker_id = "w", kinds = new[] { one, two }, wait = "30s" });
        var id = await Api.CreateAsync(new { kind = two });
        Assert.Equal(id, (await waiting).Is(HttpStatusCode.OK)["task_id"].GetString());
    }

    [Fact]
    public async Task Lease_RacingWorkers_NeverGetTheSameTask()
    {
        var kind = HandTask.NewKind();
        var ids = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Api.CreateAsync(new { kind })));
        var leases = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => LeaseAsync(kind)));
        var got = leases.Where(lease => lease.Status == HttpStatusCode.OK).Select(lease => lease["task_id"].GetString()!).ToList();
        Assert.Equal(ids.Order(StringComparer.Ordinal), got.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{}", "worker_id")]
    [InlineData("""{"worker_id":"","kinds":["a"]}""", "worker_id")]
    [InlineData("""{"worker_id":7,"kinds":["a"]}""", "worker_id")]
    [InlineData("""{"worker_id":"w"}""", "kinds")]
    [InlineData("""{"worker_id":"w","kinds":[]}""", "kinds")]
    [InlineData("""{"worker_id":"w","kinds":"a"}""", "kinds")]
    [InlineData("""{"worker_id":"w","kinds":["A"]}""", "kinds")]
    [InlineData("""{"worker_id":"w","kinds":[7]}""", "kinds")]
    [InlineData("""{"worker_id":"w","kinds":["a"],"wait":5}""", "wait")]
    [InlineData("""{"worker_id":"w","kinds":["a"],"wait":"31s"}""", "wait")]
    [InlineData("""{"worker_id":"w","kinds":["a"],"kind":"a"}""", "kind")]
    public async Task Lease_WithAWrongField_IsRefusedByName(string body, string field) =>
        (await Api.PostAsync("/api/v1/workers/lease", body)).IsProblem(HttpStatusCode.BadRequest, "invalid_request", field);

    [Fact]
    public async Task Append_AnswersWithTheNumberOfItsLastEvent()
    {
        var task = await HandTask.StartAsync(Api);
        Assert.Equal(5, await task.TokensAsync("a", "b", "c"));
        Assert.Equal(6, await task.TokensAsync("d"));
        Assert.Equal(6, await task.AppendAsync());
    }

    [Fact]
    public async Task Append_RepeatedWithItsKeys_ChangesNothing_AndAnswersTheSame()
    {
        var task = await HandTask.StartAsync(Api);
        object[] batch = [Keyed("a"), Keyed("b")];
        Assert.Equal(4, await task.AppendAsync(batch));
        Assert.Equal(4, await task.AppendAsync(batch));
        Assert.Equal(5, await task.AppendAsync(Keyed("c")));
        Assert.Equal(4, await task.AppendAsync(batch));
        Assert.Equal(6, await task.AppendAsync(Keyed("b"), Keyed("d")));
        Assert.Equal(6, await task.AppendAsync(Keyed("b"), Keyed("d")));
        Assert.Equal("abcd", Deltas(await Api.LogAsync(task.Id)));
    }

    [Fact]
    public async Task Append_AKeyTwiceInOneBatch_IsOneEvent()
    {
        var task = await HandTask.StartAsync(Api);
        Assert.Equal(3, await task.AppendAsync(Keyed("a"), Keyed("a")));
        Assert.Equal("a", Deltas(await Api.LogAsync(task.Id)));
    }

    [Fact]
    public async Task Append_KnowsItsKeys_AfterARestart_AndInTheNextAttempt()
    {
        using var folder = new TempFolder();
        string id;
        string lease;
        await using (var host = await EmbeddedFront.StartAsync(folder: folder.Path))
        {
            var task = await HandTask.StartAsync(host.Api);
            await task.AppendAsync(Keyed("a"), Keyed("b"));
            (id, lease) = (task.Id, task.Lease);
        }

        await using var again = await EmbeddedFront.StartAsync(folder: folder.Path);
        var body = new { lease, events = new[] { Keyed("b"), Keyed("c") } };
        Assert.Equal(5, (await again.Api.PostAsync($"/api/v1/tasks/{id}/events", body)).Is(HttpStatusCode.OK)["last_seq"].GetInt32());
        Assert.Equal(5, (await again.Api.PostAsync($"/api/v1/tasks/{id}/events", body)).Is(HttpStatusCode.OK)["last_seq"].GetInt32());
        Assert.Equal("abc", Deltas(await again.Api.LogAsync(id)));
        Assert.DoesNotContain(await again.Api.LogAsync(id), one => one.Type == "retrying");
    }

    [Fact]
    public async Task Append_TheNewestBatch_IsKnownAsAWhole_AndOfOlderOnesOnlyTheLastKeys()
    {
        using var folder = new TempFolder();
        var options = new Dictionary<string, string> { ["Tasks:KnownKeys"] = "3" };
        object[] batch = [Keyed("a"), Keyed("b"), Keyed("c"), Keyed("d"), Keyed("e")];
        string id;
        string lease;
        await using (var host = await EmbeddedFront.StartAsync(options, folder.Path))
        {
            var task = await HandTask.StartAsync(host.Api);
            (id, lease) = (task.Id, task.Lease);
            Assert.Equal(7, await task.AppendAsync(batch));
            Assert.Equal(7, await task.AppendAsync(batch));
        }

        await using var again = await EmbeddedFront.StartAsync(options, folder.Path);
        Assert.Equal(7, await AppendAsync(batch));
        Assert.Equal(8, await AppendAsync(Keyed("e"), Keyed("f")));
        Assert.Equal(8, await AppendAsync(Keyed("e"), Keyed("f")));
        Assert.Equal(5, await AppendAsync(Keyed("c")));
        Assert.Equal(9, await AppendAsync(Keyed("b")));

        async Task<long> AppendAsync(params object[] events) =>
            (await again.Api.PostAsync($"/api/v1/tasks/{id}/events", new { lease, events })).Is(HttpStatusCode.OK)["last_seq"].GetInt64();
    }

    [Fact]
    public async Task Append_ManyThousandKeysAtOnce_RepeatedIsStillOneBatch()
    {
        var task = await HandTask.StartAsync(Api);
        var batch = Enumerable.Range(0, 5000).Select(n => Keyed($"k{n}")).ToArray();
        Assert.Equal(5002, await task.AppendAsync(batch));
        Assert.Equal(5002, await task.AppendAsync(batch));
        Assert.Equal(5002, (await Api.SnapshotAsync(task.Id)).GetProperty("last_seq").GetInt64());
    }

    [Theory]
    [InlineData("created")]
    [InlineData("started")]
    [InlineData("retrying")]
    [InlineData("review_required")]
    [InlineData("review_resolved")]
    [InlineData("input")]
    [InlineData("completed")]
    [InlineData("failed")]
    [InlineData("cancelled")]
    [InlineData("review_other")]
    [InlineData("nodot")]
    [InlineData("With.Capitals")]
    [InlineData("a.b c")]
    [InlineData(".")]
    public async Task Append_ATypeThatIsNotTheWorkers_422_AndNothingOfTheBatchIsAppended(string type)
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("events", new { lease = task.Lease, events = new object[] { HandTask.Token("a"), new { type, data = new { } } } }))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "reserved_type", "events[1].type");
        Assert.Equal(2, (await Api.LogAsync(task.Id)).Count);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"stage-1\"")]
    public async Task Append_ABatchIsNamedOrNumbered(string batch)
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("events", $$$"""{"lease":"{{{task.Lease}}}","events":[{"type":"batch","data":{"batch":{{{batch}}},"of":2,"done":1}}]}""")).Is(HttpStatusCode.OK);
        Assert.Equal(batch, (await Api.LogAsync(task.Id))[^1].Data.GetProperty("batch").GetRawText());
    }

    [Theory]
    [InlineData("token", "{}", "channel")]
    [InlineData("token", """{"channel":"c"}""", "delta")]
    [InlineData("token", """{"channel":7,"delta":"x"}""", "channel")]
    [InlineData("progress", """{"percent":"x"}""", "percent")]
    [InlineData("progress", """{"percent":1,"current":1.5}""", "current")]
    [InlineData("progress", """{"percent":1,"stage":1}""", "stage")]
    [InlineData("item", """{"title":"t","status":"started"}""", "item_id")]
    [InlineData("item", """{"item_id":"i","status":"begun"}""", "status")]
    [InlineData("batch", "{}", "batch")]
    [InlineData("batch", """{"batch":{}}""", "batch")]
    [InlineData("artifact", "{}", "name")]
    [InlineData("debug", """{"message":null}""", "message")]
    [InlineData("debug", "[]", null)]
    [InlineData("debug", "null", null)]
    public async Task Append_AnEventWithoutItsFields_422_ByName(string type, string data, string? field)
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("events", $$"""{"lease":"{{task.Lease}}","events":[{"type":"{{type}}","data":{{data}}}]}"""))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "invalid_event", "events[0].data" + (field is null ? "" : "." + field));
        Assert.Equal(2, (await Api.LogAsync(task.Id)).Count);
    }

    [Theory]
    [InlineData("""{"events":[]}""", "lease")]
    [InlineData("""{"lease":"l"}""", "events")]
    [InlineData("""{"lease":"l","events":{}}""", "events")]
    [InlineData("""{"lease":"l","events":[7]}""", "events[0]")]
    [InlineData("""{"lease":"l","events":[{"data":{}}]}""", "events[0].type")]
    [InlineData("""{"lease":"l","events":[{"type":"debug","data":{},"seq":1}]}""", "events[0].seq")]
    [InlineData("""{"lease":"l","events":[{"type":"debug","data":{"message":"m"},"key":7}]}""", "events[0].key")]
    [InlineData("""{"lease":"l","events":[{"type":"debug","data":{"message":"m"},"key":""}]}""", "events[0].key")]
    [InlineData("""{"lease":"l","events":[{"type":"debug","data":{"message":"m"},"key":"\u0000"}]}""", "events[0].key")]
    public async Task Append_WithAWrongField_IsRefusedByName(string body, string field)
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("events", body.Replace("\"l\"", $"\"{task.Lease}\"", StringComparison.Ordinal))).IsProblem(HttpStatusCode.BadRequest, "invalid_request", field);
        await task.TokensAsync("still here");
    }

    [Fact]
    public async Task Append_TheLeaseIsCheckedBeforeTheKeys()
    {
        var task = await HandTask.StartAsync(Api);
        await task.AppendAsync(Keyed("a"));
        (await task.CallAsync("events", new { lease = "l_other", events = new[] { Keyed("a") } })).IsProblem(HttpStatusCode.Conflict, "lease_lost", "lease");
    }

    [Fact]
    public async Task Renew_ExtendsTheLease_AndMayCheckpoint()
    {
        var task = await HandTask.StartAsync(Api);
        var last = await task.TokensAsync("a");
        var renewed = (await task.CallAsync("lease", new { lease = task.Lease, checkpoint = new[] { 1 } })).Is(HttpStatusCode.OK);
        Assert.Equal(["cancel_requested", "expires_at", "review"], renewed.Json.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.True(string.CompareOrdinal(renewed["expires_at"].GetString(), task.Leased.GetProperty("expires_at").GetString()) >= 0);
        await task.FailAsync(retryable: true);
        Assert.Equal(last, (await Api.LogAsync(task.Id))[^1].Data.GetProperty("supersedes_after").GetInt64());
        await task.LeaseAsync();
        Assert.Equal("[1]", task.Leased.GetProperty("checkpoint").GetRawText());
        (await task.CallAsync("lease", new { lease = "l_other" })).IsProblem(HttpStatusCode.Conflict, "lease_lost", "lease");
    }

    [Fact]
    public async Task ALeaseThatIsNotRenewed_IsLost_TheSameAttemptGoesOnElsewhere_AndTheOldWorkerMustStop()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Tasks:WorkerLease"] = "00:00:00.500" });
        var task = await HandTask.StartAsync(host.Api);
        await task.CheckpointAsync(7, HandTask.Token("kept"));
        var stale = task.Lease;
        await task.LeaseAsync("another");
        Assert.Equal((1, "7"), (task.Leased.GetProperty("attempt").GetInt32(), task.Leased.GetProperty("checkpoint").GetRawText()));
        Assert.NotEqual(stale, task.Lease);
        var log = await host.Api.LogAsync(task.Id);
        Assert.Equal(["created", "started", "token", "retrying", "started"], log.Select(one => one.Type));
        Assert.Equal("""{"attempt":1,"reason":"interrupted","delay_ms":0,"supersedes_after":3}""", log[3].Data.GetRawText());
        foreach (var (call, body) in new (string, object)[]
        {
            ("events", new { lease = stale, events = new[] { HandTask.Token("late") } }), ("lease", new { lease = stale }), ("reviews", new { lease = stale, key = "k", prompt = "p" }),
            ("complete", new { lease = stale }), ("fail", new { lease = stale, error = new { code = "c" } }),
        })
        {
            (await task.CallAsync(call, body)).IsProblem(HttpStatusCode.Conflict, "lease_lost", "lease");
        }
    }

    [Fact]
    public async Task AskReview_TheTaskWaits_AndTheAnswerComesWithTheNextRenewal()
    {
        var task = await HandTask.StartAsync(Api);
        var body = new { lease = task.Lease, key = "plan", prompt = "Well?", payload = new { stages = 3 }, expires_in = "1h", on_expire = "approve" };
        var review = (await task.CallAsync("reviews", body)).Is(HttpStatusCode.OK)["review_id"].GetString();
        Assert.Equal(review, (await task.CallAsync("reviews", body)).Is(HttpStatusCode.OK)["review_id"].GetString());
        var pending = (await Api.SnapshotAsync(task.Id)).GetProperty("pending_review");
        Assert.Equal((review, "Well?", """{"stages":3}"""), (pending.GetProperty("review_id").GetString(), pending.GetProperty("prompt").GetString(), pending.GetProperty("payload").GetRawText()));
        Assert.Matches(Patterns.Time, pending.GetProperty("expires_at").GetString());
        Assert.Equal(JsonValueKind.Null, (await task.CallAsync("lease", new { lease = task.Lease }))["review"].ValueKind);
        (await task.CallAsync("reviews", new { lease = task.Lease, key = "other", prompt = "And?" })).IsProblem(HttpStatusCode.Conflict, "review_pending", "key");
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", new { review_id = review, decision = "reject", comment = "no" })).Is(HttpStatusCode.OK);
        var answer = (await task.CallAsync("lease", new { lease = task.Lease })).Is(HttpStatusCode.OK)["review"];
        Assert.Equal($$"""{"review_id":"{{review}}","key":"plan","decision":"reject","comment":"no","edits":null,"by":"anonymous"}""", answer.GetRawText());
        Assert.Equal(review, (await task.CallAsync("reviews", body)).Is(HttpStatusCode.OK)["review_id"].GetString());
        Assert.Equal(["created", "started", "review_required", "review_resolved"], (await Api.LogAsync(task.Id)).Select(one => one.Type));
    }

    [Theory]
    [InlineData("approve", "running")]
    [InlineData("reject", "running")]
    [InlineData("fail", "failed")]
    public async Task AskReview_ThatNobodyAnswers_IsDecidedByOnExpire(string onExpire, string status)
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("reviews", new { lease = task.Lease, key = "k", prompt = "Well?", expires_in = "200ms", on_expire = onExpire })).Is(HttpStatusCode.OK);
        await Api.UntilStatusAsync(task.Id, status);
        var last = (await Api.LogAsync(task.Id))[^1];
        if (status == "failed")
        {
            Assert.Equal("review_expired", last.Data.GetProperty("error").GetProperty("code").GetString());
        }
        else
        {
            Assert.Equal((onExpire, "expiry"), (last.Data.GetProperty("decision").GetString(), last.Data.GetProperty("by").GetString()));
        }
    }

    [Fact]
    public async Task AskReview_WhileItIsWaitedFor_TheWorkersLeaseMayRunOut_AndTheWorkGoesOnAfterTheAnswer()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Tasks:WorkerLease"] = "00:00:00.300" });
        var task = await HandTask.StartAsync(host.Api);
        var review = (await task.CallAsync("reviews", new { lease = task.Lease, key = "k", prompt = "Well?" })).Is(HttpStatusCode.OK)["review_id"].GetString();
        await Waiting.UntilAsync("the lease has run out", async () => (await task.CallAsync("events", new { lease = task.Lease, events = Array.Empty<object>() })).Status == HttpStatusCode.Conflict);
        Assert.Equal("awaiting_review", await host.Api.StatusAsync(task.Id));
        (await host.Api.PostAsync($"/api/v1/tasks/{task.Id}/review", new { review_id = review, decision = "approve" })).Is(HttpStatusCode.OK);
        await task.LeaseAsync("another");
        Assert.Equal("approve", task.Leased.GetProperty("review").GetProperty("decision").GetString());
    }

    [Theory]
    [InlineData("""{"lease":"l","prompt":"p"}""", "key")]
    [InlineData("""{"lease":"l","key":"k"}""", "prompt")]
    [InlineData("""{"lease":"l","key":"k","prompt":"p","expires_in":60}""", "expires_in")]
    [InlineData("""{"lease":"l","key":"k","prompt":"p","expires_in":"0s"}""", "expires_in")]
    [InlineData("""{"lease":"l","key":"k","prompt":"p","on_expire":"revise"}""", "on_expire")]
    [InlineData("""{"lease":"l","key":"k","prompt":"p","more":1}""", "more")]
    public async Task AskReview_WithAWrongField_IsRefusedByName(string body, string field)
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("reviews", body)).IsProblem(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Fact]
    public async Task Complete_IsRepeatable_WithTheLeaseThatEndedTheTask_AndAStaleOneIsNot()
    {
        var task = await HandTask.StartAsync(Api);
        var body = new { lease = task.Lease, result = new { ok = true } };
        Assert.Equal("completed", (await task.CallAsync("complete", body)).Is(HttpStatusCode.OK)["status"].GetString());
        Assert.Equal("completed", (await task.CallAsync("complete", body)).Is(HttpStatusCode.OK)["status"].GetString());
        (await task.CallAsync("complete", new { lease = "l_other" })).IsProblem(HttpStatusCode.Conflict, "lease_lost", "lease");
        (await task.CallAsync("events", new { lease = task.Lease, events = new[] { HandTask.Token("after the end") } })).IsProblem(HttpStatusCode.Conflict, "lease_lost", "lease");
        Assert.Equal(["created", "started", "completed"], (await Api.LogAsync(task.Id)).Select(one => one.Type));
    }

    [Fact]
    public async Task Complete_WithoutAResult_IsNull()
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("complete", new { lease = task.Lease })).Is(HttpStatusCode.OK);
        Assert.Equal("null", (await Api.GetAsync($"/api/v1/tasks/{task.Id}/result")).Text);
    }

    [Fact]
    public async Task Fail_IsRepeatable_WithTheLeaseThatEndedTheAttempt()
    {
        var task = await HandTask.StartAsync(Api);
        await task.FailAsync(retryable: true);
        await task.FailAsync(retryable: true);
        Assert.Equal(["created", "started", "retrying"], (await Api.LogAsync(task.Id)).Select(one => one.Type));
        var first = task.Lease;
        await task.LeaseAsync();
        (await task.CallAsync("complete", new { lease = first })).IsProblem(HttpStatusCode.Conflict, "lease_lost", "lease");
        await task.FailAsync();
        await task.FailAsync();
        Assert.Equal("failed", await Api.StatusAsync(task.Id));
    }

    [Theory]
    [InlineData("""{"lease":"l"}""", "error")]
    [InlineData("""{"lease":"l","error":"x"}""", "error")]
    [InlineData("""{"lease":"l","error":{}}""", "error.code")]
    [InlineData("""{"lease":"l","error":{"code":"c","retryable":"yes"}}""", "error.retryable")]
    [InlineData("""{"lease":"l","error":{"code":"c","details":1}}""", "error.details")]
    public async Task Fail_WithAWrongField_IsRefusedByName(string body, string field)
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("fail", body)).IsProblem(HttpStatusCode.BadRequest, "invalid_request", field);
        Assert.Equal("running", await Api.StatusAsync(task.Id));
    }

    private Task<Reply> LeaseAsync(string kind) => Api.PostAsync("/api/v1/workers/lease", new { worker_id = "w", kinds = new[] { kind } });

    private static object Keyed(string text) => new { type = "token", data = new { channel = "main", delta = text }, key = "key " + text };

    private static string Deltas(IEnumerable<Message> log) => string.Concat(log.Where(one => one.Type == "token").Select(one => one.Data.GetProperty("delta").GetString()));
}
