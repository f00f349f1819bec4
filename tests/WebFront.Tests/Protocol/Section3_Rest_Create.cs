using System.Net;
using System.Text;
using System.Text.Json;

using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 3: creating tasks.</summary>
public sealed class Section3_Rest_Create(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task ItIs202_WithLocationAndSnapshot_OnceCreatedIsDurable()
    {
        var reply = (await Api.PostAsync("/api/v1/tasks", new { kind = HandTask.NewKind() })).Is(HttpStatusCode.Accepted);
        var id = reply["task_id"].GetString();
        Assert.Equal($"/api/v1/tasks/{id}", reply.Headers.Location?.ToString());
        Assert.Equal(("queued", 1), (reply["status"].GetString(), reply["last_seq"].GetInt32()));
        Assert.Equal(reply.Text, (await Api.GetAsync(reply.Headers.Location!.ToString())).Is(HttpStatusCode.OK).Text);
        Assert.Equal("application/json", reply.ContentHeaders.ContentType?.MediaType);
    }

    [Fact]
    public async Task WithAcceptEventStream_TheAnswerIsTheTasksStream_ItsSnapshotFirst()
    {
        await using var stream = await SseViewer.OpenAsync(Api, HttpMethod.Post, "/api/v1/tasks", new { kind = "echo", input = new { count = 3, interval_ms = 0 } });
        var transcript = await stream!.ToEndAsync();
        transcript.AssertWhole();
        Assert.Equal(["created", "started", "token", "progress", "token", "progress", "token", "progress", "completed"], transcript.Events.Select(one => one.Type));
        Assert.Equal($"/api/v1/tasks/{transcript.The("connected").Text("task_id")}", stream.Response.Headers.Location?.ToString());
    }

    [Fact]
    public async Task WithAcceptEventStream_ARefusalIsStillAProblem() =>
        (await Api.PostAsync("/api/v1/tasks", new { kind = "echo", input = new { count = -1 } }, ("Accept", "text/event-stream"))).IsProblem(HttpStatusCode.UnprocessableEntity, "invalid_input", "input.count");

    [Theory]
    [InlineData("header")]
    [InlineData("after")]
    [InlineData("both")]
    public async Task WithAcceptEventStream_TheSameAgain_GoesOnAfterTheCursor_AsAnyStreamDoes(string how)
    {
        var key = Guid.NewGuid().ToString("n");
        var body = new { kind = HandTask.NewKind() };
        string first;
        await using (var stream = (await OpenAsync("/api/v1/tasks"))!)
        {
            await stream.UntilAsync("created");
            first = stream.Blocks[^1].Id!;
        }

        await using var again = (await AgainAsync(first))!;
        var task = (await again.UntilAsync("caught_up")).Text("cursor") == first ? again.Transcript.The("connected").Text("task_id")! : "";
        Assert.Empty(again.Transcript.Events);
        await Api.PostAsync($"/api/v1/tasks/{task}/cancel");
        await again.ToEndAsync();
        Assert.Equal((2, "cancelled"), (again.Transcript.Events.Single().Seq, again.Transcript.Events.Single().Type));

        // All was told: the same as where the task is asked for by its id.
        Assert.Null(await AgainAsync(first.Replace(":1", ":2", StringComparison.Ordinal)));
        await using var reset = (await AgainAsync("other:1"))!;
        Assert.Equal(["created", "cancelled"], (await reset.ToEndAsync()).Events.Select(one => one.Type));
        Assert.Equal("epoch_changed", reset.Transcript.The("history_reset").Text("reason"));

        Task<SseViewer?> AgainAsync(string cursor) => how switch
        {
            "header" => OpenAsync("/api/v1/tasks", ("Last-Event-ID", cursor)),
            "after" => OpenAsync($"/api/v1/tasks?after={cursor}"),
            _ => OpenAsync($"/api/v1/tasks?after=first:1", ("Last-Event-ID", cursor)),
        };

        Task<SseViewer?> OpenAsync(string path, params (string, string)[] headers) =>
            SseViewer.OpenAsync(Api, HttpMethod.Post, path, body, [("Idempotency-Key", key), .. headers]);
    }

    [Fact]
    public async Task WithAcceptEventStream_TheQueryIsThatOfAnyStream()
    {
        var body = new { kind = "echo", task_id = "own_" + Guid.NewGuid().ToString("n"), input = new { count = 3, interval_ms = 0 } };
        await Api.CreateAsync(body);
        await Api.EndOfAsync(body.task_id);
        await using var live = await SseViewer.OpenAsync(Api, HttpMethod.Post, "/api/v1/tasks?include_history=false", body);
        Assert.Equal(["completed"], (await live!.ToEndAsync()).Events.Select(one => one.Type));
        await using var compact = await SseViewer.OpenAsync(Api, HttpMethod.Post, "/api/v1/tasks?compact=true&session_id=s_mine", body);
        (await compact!.ToEndAsync()).AssertWhole();
    }

    [Theory]
    [InlineData("", "Last-Event-ID", "seven", "invalid_cursor", "Last-Event-ID")]
    [InlineData("", "Last-Event-ID", "", "invalid_request", "Last-Event-ID")]
    [InlineData("?after=seven", "X-None", "x", "invalid_cursor", "after")]
    [InlineData("?compact=", "X-None", "x", "invalid_request", "compact")]
    [InlineData("?session_id=", "X-None", "x", "invalid_request", "session_id")]
    public async Task WithAcceptEventStream_WhatIsWrongAboutTheStream_IsSaidBeforeThereIsATask(string query, string header, string value, string code, string field)
    {
        var kind = HandTask.NewKind();
        (await Api.PostAsync("/api/v1/tasks" + query, new { kind }, ("Accept", "text/event-stream"), (header, value))).IsProblem(HttpStatusCode.BadRequest, code, field);
        Assert.Empty((await Api.GetAsync($"/api/v1/tasks?kind={kind}")).Is(HttpStatusCode.OK)["tasks"].EnumerateArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("long")]
    public async Task AnIdempotencyKeyThatSaysNothing_OrTooMuch_400(string key)
    {
        var kind = HandTask.NewKind();
        var header = ("Idempotency-Key", key == "long" ? new string('k', 256) : key);
        (await Api.PostAsync("/api/v1/tasks", new { kind }, header)).IsProblem(HttpStatusCode.BadRequest, "invalid_request", "Idempotency-Key");
        Assert.Empty((await Api.GetAsync($"/api/v1/tasks?kind={kind}")).Is(HttpStatusCode.OK)["tasks"].EnumerateArray());

        var failed = await HandTask.StartAsync(Api);
        await failed.FailAsync();
        (await Api.PostAsync($"/api/v1/tasks/{failed.Id}/retry", null, header)).IsProblem(HttpStatusCode.BadRequest, "invalid_request", "Idempotency-Key");
    }

    [Fact]
    public async Task TwoIdempotencyKeys_400()
    {
        await using var socket = await RawSocket.ConnectAsync(front.Address);
        await socket.WriteAsync($"POST /api/v1/tasks HTTP/1.1\r\nHost: {front.Address.Authority}\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 15\r\n\r\n{{\"kind\":\"echo\"}}");
        var (status, body) = await socket.AnswerAsync();
        Assert.Equal((400, "Idempotency-Key"), (status, JsonElement.Parse(body).GetProperty("field").GetString()));
    }

    [Fact]
    public async Task WhateverALabelIs_ItsTaskIsFoundByIt()
    {
        var kind = HandTask.NewKind();
        foreach (var name in (string[])["a", " ", " a ", "a b", "A", "a&b", "a%3Db", "a+b", "a;b", "a#b", "a?b/c", "a\"b\\", "a\nb", "ü", "用户", "😀", "label", "a:b", "\uFEFF", "😀" + new string('字', 254)])
        {
            foreach (var value in (string[])["", " ", "=", "a=b", "&x=y", "😀", "\t", new string('字', 256)])
            {
                var id = await Api.CreateAsync(new { kind, labels = new Dictionary<string, string> { [name] = value } });
                var found = (await Api.GetAsync($"/api/v1/tasks?kind={kind}&label={Uri.EscapeDataString($"{name}={value}")}")).Is(HttpStatusCode.OK)["tasks"].EnumerateArray();
                Assert.Equal(id, Assert.Single(found).GetProperty("task_id").GetString());
            }
        }
    }

    [Fact]
    public async Task ATaskIdOfOnesOwn_TheSameBodyAgainIs200_AnotherOne409()
    {
        var id = "own_" + Guid.NewGuid().ToString("n");
        Assert.Equal(id, await Api.CreateAsync($$$"""{"kind":"by-hand.x","task_id":"{{{id}}}","input":{"a":1,"b":[1,2]},"labels":{"x":"1","y":"2"}}"""));
        var same = (await Api.PostAsync("/api/v1/tasks", $$"""{ "labels":{"y":"2","x":"1"}, "input":{"b":[1, 2],"a":1}, "task_id":"{{id}}","kind":"by-hand.x" }""")).Is(HttpStatusCode.OK);
        Assert.Equal(id, same["task_id"].GetString());
        Assert.Equal($"/api/v1/tasks/{id}", same.Headers.Location?.ToString());
        foreach (var other in new[] { "\"input\":{\"a\":2,\"b\":[1,2]},\"labels\":{\"x\":\"1\",\"y\":\"2\"}", "\"input\":{\"a\":1,\"b\":[2,1]},\"labels\":{\"x\":\"1\",\"y\":\"2\"}", "\"input\":{\"a\":1,\"b\":[1,2]},\"labels\":{\"x\":\"1\"}", "\"input\":{\"a\":1,\"b\":[1,2]},\"labels\":{\"x\":\"1\",\"y\":\"2\"},\"max_attempts\":2" })
        {
            (await Api.PostAsync("/api/v1/tasks", $$"""{"kind":"by-hand.x","task_id":"{{id}}",{{other}}}""")).IsProblem(HttpStatusCode.Conflict, "task_exists", "task_id");
        }

        Assert.Single(await Api.LogAsync(id));
    }

    [Fact]
    public async Task ATaskIdOfAFinishedTask_StillAnswersTheSame()
    {
        var id = "own_" + Guid.NewGuid().ToString("n");
        var body = new { kind = "echo", task_id = id, input = new { count = 0 } };
        await Api.CreateAsync(body);
        await Api.EndOfAsync(id);
        Assert.Equal("completed", (await Api.PostAsync("/api/v1/tasks", body)).Is(HttpStatusCode.OK)["status"].GetString());
        (await Api.PostAsync("/api/v1/tasks", new { kind = "echo", task_id = id })).IsProblem(HttpStatusCode.Conflict, "task_exists", "task_id");
    }

    [Fact]
    public async Task AnIdempotencyKey_SameBody200_AnotherBody422()
    {
        var (key, kind) = (Guid.NewGuid().ToString(), HandTask.NewKind());
        var first = (await Api.PostAsync("/api/v1/tasks", new { kind, input = new { a = 1 } }, ("Idempotency-Key", key))).Is(HttpStatusCode.Accepted);
        var again = (await Api.PostAsync("/api/v1/tasks", new { kind, input = new { a = 1 } }, ("Idempotency-Key", key))).Is(HttpStatusCode.OK);
        Assert.Equal(first["task_id"].GetString(), again["task_id"].GetString());
        (await Api.PostAsync("/api/v1/tasks", new { kind, input = new { a = 2 } }, ("Idempotency-Key", key))).IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency_conflict", "Idempotency-Key");
        var other = (await Api.PostAsync("/api/v1/tasks", new { kind, input = new { a = 1 } }, ("Idempotency-Key", key + "x"))).Is(HttpStatusCode.Accepted);
        Assert.NotEqual(first["task_id"].GetString(), other["task_id"].GetString());
    }

    [Fact]
    public async Task TwoHundredRacingCreatesWithOneKey_MakeOneTask()
    {
        var (key, kind) = (Guid.NewGuid().ToString(), HandTask.NewKind());
        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Api.PostAsync("/api/v1/tasks", new { kind }, ("Idempotency-Key", key))));
        Assert.Single(replies, reply => reply.Status == HttpStatusCode.Accepted);
        Assert.Equal(199, replies.Count(reply => reply.Status == HttpStatusCode.OK));
        Assert.Single(replies.Select(reply => reply["task_id"].GetString()).Distinct());
        Assert.Single((await Api.GetAsync($"/api/v1/tasks?kind={kind}"))["tasks"].EnumerateArray());
    }

    [Fact]
    public async Task RacingCreatesWithOneTaskId_MakeOneTask()
    {
        var (id, kind) = ("race_" + Guid.NewGuid().ToString("n"), HandTask.NewKind());
        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => Api.PostAsync("/api/v1/tasks", new { kind, task_id = id, input = new { n = n % 2 } })));
        Assert.Single(replies, reply => reply.Status == HttpStatusCode.Accepted);
        Assert.Equal(99, replies.Count(reply => reply.Status == HttpStatusCode.OK));
        Assert.Equal(100, replies.Count(reply => reply.Status == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task AKeyWhoseRequestWasRefused_MayBeUsedAgain()
    {
        var key = Guid.NewGuid().ToString();
        (await Api.PostAsync("/api/v1/tasks", new { kind = "echo", input = new { count = -1 } }, ("Idempotency-Key", key))).IsProblem(HttpStatusCode.UnprocessableEntity, "invalid_input", "input.count");
        (await Api.PostAsync("/api/v1/tasks", new { kind = "echo", input = new { count = 0 } }, ("Idempotency-Key", key))).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task AKeyOfADeletedTask_MayBeUsedAgain()
    {
        var key = Guid.NewGuid().ToString();
        var first = (await Api.PostAsync("/api/v1/tasks", new { kind = "echo", input = new { count = 0 } }, ("Idempotency-Key", key))).Is(HttpStatusCode.Accepted)["task_id"].GetString()!;
        await Api.EndOfAsync(first);
        (await Api.DeleteAsync($"/api/v1/tasks/{first}")).Is(HttpStatusCode.NoContent);
        var second = (await Api.PostAsync("/api/v1/tasks", new { kind = "echo", input = new { count = 1 } }, ("Idempotency-Key", key))).Is(HttpStatusCode.Accepted);
        Assert.NotEqual(first, second["task_id"].GetString());
    }

    [Fact]
    public async Task AKeyTooLong_IsRefused() =>
        (await Api.PostAsync("/api/v1/tasks", new { kind = "echo" }, ("Idempotency-Key", new string('k', 256)))).IsProblem(HttpStatusCode.BadRequest, "invalid_request", "Idempotency-Key");

    [Theory]
    [InlineData("{}", "kind")]
    [InlineData("""{"kind":null}""", "kind")]
    [InlineData("""{"kind":7}""", "kind")]
    [InlineData("""{"kind":""}""", "kind")]
    [InlineData("""{"kind":"Echo"}""", "kind")]
    [InlineData("""{"kind":"a b"}""", "kind")]
    [InlineData("""{"kind":"a/b"}""", "kind")]
    [InlineData("""{"kind":"echo","task_id":"short"}""", "task_id")]
    [InlineData("""{"kind":"echo","task_id":"has a blank"}""", "task_id")]
    [InlineData("""{"kind":"echo","task_id":"ünïcödé1"}""", "task_id")]
    [InlineData("""{"kind":"echo","task_id":"a.b.c.d.e.f"}""", "task_id")]
    [InlineData("""{"kind":"echo","task_id":12345678}""", "task_id")]
    [InlineData("""{"kind":"echo","input":[]}""", "input")]
    [InlineData("""{"kind":"echo","input":"x"}""", "input")]
    [InlineData("""{"kind":"echo","labels":[]}""", "labels")]
    [InlineData("""{"kind":"echo","labels":{"a":1}}""", "labels.a")]
    [InlineData("""{"kind":"echo","labels":{"":"x"}}""", "labels")]
    [InlineData("""{"kind":"echo","labels":{"a=b":"x"}}""", "labels.a=b")]
    [InlineData("""{"kind":"echo","labels":{"=":"x"}}""", "labels.=")]
    [InlineData("""{"kind":"echo","labels":{"a\u0000b":"x"}}""", "labels.a\0b")]
    [InlineData("""{"kind":"echo","labels":{"a":"\u0000"}}""", "labels.a")]
    [InlineData("""{"kind":"echo","max_attempts":0}""", "max_attempts")]
    [InlineData("""{"kind":"echo","max_attempts":101}""", "max_attempts")]
    [InlineData("""{"kind":"echo","max_attempts":1.5}""", "max_attempts")]
    [InlineData("""{"kind":"echo","max_attempts":"3"}""", "max_attempts")]
    [InlineData("""{"kind":"echo","max_attempt":3}""", "max_attempt")]
    public async Task AWrongField_IsRefusedByName(string body, string field) =>
        (await Api.PostAsync("/api/v1/tasks", body)).IsProblem(HttpStatusCode.BadRequest, "invalid_request", field);

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("""{"kind":"echo","kind":"echo"}""")]
    [InlineData("""{"kind":"echo","input":{"channel":"\ud800"}}""")]
    [InlineData("""{"kind":"echo","input":{"channel":"\udc00\ud800"}}""")]
    [InlineData("""{"kind":"echo",}""")]
    [InlineData("""{"kind":"echo"/* */}""")]
    [InlineData("{\"kind\":\"e\u0001\"}")]
    [InlineData("""{"kind":"echo","input":{"count":01}}""")]
    [InlineData("""{"kind":"echo","input":{"count":NaN}}""")]
    public async Task WhatIsNoJson_IsRefused(string body) => (await Api.PostAsync("/api/v1/tasks", body)).IsProblem(HttpStatusCode.BadRequest, "invalid_json");

    [Theory]
    [InlineData("""{"kind":""", " (line 1, byte 9)")]
    [InlineData("{\n  'kind'", " (line 2, byte 3)")]
    [InlineData("""{"kind":"\ud800"}""", "")]
    public async Task WhatIsNoJson_IsRefusedInOurOwnWords_WithThePlaceWhereItIsKnown(string body, string place) => Assert.Equal(
        $"The body can't be read{place}: send one JSON object in UTF-8, nested at most 56 deep, with no name twice and no half of a surrogate pair.",
        (await Api.PostAsync("/api/v1/tasks", body)).IsProblem(HttpStatusCode.BadRequest, "invalid_json")["detail"].GetString());

    [Fact]
    public async Task WhatIsNoUtf8_IsRefused()
    {
        byte[] body = [.. """{"kind":"echo","input":{"channel":" """u8.ToArray()[..^1], 0xff, 0xfe, .. "\"}}"u8];
        (await Api.PostAsync("/api/v1/tasks", body)).IsProblem(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Fact]
    public async Task WhatIsNoObject_IsRefused()
    {
        foreach (var body in new[] { "[]", "null", "7", "\"x\"" })
        {
            (await Api.PostAsync("/api/v1/tasks", body)).IsProblem(HttpStatusCode.BadRequest, "invalid_request");
        }
    }

    [Fact]
    public async Task JsonNests56Levels_AndNotOneMore()
    {
        // The body is one level, 'input' the second, 'result' what it holds.
        static string Body(int depth) => $$$"""{"kind":"echo","input":{"count":0,"result":{{{new string('[', depth - 2)}}}{{{new string(']', depth - 2)}}}}}""";
        (await Api.PostAsync("/api/v1/tasks", Body(57))).IsProblem(HttpStatusCode.BadRequest, "invalid_json");
        var task = await Api.CreateAsync(Body(56));
        await Api.EndOfAsync(task);
        Assert.Equal(54, (await Api.GetAsync($"/api/v1/tasks/{task}/result")).Text.Count(character => character == '['));
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task, "include_history=true&batch=true");
        await viewer.AssertClosedAsync(1000, "task_finished", "stop");
    }

    [Fact]
    public async Task ABodyOver8MiB_413_AndOneBelowIsRead()
    {
        (await Api.PostAsync("/api/v1/tasks", $$$"""{"kind":"by-hand.big","input":{"x":"{{{new string('x', 8 << 20)}}}"}}""")).IsProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        var id = await Api.CreateAsync($$$"""{"kind":"{{{HandTask.NewKind()}}}","input":{"x":"{{{new string('x', 7 << 20)}}}"}}""");
        Assert.Equal("queued", await Api.StatusAsync(id));
    }

    [Fact]
    public async Task ABodyWithoutALength_IsCutOffAtItsLimit()
    {
        await using var socket = await RawSocket.ConnectAsync(front.Address);
        await socket.WriteAsync("POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        var chunk = Encoding.ASCII.GetBytes("10000\r\n" + new string(' ', 65536) + "\r\n");
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                await socket.WriteAsync(chunk);
            }
        }
        catch (IOException)
        {
            // It had enough; the answer is there.
        }

        var (status, body) = await socket.AnswerAsync();
        Assert.Equal((413, "body_too_large"), (status, JsonElement.Parse(body).GetProperty("code").GetString()));
    }

    [Fact]
    public async Task SixteenLabelsOf256Characters_AreTheMost()
    {
        static string Body(int count, int length) => JsonSerializer.Serialize(new { kind = "by-hand.labels", labels = Enumerable.Range(0, count).ToDictionary(n => $"{n:00}".PadRight(length, 'n'), _ => new string('v', length)) });
        await Api.CreateAsync(Body(16, 256));
        (await Api.PostAsync("/api/v1/tasks", Body(17, 10))).IsProblem(HttpStatusCode.BadRequest, "invalid_request", "labels");
        var name = "00".PadRight(257, 'n');
        (await Api.PostAsync("/api/v1/tasks", Body(1, 257))).IsProblem(HttpStatusCode.BadRequest, "invalid_request", "labels." + name);
    }

    [Fact]
    public async Task UnknownQueryParameters_AreIgnored() => (await Api.PostAsync("/api/v1/tasks?debug=1", new { kind = HandTask.NewKind() })).Is(HttpStatusCode.Accepted);
}
