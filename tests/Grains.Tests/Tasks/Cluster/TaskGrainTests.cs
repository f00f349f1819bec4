using Holdfast.Grains.Feeds;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>A task from its creation to its end, on one silo.</summary>
public sealed class TaskGrainTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public async Task Create_AnswersOnceItsFirstEventIsDurable_AndNobodySeesTheTaskBefore()
    {
        await using var cluster = await TaskCluster.StartAsync();
        cluster.Store.Holds = append => append.Records.Count > 0;
        var id = TaskCluster.NewTaskId();
        var creating = cluster.Grain(id).CreateAsync(TaskCluster.Order("stepping", new { }));
        var held = await cluster.Store.NextAsync("the first append");
        Assert.Equal(0, (await cluster.Grain(id).GetAsync().ForAsync("the state")).State!.LastSeq);
        Assert.False(creating.IsCompleted);
        cluster.Store.Holds = static _ => false;
        held.Release();
        Assert.True((await creating.ForAsync("the answer")).State!.LastSeq > 0);
    }

    [Fact]
    public async Task Create_WhoseLogSomebodyElseTakesOver_IsToldToTryAgain_AndThenGetsTheTask()
    {
        await using var cluster = await TaskCluster.StartAsync();
        cluster.Store.Holds = append => append.Records.Count > 0;
        var id = TaskCluster.NewTaskId();
        Task<TaskReply> CreateAsync() => cluster.Grain(id).CreateAsync(TaskCluster.Order("echo", new { count = 1 }));
        var creating = CreateAsync();
        var held = await cluster.Store.NextAsync("the first append");
        cluster.Store.Holds = static _ => false;
        await cluster.Store.OpenAsync(id);
        held.Release();
        Assert.Equal(RefusalCodes.TaskMoving, (await creating.ForAsync("the answer")).Refusal?.Code);
        await TaskCluster.AgainAsync("the task", CreateAsync, reply => reply.Refusal is null);
        await cluster.EndAsync(id, GenerationStatus.Completed);
    }

    [Fact]
    public async Task Create_Again_GetsTheSameTask_AndAnotherOneIsRefused()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var id = TaskCluster.NewTaskId();
        Assert.True((await cluster.Grain(id).CreateAsync(TaskCluster.Order("echo", new { count = 1 }))).Created);
        var again = await cluster.Grain(id).CreateAsync(TaskCluster.Order("echo", new { count = 1 }));
        Assert.Equal((null, false, id), (again.Refusal, again.Created, again.State!.Id));
        Assert.Equal(RefusalCodes.TaskExists, (await cluster.Grain(id).CreateAsync(TaskCluster.Order("echo", new { count = 2 }))).Refusal!.Code);
    }

    [Theory]
    [InlineData("stepping", RefusalCodes.InvalidInput, "input.bad")]
    [InlineData("chat", RefusalCodes.KindUnavailable, "kind")]
    public async Task Create_OfWhatCannotBe_LeavesNothingBehind(string kind, string code, string field)
    {
        await using var cluster = await TaskCluster.StartAsync();
        var id = TaskCluster.NewTaskId();
        var refusal = (await cluster.Grain(id).CreateAsync(TaskCluster.Order(kind, new { bad = 1 }))).Refusal!;
        Assert.Equal((code, field), (refusal.Code, refusal.Field));
        Assert.Null(await cluster.Store.ReadHeadAsync(id));
        Assert.Equal(RefusalCodes.TaskNotFound, (await cluster.Grain(id).GetAsync()).Refusal!.Code);
    }

    [Fact]
    public async Task Cancel_BeforeTheStart_NoGeneratorEverRuns()
    {
        await using var cluster = await TaskCluster.StartAsync();
        string[] running = [await cluster.CreateAsync("stepping", new { }), await cluster.CreateAsync("stepping", new { })];
        await cluster.UntilAsync(running[0], GenerationStatus.Running);
        await cluster.UntilAsync(running[1], GenerationStatus.Running);

        // Two run at once; the third waits for its place.
        var task = await cluster.CreateAsync("stepping", new { });
        Assert.Null((await cluster.Grain(task).CancelAsync("enough", "ann")).Refusal);
        Assert.Equal(["created", "cancelled"], (await cluster.EndAsync(task, GenerationStatus.Cancelled)).Select(one => one.Type));
        foreach (var other in running)
        {
            SteppingGenerator.Tell(other, "return");
            await cluster.EndAsync(other, GenerationStatus.Completed);
        }
    }

    [Fact]
    public async Task Cancel_WhileItRuns_StopsTheGenerator()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("stepping", new { });
        SteppingGenerator.Tell(task, "a");
        await cluster.UntilSeqAsync(task, 3);
        var reply = await cluster.Grain(task).CancelAsync("enough", "ann");
        Assert.Equal((true, 4), (reply.State!.Sealed, reply.State.LastSeq));
        await SteppingGenerator.StoppedAsync(task).ForAsync("the generator's end");
        Assert.Equal(["created", "started", "token", "cancelled"], (await cluster.EndAsync(task, GenerationStatus.Cancelled)).Select(one => one.Type));
    }

    [Fact]
    public async Task Cancel_AfterTheEnd_IsAnswered_AndChangesNothing()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("echo", new { count = 1, interval_ms = 0 });
        var before = (await cluster.EndAsync(task, GenerationStatus.Completed)).Count;
        Assert.Null((await cluster.Grain(task).CancelAsync("too late", "ann")).Refusal);
        Assert.Equal(before, (await cluster.EndAsync(task, GenerationStatus.Completed)).Count);
    }

    [Fact]
    public async Task FailedAttempts_AreTriedAgain_AndSupersedeWhatNoCheckpointCovers()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("stepping", new { });
        SteppingGenerator.Tell(task, "a", "checkpoint", "b", "fail", "c", "break", "d", "return");
        var events = await cluster.EndAsync(task, GenerationStatus.Completed);
        Assert.Equal(
            ["created", "started", "token", "token", "retrying", "started", "token", "retrying", "started", "token", "completed"], events.Select(one => one.Type));
        var retries = events.Where(one => one.Type == "retrying").ToList();
        Assert.Equal([("told_to", 2, 3), ("generator_failed", 3, 3)], retries.Select(one => (one.Text("reason")!, one.Data.GetProperty("attempt").GetInt32(), one.Data.GetProperty("supersedes_after").GetInt32())));
        Assert.DoesNotContain(events, one => one.Json.GetRawText().Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FailedAttempts_AreCounted_UpToTheirLimit()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("stepping", new { }, maxAttempts: 2);
        SteppingGenerator.Tell(task, "fail", "fail", "return");
        var events = await cluster.EndAsync(task, GenerationStatus.Failed);
        Assert.Equal("told_to", events[^1].Data.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task AWaitBetweenAttempts_IsTheClocks()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock, tasks: options => (options.RetryDelay, options.RetryJitter) = (TimeSpan.FromSeconds(8), 0));
        var task = await cluster.CreateAsync("stepping", new { });
        SteppingGenerator.Tell(task, "fail", "return");
        var head = await cluster.UntilAsync(task, "the second attempt", state => state.Attempt == 2);
        Assert.Equal((GenerationStatus.Queued, _clock.GetUtcNow() + TimeSpan.FromSeconds(8)), (head.Status, head.NotBefore));
        await PassAsync(TimeSpan.FromSeconds(8));
        await cluster.EndAsync(task, GenerationStatus.Completed);
    }

    [Fact]
    public async Task AGeneratorThatSaysNothing_HasFailed_AlsoWhenNobodyWatches()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var task = await cluster.CreateAsync("stepping", new { }, maxAttempts: 1);
        await cluster.UntilAsync(task, GenerationStatus.Running);
        await PassAsync(TimeSpan.FromMinutes(5));
        var events = await cluster.EndAsync(task, GenerationStatus.Failed);
        Assert.Equal("no_progress", events[^1].Data.GetProperty("error").GetProperty("code").GetString());
        await SteppingGenerator.StoppedAsync(task).ForAsync("the generator's end");
    }

    [Fact]
    public async Task AReview_IsAnsweredOnce_AndRepetitionsAreTheSame()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("echo", new { count = 2, interval_ms = 0, review_at = 2 });
        var review = (await cluster.UntilAsync(task, GenerationStatus.AwaitingReview)).PendingReview!.ReviewId;
        Assert.Equal(RefusalCodes.ReviewNotPending, (await DecideAsync("r_other", "approve")).Refusal!.Code);
        Assert.Null((await DecideAsync(review, "approve")).Refusal);
        Assert.Null((await DecideAsync(review, "approve")).Refusal);
        Assert.Equal(RefusalCodes.ReviewNotPending, (await DecideAsync(review, "reject")).Refusal!.Code);
        Assert.Single(await cluster.EndAsync(task, GenerationStatus.Completed), one => one.Type == "review_resolved");

        Task<TaskReply> DecideAsync(string id, string decision) =>
            cluster.Grain(task).ReviewAsync(new ReviewDecided(id, decision, null, default, "ann")).ForAsync("the answer");
    }

    [Fact]
    public async Task AReview_ThatNobodyAnswers_IsDecidedByTheClock()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var task = await cluster.CreateAsync("stepping", new { });
        SteppingGenerator.Tell(task, "review", "return");
        await cluster.UntilAsync(task, GenerationStatus.AwaitingReview);
        await PassAsync(SteppingGenerator.Patience);
        var resolved = Assert.Single(await cluster.EndAsync(task, GenerationStatus.Completed), one => one.Type == "review_resolved");
        Assert.Equal(("approve", "expiry"), (resolved.Text("decision"), resolved.Text("by")));
    }

    [Fact]
    public async Task OnDisconnect_CancelsOnceNobodyHasWatchedForAWhile()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var leave = new OnDisconnect(TimeSpan.FromSeconds(60), "60s");
        var (watched, unwatched) = (await cluster.CreateAsync("stepping", new { }, onDisconnect: leave), await cluster.CreateAsync("stepping", new { }, onDisconnect: leave));
        await cluster.Grain(watched).JoinAsync("f1", "s1");
        await cluster.UntilAsync(watched, "that it was watched", head => head.Watched);
        await cluster.Grain(watched).LeaveAsync("f1", "s1");
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False((await cluster.Grain(watched).GetAsync()).State!.Sealed);
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.False((await cluster.Grain(watched).GetAsync()).State!.Sealed);
        await PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("on_disconnect", (await cluster.EndAsync(watched, GenerationStatus.Cancelled))[^1].Text("by"));
        Assert.False((await cluster.HeadAsync(unwatched)).IsTerminal);
    }

    [Fact]
    public async Task OnDisconnect_GivesAFrontThatVanishes_ItsLeaseAndTheWhileAfter()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var task = await cluster.CreateAsync("stepping", new { }, onDisconnect: new OnDisconnect(TimeSpan.FromSeconds(20), "20s"));
        await cluster.Grain(task).JoinAsync("f1", "s1");
        Assert.Equal(1, (await cluster.Grain(task).GetAsync()).Viewers);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await Waiting.UntilAsync("the lease's end", async () => (await cluster.Grain(task).GetAsync()).Viewers == 0);
        Assert.False((await cluster.HeadAsync(task)).IsTerminal);
        await PassAsync(TimeSpan.FromSeconds(20));
        await cluster.EndAsync(task, GenerationStatus.Cancelled);
    }

    [Fact]
    public async Task AFrontThatNeverAnswers_HoldsUpNothing()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("stepping", new { });
        var ear = new DeafEar();
        var reference = cluster.Inner.Client.CreateObjectReference<IFeedObserver>(ear);
        await cluster.Grain(task).WatchAsync(new FrontWatch("f1", reference, ["s1"]));
        SteppingGenerator.Tell(task, "a");
        await ear.Called.Task.ForAsync("the batch that is not answered");
        SteppingGenerator.Tell(task, [.. Enumerable.Repeat("b", 200), "return"]);
        Assert.Equal(204, (await cluster.EndAsync(task, GenerationStatus.Completed)).Count);
        ear.Answer.SetResult();
    }

    [Fact]
    public async Task WhileTheStoreIsAway_NothingIsShown_AndAfterwardsTheWorkGoesOn()
    {
        await using var cluster = await TaskCluster.StartAsync(tasks: options => options.AppendRetryDelay = TimeSpan.FromMilliseconds(1));
        var task = await cluster.CreateAsync("stepping", new { });
        SteppingGenerator.Tell(task, "a", "checkpoint");
        await cluster.UntilAsync(task, "the checkpoint", head => head.CheckpointSeq == 3);
        cluster.Store.Away = true;
        SteppingGenerator.Tell(task, "lost");
        await SteppingGenerator.StoppedAsync(task).ForAsync("the generator's end");
        cluster.Store.Away = false;
        await cluster.UntilAsync(task, "the work again", head => head.Interruptions == 1 && head.Status == GenerationStatus.Running);
        SteppingGenerator.Tell(task, "b", "return");
        var events = await cluster.EndAsync(task, GenerationStatus.Completed);
        Assert.Equal(["created", "started", "token", "retrying", "started", "token", "completed"], events.Select(one => one.Type));
        Assert.Equal(["a", "b"], events.Where(one => one.Type == "token").Select(one => one.Text("delta")));
    }

    [Fact]
    public async Task Delete_TakesWhatHasEnded_AndNothingElse()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("stepping", new { });
        Assert.Equal(RefusalCodes.NotFinished, (await cluster.Grain(task).DeleteAsync()).Refusal!.Code);
        SteppingGenerator.Tell(task, "return");
        await cluster.EndAsync(task, GenerationStatus.Completed);
        Assert.Null((await cluster.Grain(task).DeleteAsync()).Refusal);
        Assert.Null(await cluster.Store.ReadHeadAsync(task));
        Assert.Equal(RefusalCodes.TaskNotFound, (await cluster.Grain(task).DeleteAsync()).Refusal!.Code);
    }

    /// <summary>Moves the clock on to where somebody waits for it.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        await Waiting.UntilAsync($"somebody waits for {time}", () => _clock.IsArmedFor(time));
        _clock.Advance(time);
    }

    private sealed class DeafEar : IFeedObserver
    {
        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask OnBatchAsync(FeedBatch batch)
        {
            Called.TrySetResult();
            await Answer.Task;
        }
    }
}
