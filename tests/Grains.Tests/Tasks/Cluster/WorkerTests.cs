using System.Text;

using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>External workers, who vanish, come back late and repeat themselves.</summary>
public sealed class WorkerTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public async Task ATask_WaitsInItsQueue_UntilOneWorkerTakesIt()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var queue = cluster.Inner.Client.GetGrain<IWorkQueueGrain>("by-hand");
        Assert.Equal(0, await queue.DepthAsync());
        var task = await cluster.CreateAsync("by-hand", new { n = 1 });
        Assert.True(await queue.WaitAsync(TimeSpan.FromSeconds(2)));
        Assert.Equal(task, await queue.TakeAsync());
        Assert.Null(await queue.TakeAsync());

        var lease = await cluster.Grain(task).LeaseAsync("w1");
        Assert.Equal((null, 1, """{"n":1}"""), (lease.Refusal, lease.Attempt, Encoding.UTF8.GetString(lease.Input.Span)));
        Assert.Equal(RefusalCodes.NotLeasable, (await cluster.Grain(task).LeaseAsync("w2")).Refusal!.Code);
        Assert.Equal("w1", (await cluster.EventsAsync(task))[1].Text("worker"));
    }

    [Fact]
    public async Task AQueue_IsMadeAnewFromTheStore_OldestFirst()
    {
        await using var cluster = await TaskCluster.StartAsync();
        List<string> tasks = [];
        for (var i = 0; i < 5; i++)
        {
            tasks.Add(await cluster.CreateAsync("by-hand", new { i }));
        }

        await cluster.Grain(tasks[1]).CancelAsync(null, "ann");
        await using var other = await TaskCluster.StartAsync(store: cluster.Store);
        var queue = other.Inner.Client.GetGrain<IWorkQueueGrain>("by-hand");
        Assert.Equal(4, await queue.DepthAsync());
        foreach (var task in (string[])[tasks[0], tasks[2], tasks[3], tasks[4]])
        {
            Assert.Equal(task, await queue.TakeAsync());
        }
    }

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 30)]
    public async Task ATaskWhoseTakerNeverLearnedOfIt_IsOfferedAgain(bool othersWait, int seconds)
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var queue = cluster.Inner.Client.GetGrain<IWorkQueueGrain>("by-hand");
        Assert.Equal(0, await queue.DepthAsync());
        var task = await cluster.CreateAsync("by-hand", new { });
        Assert.True(await queue.WaitAsync(TimeSpan.FromSeconds(2)));
        Assert.Equal(task, await queue.TakeAsync());
        string[] others = othersWait ? [await cluster.CreateAsync("by-hand", new { }), await cluster.CreateAsync("by-hand", new { })] : [];
        await Waiting.UntilAsync("the offers", async () => await queue.DepthAsync() == others.Length);

        _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        Assert.Equal(others.FirstOrDefault(), await queue.TakeAsync());
        _clock.Advance(TimeSpan.FromTicks(1));
        List<string?> again = [await queue.TakeAsync(), await queue.TakeAsync()];
        Assert.Contains(task, again);
    }

    [Fact]
    public async Task AQueuedTaskWhoseLogWasLost_IsOfferedAgain_ByWhoeverTakesItOver()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var queue = cluster.Inner.Client.GetGrain<IWorkQueueGrain>("by-hand");
        Assert.Equal(0, await queue.DepthAsync());
        var task = await cluster.CreateAsync("by-hand", new { }, onDisconnect: new OnDisconnect(TimeSpan.FromHours(1), "1h"));
        await Waiting.UntilAsync("the offer, which its taker forgets", async () => await queue.TakeAsync() == task);

        // Somebody else takes the fence, and a first viewer has to be remembered: that can't be stored any more.
        await cluster.Store.OpenAsync(task);
        await cluster.Grain(task).JoinAsync("front", "session");

        // The queue itself does not look: its clock stands still.
        await Waiting.UntilAsync("another offer", async () => (await cluster.Grain(task).GetAsync()).Refusal is null && await queue.TakeAsync() == task);
    }

    [Fact]
    public async Task ATaskThatWaitsForItsNextAttempt_IsNotOfferedBeforeItIsDue()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock, tasks: options => options.RetryDelay = TimeSpan.FromMinutes(1));
        var queue = cluster.Inner.Client.GetGrain<IWorkQueueGrain>("by-hand");
        Assert.Equal(0, await queue.DepthAsync());
        var task = await cluster.CreateAsync("by-hand", new { }, maxAttempts: 2);
        Assert.True(await queue.WaitAsync(TimeSpan.FromSeconds(2)));
        Assert.Equal(task, await queue.TakeAsync());
        var lease = await cluster.Grain(task).LeaseAsync("w1");
        Assert.Null((await cluster.Grain(task).FailAsync(lease.Lease, new TaskError("later", "", true))).Refusal);

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await queue.TakeAsync());
        _clock.Advance(TimeSpan.FromMinutes(2));
        await Waiting.UntilAsync("the offer when it is due", async () => await queue.TakeAsync() == task);
    }

    [Fact]
    public async Task AWorkerThatVanishes_LosesTheTask_AndTheNextGoesOnFromTheCheckpoint()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var task = await cluster.CreateAsync("by-hand", new { });
        var grain = cluster.Grain(task);
        var gone = await grain.LeaseAsync("w1");
        Assert.Equal(4, (await grain.AppendAsync(Sent.Batch(gone.Lease, """{"at":2}""", ("a", null), ("b", null)))).LastSeq);
        await grain.AppendAsync(Sent.Batch(gone.Lease, null, ("lost", null)));

        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(RefusalCodes.NotLeasable, (await grain.LeaseAsync("w2")).Refusal!.Code);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await cluster.UntilAsync(task, GenerationStatus.Queued);

        var next = await grain.LeaseAsync("w2");
        Assert.Equal((1, """{"at":2}"""), (next.Attempt, Encoding.UTF8.GetString(next.Checkpoint.Span)));
        Assert.Equal(RefusalCodes.LeaseLost, (await grain.AppendAsync(Sent.Batch(gone.Lease, null, ("late", null)))).Refusal!.Code);
        Assert.Equal(RefusalCodes.LeaseLost, (await grain.RenewLeaseAsync(gone.Lease, default)).Refusal!.Code);
        Assert.Equal(RefusalCodes.LeaseLost, (await grain.CompleteAsync(gone.Lease, "1"u8.ToArray())).Refusal!.Code);
        Assert.Equal(RefusalCodes.LeaseLost, (await grain.FailAsync(gone.Lease, new TaskError("late", "", true))).Refusal!.Code);
        await grain.AppendAsync(Sent.Batch(next.Lease, null, ("c", null)));
        Assert.Null((await grain.CompleteAsync(next.Lease, "1"u8.ToArray())).Refusal);

        var events = await cluster.EndAsync(task, GenerationStatus.Completed);
        var retrying = Assert.Single(events, one => one.Type == "retrying");
        Assert.Equal(("interrupted", 4), (retrying.Text("reason"), retrying.Data.GetProperty("supersedes_after").GetInt32()));
        Assert.Equal(["a", "b", "lost", "c"], events.Where(one => one.Type == "token").Select(one => one.Text("delta")));
    }

    [Theory]
    [InlineData(-600)]
    [InlineData(600)]
    public async Task AClockThatIsSet_NeitherProlongsNorShortensAWait(int seconds)
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock, tasks: options => (options.RetryDelay, options.RetryJitter) = (TimeSpan.FromSeconds(1), 0));
        var task = await cluster.CreateAsync("by-hand", new { });
        var grain = cluster.Grain(task);
        await grain.LeaseAsync("w1");
        _clock.Set(TimeSpan.FromSeconds(seconds));
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(GenerationStatus.Running, (await cluster.HeadAsync(task)).Status);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await cluster.UntilAsync(task, GenerationStatus.Queued);

        var second = await grain.LeaseAsync("w2");
        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromSeconds(30), second.ExpiresAt);
        await grain.FailAsync(second.Lease, new TaskError("later", "", true));
        _clock.Set(TimeSpan.FromSeconds(seconds));
        Assert.Equal(RefusalCodes.NotLeasable, (await grain.LeaseAsync("w3")).Refusal!.Code);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var third = await grain.LeaseAsync("w3");
        Assert.Null(third.Refusal);

        await grain.CancelAsync("enough", "ann");
        _clock.Set(TimeSpan.FromSeconds(seconds));
        _clock.Advance(TimeSpan.FromSeconds(10));
        await cluster.EndAsync(task, GenerationStatus.Cancelled);
    }

    [Theory]
    [InlineData(-600)]
    [InlineData(600)]
    public async Task AClockThatIsSet_IsNoWantOfProgress(int seconds)
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock, tasks: options => options.WorkerLease = TimeSpan.FromHours(1));
        var task = await cluster.CreateAsync("by-hand", new { });
        var lease = (await cluster.Grain(task).LeaseAsync("w1")).Lease;
        _clock.Set(TimeSpan.FromSeconds(seconds));
        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Null((await cluster.Grain(task).AppendAsync(Sent.Batch(lease, null, ("on", null)))).Refusal);
        Assert.Equal(1, (await cluster.HeadAsync(task)).Attempt);
        _clock.Advance(TimeSpan.FromMinutes(5));
        await cluster.UntilAsync(task, "the next attempt", head => head.Attempt == 2);
    }

    /// <summary>Tasks in the middle of each kind of wait, taken over by a process whose clock shows another time.</summary>
    [Theory]
    [InlineData(-600)]
    [InlineData(-1)]
    [InlineData(600)]
    public async Task AProcessWithAnotherClock_WaitsNoLongerThanAnyWaitMayBe(int seconds)
    {
        var store = new MemoryLogStore();
        string backOff, leased, cancelled, reviewed;
        await using (var cluster = await TaskCluster.StartAsync(store: store, clock: _clock, tasks: Tasks))
        {
            (backOff, leased) = (await cluster.CreateAsync("by-hand", new { n = 1 }), await cluster.CreateAsync("by-hand", new { n = 2 }));
            (cancelled, reviewed) = (await cluster.CreateAsync("by-hand", new { n = 3 }), await cluster.CreateAsync("by-hand", new { n = 4 }));
            await cluster.Grain(backOff).FailAsync((await cluster.Grain(backOff).LeaseAsync("w")).Lease, new TaskError("later", "", true));
            await cluster.Grain(leased).LeaseAsync("w");
            await cluster.Grain(cancelled).LeaseAsync("w");
            await cluster.Grain(cancelled).CancelAsync("enough", "ann");
            var lease = (await cluster.Grain(reviewed).LeaseAsync("w")).Lease;
            await cluster.Grain(reviewed).AskReviewAsync(new WorkerReview(lease, "plan", "Go on?", "{}"u8.ToArray(), TimeSpan.FromSeconds(40), "fail"));
        }

        _clock.Set(TimeSpan.FromSeconds(seconds));
        await using var next = await TaskCluster.StartAsync(store: store, clock: _clock, tasks: Tasks);
        foreach (var task in (string[])[backOff, leased, cancelled, reviewed])
        {
            await next.UntilAsync(task, "the new writer", head => next.Inner.Silos.Any(silo => silo.SiloAddress.ToParsableString() == head.Silo));
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        await Waiting.UntilAsync("the next attempt", async () => (await next.Grain(backOff).LeaseAsync("w")).Refusal is null);
        _clock.Advance(TimeSpan.FromSeconds(9));
        await next.UntilAsync(cancelled, GenerationStatus.Cancelled);
        _clock.Advance(TimeSpan.FromSeconds(20));
        await next.UntilAsync(leased, GenerationStatus.Queued);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("review_expired", (await next.UntilAsync(reviewed, GenerationStatus.Failed)).Error!.Code);

        static void Tasks(TaskOptions options) => (options.RetryDelay, options.RetryJitter) = (TimeSpan.FromSeconds(1), 0);
    }

    [Fact]
    public async Task AClockThatIsALittleAhead_TakesNoLeaseFromALivingWorker()
    {
        var store = new MemoryLogStore();
        string task, lease;
        await using (var cluster = await TaskCluster.StartAsync(store: store, clock: _clock))
        {
            task = await cluster.CreateAsync("by-hand", new { });
            lease = (await cluster.Grain(task).LeaseAsync("w")).Lease;
        }

        _clock.Advance(TimeSpan.FromSeconds(29));
        _clock.Set(TimeSpan.FromSeconds(2));
        await using var next = await TaskCluster.StartAsync(store: store, clock: _clock);
        Assert.Null((await TaskCluster.AgainAsync("the renewal", () => next.Grain(task).RenewLeaseAsync(lease, default), answer => answer.Refusal?.Code != RefusalCodes.TaskMoving)).Refusal);
    }

    [Fact]
    public async Task AWorkerThatRenews_KeepsTheTask()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var task = await cluster.CreateAsync("by-hand", new { });
        var lease = await cluster.Grain(task).LeaseAsync("w1");
        for (var i = 0; i < 6; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(20));
            var renewed = await cluster.Grain(task).RenewLeaseAsync(lease.Lease, default);
            Assert.Equal((null, _clock.GetUtcNow() + TimeSpan.FromSeconds(30)), (renewed.Refusal, renewed.ExpiresAt));
        }

        Assert.Equal(GenerationStatus.Running, (await cluster.HeadAsync(task)).Status);
    }

    [Fact]
    public async Task ABatchAgain_IsStoredOnce_AndAnsweredAsBefore()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("by-hand", new { });
        var lease = (await cluster.Grain(task).LeaseAsync("w1")).Lease;
        Assert.Equal(4, (await AppendAsync(("a", "k1"), ("b", "k2"))).LastSeq);
        Assert.Equal(4, (await AppendAsync(("a", "k1"), ("b", "k2"))).LastSeq);
        Assert.Equal(5, (await AppendAsync(("b", "k2"), ("c", "k3"))).LastSeq);
        Assert.Equal(6, (await AppendAsync(("d", "k4"), ("d", "k4"))).LastSeq);
        Assert.Equal(["a", "b", "c", "d"], (await cluster.EventsAsync(task)).Where(one => one.Type == "token").Select(one => one.Text("delta")));

        Task<WorkerReply> AppendAsync(params (string, string?)[] tokens) => cluster.Grain(task).AppendAsync(Sent.Batch(lease, null, tokens)).ForAsync("the answer");
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("lease lost")]
    [InlineData("no progress")]
    [InlineData("gone during a review")]
    public async Task KeysOfABrokenTry_AreForgotten_AndThoseUnderItsCheckpointStay(string end)
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock, tasks: options =>
        {
            options.RetryDelay = TimeSpan.Zero;
            options.NoProgressLimit = TimeSpan.FromSeconds(end == "no progress" ? 1 : 600);
        });
        var task = await cluster.CreateAsync("by-hand", new { });
        var grain = cluster.Grain(task);
        var lease = (await grain.LeaseAsync("w1")).Lease;
        await grain.AppendAsync(Sent.Batch(lease, """{"done":2}""", ("1", "k1"), ("2", "k2")));
        await grain.AppendAsync(Sent.Batch(lease, null, ("3", "k3"), ("4", "k4")));
        switch (end)
        {
            case "failed":
                await grain.FailAsync(lease, new TaskError("boom", "", true));
                break;
            case "gone during a review":
                var review = (await grain.AskReviewAsync(new WorkerReview(lease, "plan", "Go on?", "{}"u8.ToArray(), null, "fail"))).ReviewId!;
                _clock.Advance(TimeSpan.FromSeconds(30));
                await cluster.UntilAsync(task, "the lease's end", head => head.Lease is null);
                await grain.ReviewAsync(new ReviewDecided(review, "approve", null, default, "ann"));
                break;
            default:
                _clock.Advance(TimeSpan.FromSeconds(30));
                break;
        }

        await cluster.UntilAsync(task, GenerationStatus.Queued);
        await FinishAsync(cluster, task);
    }

    [Fact]
    public async Task KeysOfABrokenTry_AreForgotten_AlsoWhenTheyAreReadFromTheLog()
    {
        string task;
        var store = new MemoryLogStore();
        await using (var cluster = await TaskCluster.StartAsync(store: store))
        {
            task = await cluster.CreateAsync("by-hand", new { });
            var grain = cluster.Grain(task);
            for (var i = 0; i < 2; i++)
            {
                var lease = await TaskCluster.AgainAsync("the lease", () => grain.LeaseAsync("w1"), answer => answer.Refusal is null);
                await grain.AppendAsync(Sent.Batch(lease.Lease, i == 0 ? """{"done":2}""" : null, ("1", "k1"), ("2", "k2")));
                await grain.AppendAsync(Sent.Batch(lease.Lease, null, ("3", "k3"), ("4", "k4")));
                await grain.FailAsync(lease.Lease, new TaskError("boom", "", true));
            }
        }

        await using var next = await TaskCluster.StartAsync(store: store);
        await FinishAsync(next, task);
    }

    /// <summary>The next try says everything anew, and what every viewer ends with is the whole text, once.</summary>
    private static async Task FinishAsync(TaskCluster cluster, string task)
    {
        var lease = (await TaskCluster.AgainAsync("the lease", () => cluster.Grain(task).LeaseAsync("w2"), answer => answer.Refusal is null)).Lease;
        await cluster.Grain(task).AppendAsync(Sent.Batch(lease, null, ("1", "k1"), ("2", "k2"), ("3", "k3"), ("4", "k4"), ("5", "k5")));
        await cluster.Grain(task).CompleteAsync(lease, "1"u8.ToArray());
        List<LoggedEvent> text = [];
        foreach (var one in await cluster.EndAsync(task, GenerationStatus.Completed))
        {
            if (one.Type == "token")
            {
                text.Add(one);
            }
            else if (one.Type == "retrying")
            {
                text.RemoveAll(token => token.Seq > one.Data.GetProperty("supersedes_after").GetInt64());
            }
        }

        Assert.Equal(["1", "2", "3", "4", "5"], text.Select(token => token.Text("delta")));
    }

    [Fact]
    public async Task TheEnd_Repeated_IsAnsweredAsTheFirstTime()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("by-hand", new { });
        var lease = (await cluster.Grain(task).LeaseAsync("w1")).Lease;
        for (var i = 0; i < 3; i++)
        {
            Assert.Null((await cluster.Grain(task).CompleteAsync(lease, "1"u8.ToArray())).Refusal);
        }

        Assert.Equal(RefusalCodes.LeaseLost, (await cluster.Grain(task).CompleteAsync("l_other", "1"u8.ToArray())).Refusal!.Code);
        await cluster.EndAsync(task, GenerationStatus.Completed);
    }

    [Fact]
    public async Task ACancel_IsToldToTheWorker_WhoHasAWhileToWindUp()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var task = await cluster.CreateAsync("by-hand", new { });
        var grain = cluster.Grain(task);
        var lease = (await grain.LeaseAsync("w1")).Lease;
        Assert.False((await grain.CancelAsync("enough", "ann")).State!.Sealed);
        Assert.True((await grain.RenewLeaseAsync(lease, default)).CancelRequested);
        Assert.Null((await grain.AppendAsync(Sent.Batch(lease, null, ("last words", null)))).Refusal);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["created", "started", "token", "cancelled"], (await cluster.EndAsync(task, GenerationStatus.Cancelled)).Select(one => one.Type));
        Assert.Equal(RefusalCodes.LeaseLost, (await grain.AppendAsync(Sent.Batch(lease, null, ("too late", null)))).Refusal!.Code);
    }

    [Fact]
    public async Task AReview_AskedForByAWorkerThatVanishes_WaitsOn_AndIsGivenToTheNext()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock);
        var task = await cluster.CreateAsync("by-hand", new { });
        var grain = cluster.Grain(task);
        var gone = (await grain.LeaseAsync("w1")).Lease;
        var review = (await grain.AskReviewAsync(new WorkerReview(gone, "plan", "Go on?", "{}"u8.ToArray(), null, "fail"))).ReviewId!;
        _clock.Advance(TimeSpan.FromSeconds(30));
        await cluster.UntilAsync(task, "the lease's end", head => head.Lease is null);
        Assert.Equal(GenerationStatus.AwaitingReview, (await cluster.HeadAsync(task)).Status);
        Assert.Null((await grain.ReviewAsync(new ReviewDecided(review, "revise", "so", """{"x":1}"""u8.ToArray(), "ann"))).Refusal);
        await cluster.UntilAsync(task, GenerationStatus.Queued);
        var next = await grain.LeaseAsync("w2");
        Assert.Contains("\"decision\":\"revise\"", Encoding.UTF8.GetString(next.Review.Span), StringComparison.Ordinal);
        Assert.Equal(review, (await grain.AskReviewAsync(new WorkerReview(next.Lease, "plan", "Go on?", "{}"u8.ToArray(), null, "fail"))).ReviewId);
        await grain.CompleteAsync(next.Lease, "1"u8.ToArray());
        Assert.Single(await cluster.EndAsync(task, GenerationStatus.Completed), one => one.Type == "review_required");
    }
}
