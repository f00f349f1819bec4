using System.Globalization;
using System.Net;
using System.Text.Json;

using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;
using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 2: events, cursors, compact, batch, limits, retention.</summary>
public sealed class Section2_Event(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task AnEvent_IsTypeTaskSeqTsData_AndTsNeverGoesBack()
    {
        var task = await Api.EchoAsync(new { count = 20, interval_ms = 1, fail_at = 7, review_at = 12 });
        await Api.UntilStatusAsync(task, "awaiting_review");
        await Api.PostAsync($"/api/v1/tasks/{task}/cancel");
        var log = await Api.LogAsync(task);
        Assert.All(log, one => Assert.Equal(["type", "task_id", "seq", "ts", "data"], one.Json.EnumerateObject().Select(member => member.Name)));
        Assert.All(log, one => Assert.Equal(task, one.Text("task_id")));
        Assert.All(log, one => Assert.Matches(Patterns.Time, one.Text("ts")));
        Assert.Equal(log.Select(one => one.Text("ts")).Order(StringComparer.Ordinal), log.Select(one => one.Text("ts")));
    }

    [Fact]
    public async Task AGeneratorsOwnType_IsAnEventLikeAnyOther()
    {
        await using var host = await EmbeddedFront.StartAsync(adjust: services => services.AddGenerator<StagesGenerator>());
        var task = await host.Api.CreateAsync(new { kind = "test.stages" });
        await host.Api.EndOfAsync(task);
        var own = Assert.Single(await host.Api.LogAsync(task), one => one.Type == "stages.one");
        Assert.Equal("""{"title":"ü","minutes":7}""", own.Data.GetRawText());
        Assert.All(new[] { "stage", "token", "Stages.one", "a b.c", "." }, type => Assert.Throws<ArgumentException>(() => EventDraft.Custom(type, default)));
    }

    /// <summary>Says one thing in a type of its own.</summary>
    private sealed class StagesGenerator : IGenerator
    {
        public string Kind => "test.stages";

        public void Validate(JsonElement input)
        {
            // Takes anything.
        }

        public async Task<JsonElement> RunAsync(IGeneratorContext context, CancellationToken cancellationToken)
        {
            await context.AppendAsync(EventDraft.Custom("stages.one", JsonElement.Parse("""{ "title": "ü", "minutes": 7 }""")));
            return JsonElement.Parse("null");
        }
    }

    [Fact]
    public async Task Created_IsAlwaysEventOne_WithKindAndLabels()
    {
        var task = await HandTask.QueueAsync(Api, """ "labels":{"b":"2","a":"ü☃\"\\"} """);
        var created = Assert.Single(await Api.LogAsync(task.Id));
        Assert.Equal((1, "created", $$$"""{"kind":"{{{task.Kind}}}","labels":{"a":"ü☃\"\\","b":"2"}}"""), (created.Seq, created.Type, created.Data.GetRawText()));
    }

    /// <summary>Everything that writes JSON is made to write a character beyond the BMP, and an ü and a Chinese one beside it.</summary>
    [Fact]
    public async Task TextIsUtf8AsItIs_WhoeverWritesIt()
    {
        const string Text = "ü字😀";
        var given = new { text = Text, nested = new Dictionary<string, object> { [Text] = Text } };
        var task = await HandTask.QueueAsync(Api, $$""" "max_attempts":2,"labels":{"{{Text}}":"\ud83d\ude00{{Text}}"},"input":{"{{Text}}":"{{Text}}"} """);
        await task.LeaseAsync(Text);
        var asked = (await task.CallAsync("reviews", new { lease = task.Lease, key = Text, prompt = Text, payload = given })).Is(HttpStatusCode.OK)["review_id"].GetString();
        (await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", new { review_id = asked, decision = "revise", comment = Text, edits = given })).Is(HttpStatusCode.OK);
        await task.CheckpointAsync(
            given,
            HandTask.Token(Text, Text),
            new { type = "progress", data = new { percent = 1, stage = Text, message = Text } },
            new { type = "item", data = new { item_id = Text, title = Text, status = "started", data = given } },
            new { type = "batch", data = new { batch = Text, of = 1 } },
            new { type = "artifact", data = new { name = Text, content_type = Text, value = given } },
            new { type = "debug", data = new { message = Text, level = Text } },
            new { type = "own.type", data = given });
        await task.FailAsync(Text, retryable: true);
        await task.LeaseAsync();
        List<string> told = [task.Leased.GetRawText()];

        await using var socket = await WebSocketViewer.WatchAsync(Api, task.Id);
        await socket.UntilAsync("caught_up");
        await socket.SendTextAsync($$"""{"type":"{{Text}}"}""");
        await socket.UntilAsync("error");
        await socket.SendTextAsync($$"""{"type":"heartbeat","timestamp":"{{Text}}","id":"{{Text}}"}""");
        await socket.UntilAsync("heartbeat_ack");
        await using var list = await SseViewer.TryWatchAsync(Api, $"/api/v1/tasks/stream?kind={task.Kind}");
        await list!.UntilAsync("snapshot");
        await task.CompleteAsync(given);
        await using var stream = await SseViewer.WatchAsync(Api, task.Id);
        told.AddRange((await stream.ToEndAsync()).Messages.Select(message => message.Raw));
        told.AddRange((await socket.ToEndAsync()).Messages.Select(message => message.Raw));
        told.AddRange(list.Transcript.Messages.Select(message => message.Raw));

        var cancelled = await Api.CreateAsync(new { kind = HandTask.NewKind() });
        await Api.PostAsync($"/api/v1/tasks/{cancelled}/cancel", new { reason = Text });
        var failed = await HandTask.StartAsync(Api);
        (await failed.CallAsync("fail", new { lease = failed.Lease, error = new { code = Text, message = Text, retryable = false } })).Is(HttpStatusCode.OK);
        foreach (var path in (string[])[$"tasks/{task.Id}", $"tasks/{task.Id}/result", $"tasks/{task.Id}/events", $"tasks/{cancelled}/events", $"tasks/{failed.Id}", $"tasks/{failed.Id}/events",
            $"tasks?kind={task.Kind}", $"tasks/{Uri.EscapeDataString(Text)}", $"sessions/{Uri.EscapeDataString(Text)}"])
        {
            told.Add((await Api.GetAsync("/api/v1/" + path)).Text);
        }

        told.Add((await Api.PostAsync("/api/v1/tasks", $$"""{"kind":"echo","{{Text}}":1}""")).IsProblem(HttpStatusCode.BadRequest, "invalid_request", Text).Text);
        Assert.All(told, text => Assert.DoesNotContain("\\u", text, StringComparison.Ordinal));
        Assert.True(told.Count(text => text.Contains(Text, StringComparison.Ordinal)) > 30, "Hardly anything was told.");
    }

    [Fact]
    public async Task ATokenOfEmoji_HasTheRoomOfItsUtf8()
    {
        var task = await HandTask.StartAsync(Api);
        await task.TokensAsync(string.Concat(Enumerable.Repeat("😀", 60_000)));
        Assert.Equal(120_000, (await Api.LogAsync(task.Id))[^1].Data.GetProperty("delta").GetString()!.Length);
    }

    [Fact]
    public async Task Started_ComesAtEachStartOfWork_WithAttemptAndWorker()
    {
        var task = await HandTask.QueueAsync(Api);
        await task.LeaseAsync("worker ü 1");
        Assert.Equal("""{"attempt":1,"worker":"worker ü 1"}""", (await Api.LogAsync(task.Id))[1].Data.GetRawText());
    }

    [Fact]
    public async Task Progress_NeverGoesBackWithinAnAttempt_AndStaysBetween0And100()
    {
        var task = await HandTask.StartAsync(Api);
        foreach (var percent in new[] { "10", "5", "null", "50.25", "-3", "1e300", "100" })
        {
            (await task.CallAsync("events", $$$"""{"lease":"{{{task.Lease}}}","events":[{"type":"progress","data":{"percent":{{{percent}}}}}]}""")).Is(HttpStatusCode.OK);
        }

        var percents = (await Api.LogAsync(task.Id)).Where(one => one.Type == "progress").Select(one => one.Data.GetProperty("percent").GetDouble());
        Assert.Equal([10, 10, 10, 50.25, 50.25, 100, 100], percents);
    }

    [Fact]
    public async Task Progress_StartsOverWithTheNextAttempt()
    {
        var task = await HandTask.StartAsync(Api);
        await task.AppendAsync(new { type = "progress", data = new { percent = 80 } });
        await task.FailAsync(retryable: true);
        await task.LeaseAsync();
        await task.AppendAsync(new { type = "progress", data = new { percent = 20 } });
        Assert.Equal(20, (await Api.LogAsync(task.Id))[^1].Data.GetProperty("percent").GetInt32());
    }

    [Fact]
    public async Task EveryTypeOfWork_IsKeptAsItWasSent()
    {
        var task = await HandTask.StartAsync(Api);
        object[] events =
        [
            new { type = "progress", data = new { percent = 1.5, stage = "s", message = "m", current = 1, total = 9007199254740993 } },
            new { type = "token", data = new { channel = "c", delta = "ä\u0001☃\"</script>\u2028" } },
            new { type = "item", data = new { item_id = "i", title = "t", status = "started", parent = "p", data = new { any = new[] { 1 } } } },
            new { type = "batch", data = new { batch = "b", of = 1, done = 2, failed = 3, total = 4 } },
            new { type = "artifact", data = new { name = "n", content_type = "text/plain", value = "v" } },
            new { type = "debug", data = new { message = "m", level = "info" } },
            new { type = "my.own-type_1", data = new { x = 1.10 } },
        ];
        await task.AppendAsync(events);
        var log = (await Api.LogAsync(task.Id)).Skip(2).ToList();
        Assert.Equal(events.Select(one => one.GetType().GetProperty("type")!.GetValue(one)), log.Select(one => one.Type));
        Assert.Equal("""{"percent":1.5,"stage":"s","message":"m","current":1,"total":9007199254740993}""", log[0].Data.GetRawText());
        Assert.Equal("ä\u0001☃\"</script>\u2028", log[1].Data.GetProperty("delta").GetString());
        Assert.Equal("""{"item_id":"i","title":"t","status":"started","parent":"p","data":{"any":[1]}}""", log[2].Data.GetRawText());
        Assert.Equal("""{"batch":"b","of":1,"done":2,"failed":3,"total":4}""", log[3].Data.GetRawText());
    }

    [Fact]
    public async Task Retrying_SupersedesWhatCameAfterTheLastCheckpoint()
    {
        var task = await HandTask.StartAsync(Api);
        await task.TokensAsync("kept");
        var covered = await task.CheckpointAsync(1, HandTask.Token("kept, too"));
        await task.TokensAsync("dropped", "dropped");
        await task.FailAsync(retryable: true);
        Assert.Equal(covered, (await Api.LogAsync(task.Id))[^1].Data.GetProperty("supersedes_after").GetInt64());
    }

    [Fact]
    public async Task Retrying_WithoutACheckpoint_SupersedesWhatCameAfterTheFirstStart_EveryTime()
    {
        var task = await HandTask.StartAsync(Api, """ "max_attempts":5 """);
        for (var i = 0; i < 2; i++)
        {
            await task.TokensAsync("dropped");
            await task.FailAsync(retryable: true);
            Assert.Equal(2, (await Api.LogAsync(task.Id))[^1].Data.GetProperty("supersedes_after").GetInt64());
            await task.LeaseAsync();
        }
    }

    [Fact]
    public async Task ACheckpointWithoutEvents_CoversAllThatWasAppendedBefore()
    {
        var task = await HandTask.StartAsync(Api);
        var last = await task.TokensAsync("a", "b");
        Assert.Equal(last, await task.CheckpointAsync(new { place = "b" }));
        await task.FailAsync(retryable: true);
        Assert.Equal(last, (await Api.LogAsync(task.Id))[^1].Data.GetProperty("supersedes_after").GetInt64());
        await task.LeaseAsync();
        Assert.Equal("""{"place":"b"}""", task.Leased.GetProperty("checkpoint").GetRawText());
    }

    [Fact]
    public async Task ASmallResult_IsInTheTerminalEvent_AndALargeOneIsFetched()
    {
        var small = await HandTask.StartAsync(Api);
        await small.CompleteAsync(new string('x', 65_000));
        Assert.Equal(65_000, (await Api.LogAsync(small.Id))[^1].Data.GetProperty("result").GetString()!.Length);
        var large = await HandTask.StartAsync(Api);
        await large.CompleteAsync(new string('x', 70_000));
        Assert.Equal("""{"result":null,"result_bytes":70002}""", (await Api.LogAsync(large.Id))[^1].Data.GetRawText());
        Assert.Equal(new string('x', 70_000), (await Api.GetAsync($"/api/v1/tasks/{large.Id}/result")).Json.GetString());
    }

    [Fact]
    public async Task AnEventOver256KiB_IsRefused_AndNothingOfItsBatchIsAppended()
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("events", new { lease = task.Lease, events = new[] { HandTask.Token("fine"), HandTask.Token(new string('x', 256 << 10)) } }))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge, "too_large", "events[1]");
        Assert.Equal(2, (await Api.LogAsync(task.Id)).Count);
        await task.TokensAsync(new string('x', (256 << 10) - 300));
    }

    [Fact]
    public async Task ACheckpointOver256KiB_IsRefused_AndNothingChanges()
    {
        var task = await HandTask.StartAsync(Api);
        (await task.CallAsync("events", new { lease = task.Lease, events = new[] { HandTask.Token("a") }, checkpoint = new string('x', 256 << 10) }))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge, "too_large", "checkpoint");
        Assert.Equal(2, (await Api.LogAsync(task.Id)).Count);
        await task.CheckpointAsync(new string('y', 200_000));
        await task.FailAsync(retryable: true);
        await task.LeaseAsync();
        Assert.Equal(new string('y', 200_000), task.Leased.GetProperty("checkpoint").GetString());
    }

    [Fact]
    public async Task AResultOver4MiB_FailsTheTask_AndTheRepetitionHearsTheSame()
    {
        var task = await HandTask.StartAsync(Api);
        var body = new { lease = task.Lease, result = new string('x', 4 << 20) };
        Assert.Equal("failed", (await task.CallAsync("complete", body)).Is(HttpStatusCode.OK)["status"].GetString());
        Assert.Equal("too_large", (await Api.LogAsync(task.Id))[^1].Data.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("failed", (await task.CallAsync("complete", body)).Is(HttpStatusCode.OK)["status"].GetString());
    }

    [Fact]
    public async Task BeyondTheLongestHistory_TheTaskFails()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Tasks:MaxEvents"] = "100" });
        var echo = await host.Api.EchoAsync(new { count = 200, interval_ms = 0 });
        var end = await host.Api.EndOfAsync(echo);
        Assert.Equal(("failed", "history_limit"), (end.GetProperty("status").GetString(), end.GetProperty("error").GetProperty("code").GetString()));
        var task = await HandTask.StartAsync(host.Api);
        (await task.CallAsync("events", new { lease = task.Lease, events = Enumerable.Range(0, 90).Select(_ => HandTask.Token("x")) })).IsProblem(HttpStatusCode.Conflict, "history_limit");
        Assert.Equal("history_limit", (await host.Api.SnapshotAsync(task.Id)).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task BeyondTheLargestHistory_TheTaskFails()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Tasks:MaxHistoryBytes"] = "20000" });
        var end = await host.Api.EndOfAsync(await host.Api.EchoAsync(new { count = 200, interval_ms = 0, size = 1000 }));
        Assert.Equal("history_limit", end.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Retention_DeletesTheOldestEndedTasks_ByCount_AndNeverARunningOne()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Recovery:RetainCount"] = "2", ["Recovery:SweepPeriod"] = "00:00:00.200" });
        var running = await HandTask.StartAsync(host.Api);
        List<string> ended = [];
        for (var i = 0; i < 5; i++)
        {
            ended.Add(await host.Api.EchoAsync(new { count = 0 }));
            await host.Api.UntilStatusAsync(ended[^1], "completed");
        }

        await Waiting.UntilAsync("two ended tasks are left", async () => (await host.Api.GetAsync("/api/v1/tasks?status=completed"))["tasks"].GetArrayLength() == 2);
        Assert.Equal(ended.Skip(3).Reverse(), (await host.Api.GetAsync("/api/v1/tasks?status=completed"))["tasks"].EnumerateArray().Select(one => one.GetProperty("task_id").GetString()));
        Assert.Equal("running", await host.Api.StatusAsync(running.Id));
        (await host.Api.GetAsync($"/api/v1/tasks/{ended[0]}/events")).IsProblem(HttpStatusCode.NotFound, "task_not_found");
    }

    [Fact]
    public async Task Retention_DeletesEndedTasks_ByAge_AndNeverARunningOne()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Recovery:RetainFor"] = "00:00:01", ["Recovery:SweepPeriod"] = "00:00:00.200" });
        var running = await HandTask.StartAsync(host.Api);
        var ended = await host.Api.EchoAsync(new { count = 0 });
        await Waiting.UntilAsync("the ended task is gone", async () => (await host.Api.GetAsync($"/api/v1/tasks/{ended}")).Status == HttpStatusCode.NotFound);
        Assert.Equal("running", await host.Api.StatusAsync(running.Id));
    }

    [Theory]
    [InlineData("k3v9")]
    [InlineData(":1")]
    [InlineData("k3v9:")]
    [InlineData("k3v9:01")]
    [InlineData("k3v9:-1")]
    [InlineData("k3v9:+1")]
    [InlineData("k3v9:1 ")]
    [InlineData("k3v9:1.0")]
    [InlineData("k3v9:1e3")]
    [InlineData("k3v9:9007199254740992")]
    [InlineData("k3v9:99999999999999999999999")]
    [InlineData("k3.9:1")]
    [InlineData("k3v9:1:2")]
    [InlineData("ü:1")]
    [InlineData("k3v9:١")]
    [InlineData("123456789012345678901234567890123:1")]
    public async Task AMalformedCursor_IsRefusedOnEveryTransport(string cursor)
    {
        var task = await HandTask.QueueAsync(Api);
        var path = $"/api/v1/tasks/{task.Id}/events?after={Uri.EscapeDataString(cursor)}";
        (await Api.GetAsync(path)).IsProblem(HttpStatusCode.BadRequest, "invalid_cursor", "after");
        (await Api.GetAsync(path, ("Accept", "text/event-stream"))).IsProblem(HttpStatusCode.BadRequest, "invalid_cursor", "after");
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id, "after=" + Uri.EscapeDataString(cursor));
        await viewer.AssertClosedAsync(4400, "invalid_cursor", "stop");
    }

    [Fact]
    public async Task TheLargestCursor_IsNoMistake()
    {
        var task = await HandTask.QueueAsync(Api);
        var page = (await Api.GetAsync($"/api/v1/tasks/{task.Id}/events?after=k3v9:9007199254740991")).Is(HttpStatusCode.OK);
        Assert.True(page["reset"].GetBoolean());
    }

    [Fact]
    public async Task Compact_MergesTokensOfOneChannel_NeverAcrossAnotherEvent_ACheckpointOrASupersedesAfter()
    {
        var task = await HandTask.StartAsync(Api);
        await task.TokensAsync("a", "b");
        await task.CheckpointAsync(1, HandTask.Token("c"));
        await task.TokensAsync("X", "Y");
        await task.FailAsync(retryable: true);
        await task.LeaseAsync();
        await task.TokensAsync("d", "e");
        await task.AppendAsync(HandTask.Token("1", "other"), HandTask.Token("2", "other"), HandTask.Token("f"), new { type = "debug", data = new { message = "m" } }, HandTask.Token("g"), HandTask.Token("h"));
        await task.CheckpointAsync(2, HandTask.Token("i"));
        await task.TokensAsync("j", "k");
        string[] expected =
        [
            "1-1 created", "2-2 started", "3-5 main abc", "6-7 main XY", "8-8 retrying", "9-9 started", "10-11 main de", "12-13 other 12", "14-14 main f", "15-15 debug", "16-18 main ghi", "19-20 main jk",
        ];
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id, "include_history=true&compact=true");
        await viewer.UntilAsync("caught_up");
        Assert.Equal(expected, viewer.Transcript.Events.Select(Describe));
        await using var stream = await SseViewer.WatchAsync(Api, task.Id, "compact=true");
        await stream.UntilAsync("caught_up");
        Assert.Equal(expected, stream.Transcript.Events.Select(Describe));
        var page = (await Api.GetAsync($"/api/v1/tasks/{task.Id}/events?compact=true"))["events"];
        Assert.Equal(expected, page.EnumerateArray().Select(one => Describe(new Message(one.GetRawText()))));
        var plain = (await Api.GetAsync($"/api/v1/tasks/{task.Id}/events"))["events"];
        Assert.Equal(20, plain.GetArrayLength());
    }

    [Fact]
    public async Task Compact_EveryMergedTokenIsAtMost64KiB()
    {
        var task = await HandTask.StartAsync(Api);
        for (var i = 0; i < 8; i++)
        {
            await task.TokensAsync(Enumerable.Range(0, 40).Select(n => new string((char)('a' + i), 1000 + n)));
        }

        await task.TokensAsync(new string('z', 100_000));
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id, "include_history=true&compact=true");
        await viewer.UntilAsync("caught_up");
        var merged = viewer.Transcript.Events.Where(one => one.SeqFrom < one.Seq).ToList();
        Assert.All(merged, one => Assert.True(one.Raw.Length <= 64 << 10, $"{one.Raw.Length}"));
        Assert.InRange(viewer.Transcript.Events.Count(), 5, 20);
        var told = string.Concat(viewer.Transcript.Events.Where(one => one.Type == "token").Select(one => one.Data.GetProperty("delta").GetString()));
        Assert.Equal(string.Concat((await Api.LogAsync(task.Id)).Where(one => one.Type == "token").Select(one => one.Data.GetProperty("delta").GetString())), told);
    }

    [Fact]
    public async Task Compact_JoinsTextWithoutTouchingIt()
    {
        var task = await HandTask.StartAsync(Api);
        string[] texts = ["\"", "\\", "☃", "\u0001\n", "😀", "</script>", "e\u0301", ""];
        await task.TokensAsync(texts);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, task.Id, "include_history=true&compact=true");
        await viewer.UntilAsync("caught_up");
        var merged = viewer.Transcript.Events.Single(one => one.Type == "token");
        Assert.Equal((3, 10, string.Concat(texts)), (merged.SeqFrom, merged.Seq, merged.Data.GetProperty("delta").GetString()));
        Assert.Equal((await Api.LogAsync(task.Id))[^1].Text("ts"), merged.Text("ts"));
    }

    [Fact]
    public async Task Batch_AFrameMayHoldAnArray_AndWithoutItEachHoldsOne()
    {
        var task = await Api.EchoAsync(new { count = 200, interval_ms = 0, size = 20 });
        await Api.EndOfAsync(task);
        await using var batch = await WebSocketViewer.WatchAsync(Api, task, "include_history=true&batch=true");
        await batch.AssertClosedAsync(1000, "task_finished", "stop");
        Assert.True(batch.LargestFrame > 1);
        await using var plain = await WebSocketViewer.WatchAsync(Api, task);
        await plain.AssertClosedAsync(1000, "task_finished", "stop");
        Assert.Equal(1, plain.LargestFrame);
        Assert.Equal(plain.Transcript.Events.Select(one => one.Raw), batch.Transcript.Events.Select(one => one.Raw));
    }

    private static string Describe(Message message) => string.Create(CultureInfo.InvariantCulture, $"{message.SeqFrom}-{message.Seq} ")
        + (message.Type == "token" ? $"{message.Data.GetProperty("channel").GetString()} {message.Data.GetProperty("delta").GetString()}" : message.Type);
}
