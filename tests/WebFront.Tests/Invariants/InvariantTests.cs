using System.Net;
using System.Text;

using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.WebFront.Tests.Invariants;

/// <summary>What always holds, each by its name, as far as one process goes.</summary>
public sealed class InvariantTests(SharedFront front, ITestOutputHelper output)
{
    private static readonly string[] Transports = ["ws", "sse", "poll"];

    private Api Api => front.Api;

    [Fact]
    public async Task Invariant1_VisibleMeansDurable_NobodySeesAnEventWhoseAppendHasNotSucceeded()
    {
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await EmbeddedFront.StartAsync(adjust: services => services.AddSingleton<ILogStore>(store));
        var task = await HandTask.StartAsync(host.Api);
        await using var socket = await WebSocketViewer.WatchAsync(host.Api, task.Id);
        await socket.UntilAsync("caught_up");
        await using var stream = await SseViewer.WatchAsync(host.Api, task.Id);
        await stream.UntilAsync("caught_up");
        store.Holds = append => append.Id == task.Id && append.Records.Count > 0;
        var appending = task.TokensAsync("not yet");

        // Held on its way, then lost on its way, then held once more: not durable all the while.
        var held = await store.NextAsync("the append is on its way");
        await AssertNotVisibleAsync(1);
        held.Release(LogFault.LostBeforeCommit);
        held = await store.NextAsync("the append is repeated");
        await AssertNotVisibleAsync(2);
        Assert.False(appending.IsCompleted);
        held.Release(LogFault.LostAfterCommit);

        // Durable, but nobody knows until the repetition says so.
        (await store.NextAsync("the append is repeated again")).Release();
        Assert.Equal(3, await appending);
        await socket.UntilSeqAsync(3);
        await stream.UntilSeqAsync(3);
        Assert.Equal(3, (await host.Api.LogAsync(task.Id)).Count);

        async Task AssertNotVisibleAsync(int id)
        {
            Assert.Equal(2, (await host.Api.SnapshotAsync(task.Id)).GetProperty("last_seq").GetInt64());
            Assert.Equal(2, (await host.Api.LogAsync(task.Id)).Count);
            var answer = await socket.AskAsync($$"""{"type":"heartbeat","id":{{id}}}""", id);
            Assert.Equal((2, 2L), (socket.Transcript.Events.Count(), answer.Json.GetProperty("last_seq").GetInt64()));
            await using var late = await SseViewer.WatchAsync(host.Api, task.Id);
            await late.UntilAsync("caught_up");
            Assert.Equal(2, late.Transcript.Last);
            Assert.Equal(2, stream.Transcript.Last);
        }
    }

    [Fact]
    public async Task Invariant2_SeqIsOneTwoThree_ForEveryViewer_OverEveryTransport_AcrossKillsAndRestarts()
    {
        using var folder = new TempFolder();
        await using var host = new RestartingFront(folder.Path);
        var task = await (await host.StartAsync()).Api.EchoAsync(new { count = 300, interval_ms = 5, size = 20, review_at = 200 });
        var seen = new Steps();
        var following = Transports.Select(transport => host.FollowAsync(transport, task, message => seen.Reach(message.Seq))).ToList();
        await seen.ForAsync(60);
        var api = (await host.KillAndStartAsync()).Api;
        await api.UntilStatusAsync(task, "awaiting_review");
        api = (await host.KillAndStartAsync()).Api;
        var review = (await api.SnapshotAsync(task)).GetProperty("pending_review").GetProperty("review_id").GetString();
        (await api.PostAsync($"/api/v1/tasks/{task}/review", new { review_id = review, decision = "approve" })).Is(HttpStatusCode.OK);
        var told = await Task.WhenAll(following);
        var log = await api.LogAsync(task);
        Assert.All(told, events => Assert.Equal(log.Select(one => one.Raw), events.Select(one => one.Raw)));
        Assert.Equal(Enumerable.Range(1, 300), log.Numbers());
    }

    [Fact]
    public async Task Invariant3_OneWriter_ALogTakesAppendsUnderItsNewestFenceOnly()
    {
        await using var host = await EmbeddedFront.StartAsync();
        var store = host.Services.GetRequiredService<ILogStore>();
        var task = await HandTask.StartAsync(host.Api);
        await task.TokensAsync("ours");

        // As another silo does that takes the task for orphaned.
        var other = (await store.OpenAsync(task.Id))!;
        var last = (await host.Api.LogAsync(task.Id))[^1].Raw;
        var theirs = Runs.Of(4, last.Replace("\"seq\":3", "\"seq\":4", StringComparison.Ordinal).Replace("ours", "theirs", StringComparison.Ordinal));
        var append = new LogAppend { Id = task.Id, Fence = other.Fence, ExpectedLastSeq = other.LastSeq, Records = theirs };
        Assert.Equal(new AppendResult(AppendOutcome.Ok, 4), await store.AppendAsync(append));

        // The deposed writer does not write over it: it steps down, and whoever goes on goes on behind it.
        await Waiting.UntilAsync("the worker's append is in", async () => (await task.CallAsync("events", new { lease = task.Lease, events = new[] { new { type = "token", data = new { channel = "main", delta = "again" }, key = "again" } } })).Status == HttpStatusCode.OK);
        Assert.Equal(AppendOutcome.Fenced, (await store.AppendAsync(append with { ExpectedLastSeq = 5, Records = default })).Outcome);
        await task.CompleteAsync();
        var log = await host.Api.LogAsync(task.Id);
        Assert.Equal(["ours", "theirs", "again"], log.Where(one => one.Type == "token").Select(one => one.Data.GetProperty("delta").GetString()));
    }

    [Fact]
    public async Task Invariant4_AWatcherCantHurt_DeafRudeOrGone_TheTaskRunsOn()
    {
        var task = await HandTask.StartAsync(Api);
        await using var bystander = await WebSocketViewer.WatchAsync(Api, task.Id);
        await using var deaf = await RawSocket.OpenAsync(front.Address, $"/api/v1/ws/{task.Id}?include_history=true", receiveBuffer: 4096);
        await using var rude = await RawSocket.OpenAsync(front.Address, $"/api/v1/ws/{task.Id}?include_history=true");
        var gone = await RawSocket.OpenAsync(front.Address, $"/api/v1/ws/{task.Id}?include_history=true");
        for (var i = 0; i < 20; i++)
        {
            await rude.TextAsync("""{"type":"no such thing"}""");
            await task.TokensAsync(new string('x', 100_000));
        }

        gone.Reset();
        await rude.FrameAsync(RawFrame.TextOpcode, "unmasked"u8, masked: false);
        await task.CompleteAsync();
        await bystander.AssertClosedAsync(1000, "task_finished", "stop");
        Assert.Equal((await Api.LogAsync(task.Id)).Select(one => one.Raw), bystander.Transcript.Events.Select(one => one.Raw));
    }

    [Fact]
    public async Task Invariant4_AFrontThatIsGoneWithoutAGoodbye_HoldsNothingUp_AndIsNobodyAfterOneLease()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Tasks:FeedLease"] = "00:00:04" });
        var task = await HandTask.StartAsync(host.Api, """ "on_disconnect":{"policy":"continue"} """);
        var grains = host.Services.GetRequiredService<IClusterClient>();
        var ear = new DeafEar();
        await grains.GetGrain<ITaskGrain>(task.Id).WatchAsync(new FrontWatch("f_gone", grains.CreateObjectReference<IFeedObserver>(ear), ["s_gone1", "s_gone2"]));
        Assert.Equal(2, (await host.Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32());
        await using var viewer = await WebSocketViewer.WatchAsync(host.Api, task.Id);
        await viewer.UntilAsync("caught_up");
        await task.TokensAsync("a");
        await ear.Called.Task.ForAsync("the front that will never answer was sent the batch");
        await task.TokensAsync("b");
        await viewer.UntilSeqAsync(4);
        await Waiting.UntilAsync("only the living one counts", async () => (await host.Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32() == 1);
        viewer.Cut();
        await Waiting.UntilAsync("nobody counts", async () => (await host.Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32() == 0);
        await task.CompleteAsync();
    }

    [Fact]
    public async Task Invariant5_OneWriterPerSocket_FramesNeverMix_AndNothingFollowsTheClose()
    {
        var task = await HandTask.StartAsync(Api);
        await using var socket = await RawSocket.OpenAsync(front.Address, $"/api/v1/ws/{task.Id}?include_history=true");
        var commanding = CommandAsync();
        for (var i = 0; i < 40; i++)
        {
            await task.TokensAsync(Enumerable.Range(0, 20).Select(n => $"{i}.{n}"));
        }

        await commanding;
        await task.CompleteAsync();
        await socket.AssertClosedAsync(1000, "task_finished");
        await socket.FrameAsync(RawFrame.Close, [0x03, 0xE8]);
        Assert.Null(await socket.NextAsync("nothing after the close"));
        var texts = socket.Frames.Where(frame => frame.Opcode == RawFrame.TextOpcode).Select(frame => new Message(frame.Text)).ToList();
        Assert.Equal(Enumerable.Range(1, 803).Select(n => (long)n), texts.Where(one => one.IsEvent).Select(one => one.Seq));
        Assert.Equal(Enumerable.Range(0, 40), texts.Where(one => one.Json.TryGetProperty("id", out _)).Select(one => one.Json.GetProperty("id").GetInt32()));
        Assert.Equal(40, socket.Frames.Count(frame => frame.Opcode == RawFrame.Pong));

        async Task CommandAsync()
        {
            for (var i = 0; i < 40; i++)
            {
                await socket.FrameAsync(RawFrame.Ping, Encoding.UTF8.GetBytes($"{i}"));
                await socket.TextAsync($$"""{"type":"status","id":{{i}}}""");
            }
        }
    }

    [Fact]
    public async Task Invariant6_TerminalIsFinal_HoweverManyWantToEndIt_OneTerminalEvent_TheLastOne()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async n =>
        {
            var random = new Random(seed + n);
            var task = await HandTask.StartAsync(Api, """ "max_attempts":1 """);
            Func<Task<Reply>>[] enders =
            [
                () => task.CallAsync("complete", new { lease = task.Lease, result = n }),
                () => task.CallAsync("fail", new { lease = task.Lease, error = new { code = "x", message = "x", retryable = false } }),
                () => Api.PostAsync($"/api/v1/tasks/{task.Id}/cancel"),
                () => task.CallAsync("events", new { lease = task.Lease, events = new[] { HandTask.Token("late") } }),
            ];
            random.Shuffle(enders);
            await Task.WhenAll(enders.Select(end => end()));
            await Waiting.UntilAsync("it has ended", async () => await Api.StatusAsync(task.Id) is "completed" or "failed" or "cancelled");
            var log = await Api.LogAsync(task.Id);
            Assert.True(Assert.Single(log, one => one.IsTerminal) == log[^1]);
            foreach (var end in enders)
            {
                Assert.True((await end()).Status is HttpStatusCode.OK or HttpStatusCode.Conflict);
            }

            Assert.Equal(log.Select(one => one.Raw), (await Api.LogAsync(task.Id)).Select(one => one.Raw));
            Assert.Equal(log[^1].Type, await Api.StatusAsync(task.Id));
        }));
    }

    [Fact]
    public async Task Invariant7_ACrashResumes_TheTaskEndsWithoutHelp_AndDoneStepsAreNotRedone()
    {
        using var folder = new TempFolder();
        await using var host = new RestartingFront(folder.Path);
        var api = (await host.StartAsync()).Api;
        var echo = await api.EchoAsync(new { count = 200, interval_ms = 10, size = 20 });
        var queued = await HandTask.QueueAsync(api);
        await using (var viewer = PollViewer.Watch(api, echo))
        {
            await viewer.UntilSeqAsync(50);
        }

        // Nobody watches, nobody asks the task: it is the platform that goes on. The list is read from the store.
        api = (await host.KillAndStartAsync()).Api;
        await Waiting.UntilAsync("the list has it as completed", async () =>
            (await api.GetAsync("/api/v1/tasks?status=completed")).Is(HttpStatusCode.OK)["tasks"].EnumerateArray().Any(task => task.GetProperty("task_id").GetString() == echo));
        var log = await api.LogAsync(echo);
        Assert.Equal(Enumerable.Range(1, 200), log.Numbers());
        var retrying = Assert.Single(log, one => one.Type == "retrying").Data;
        Assert.Equal((1, "interrupted"), (retrying.GetProperty("attempt").GetInt32(), retrying.GetProperty("reason").GetString()));
        Assert.Equal("queued", await api.StatusAsync(queued.Id));
    }

    [Fact]
    public async Task Invariant8_Bounded_AWorkerFasterThanTheLogIsToldToWait_AndNothingAcceptedIsLost()
    {
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:MaxWaitingAppends"] = "4" }, adjust: services => services.AddSingleton<ILogStore>(store));
        var task = await HandTask.StartAsync(host.Api);
        store.Holds = append => append.Id == task.Id && append.Records.Count > 0;
        List<Task<Reply>> sent = [.. Enumerable.Range(0, 20).Select(n => task.CallAsync("events", new { lease = task.Lease, events = new[] { HandTask.Token($"{n}") } }))];
        var held = await store.NextAsync("the first append is on its way");
        await Waiting.UntilAsync("sixteen are refused", () => sent.Count(one => one.IsCompleted) == 16);
        var refused = sent.Where(one => one.IsCompleted).ToList();
        Assert.All(refused, one => one.Result.IsProblem(HttpStatusCode.TooManyRequests, "log_busy", retry: "reconnect"));
        store.Holds = _ => false;
        held.Release();
        foreach (var taken in sent.Except(refused))
        {
            (await taken).Is(HttpStatusCode.OK);
        }

        Assert.Equal(4, (await host.Api.LogAsync(task.Id)).Count(one => one.Type == "token"));
        await task.TokensAsync("there is room again");
    }

    [Fact]
    public async Task Invariant8_Bounded_AGeneratorFasterThanTheLogWaits()
    {
        const int most = 50_000;
        var store = new HeldLogStore(new MemoryLogStore()) { Holds = append => append.Records.Count > 0 && append.ExpectedLastSeq > 1 };
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Tasks:PendingBytes"] = $"{most}" }, adjust: services => services.AddSingleton<ILogStore>(store));
        var task = await host.Api.EchoAsync(new { count = 1_000_000, interval_ms = 0, size = 1000 });
        for (var i = 0; i < 5; i++)
        {
            var held = await store.NextAsync("an append");
            for (var n = 0; n < 20; n++)
            {
                // Time for the generator to run ahead, if it could.
                await host.Api.SnapshotAsync(task);
            }

            Assert.InRange(held.Append.Records.Bytes.Length, 1, most + 2000);
            if (i == 4)
            {
                store.Holds = _ => false;
            }

            held.Release();
        }

        (await host.Api.PostAsync($"/api/v1/tasks/{task}/cancel")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Invariant9_ARefusedThingIsToldWhy_InAStableCode_Once_OnEveryTransport()
    {
        const string nobody = "t_nobody-made-this";
        await using var socket = await WebSocketViewer.WatchAsync(Api, nobody);
        await socket.AssertClosedAsync(4404, "task_not_found", "stop");
        Assert.Equal(["error", "closing"], socket.Transcript.Messages.Select(one => one.Type));
        Assert.Equal(("task_not_found", "stop"), (socket.Transcript.The("error").Text("code"), socket.Transcript.The("error").Text("retry")));
        foreach (var accept in new[] { "application/json", "text/event-stream" })
        {
            (await Api.GetAsync($"/api/v1/tasks/{nobody}/events?wait=0s", ("Accept", accept))).IsProblem(HttpStatusCode.NotFound, "task_not_found");
        }

        await using var full = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:MaxSessions"] = "0" });
        var task = await full.Api.EchoAsync(new { count = 0 });
        await using var later = await WebSocketViewer.WatchAsync(full.Api, task);
        Assert.True((await later.AssertClosedAsync(1013, "too_many_sessions", "reconnect")).Json.GetProperty("retry_after_ms").GetInt64() > 0);
        await using var stream = await SseViewer.WatchAsync(full.Api, task);
        await stream.ToEndAsync();
        Assert.Equal(["refused", "closing"], stream.Transcript.Messages.Select(one => one.Type));
        Assert.Equal(("too_many_sessions", "reconnect"), (stream.Transcript.The("refused").Text("code"), stream.Transcript.The("refused").Text("retry")));
    }

    /// <summary>How far the furthest of several has come.</summary>
    private sealed class Steps
    {
        private readonly Lock _gate = new();
        private readonly List<(long Step, TaskCompletionSource Reached)> _waiting = [];
        private long _furthest;

        public void Reach(long step)
        {
            lock (_gate)
            {
                _furthest = Math.Max(_furthest, step);
                _waiting.RemoveAll(one => one.Step <= _furthest && one.Reached.TrySetResult());
            }
        }

        public Task ForAsync(long step)
        {
            lock (_gate)
            {
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((step, reached));
                _waiting.RemoveAll(one => one.Step <= _furthest && one.Reached.TrySetResult());
                return reached.Task.ForAsync($"event {step}");
            }
        }
    }

    /// <summary>A front's ear that takes a batch and never answers: its process has gone.</summary>
    private sealed class DeafEar : IFeedObserver
    {
        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask OnBatchAsync(FeedBatch batch)
        {
            Called.TrySetResult();
            return new ValueTask(new TaskCompletionSource().Task);
        }
    }
}
