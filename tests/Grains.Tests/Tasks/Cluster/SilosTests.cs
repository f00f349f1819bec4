using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>What holds on one silo holds on two and three, whichever of them dies. Silos are killed in the midst of work: nobody is told, and nothing of them comes back.</summary>
public sealed class SilosTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ManyTasks_RunToTheirEnds(int silos)
    {
        await using var cluster = await TaskCluster.StartAsync(silos);
        var tasks = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => cluster.CreateAsync("echo", new { count = 20, interval_ms = 0 })));
        foreach (var task in tasks)
        {
            AssertEveryTokenOnce(20, await cluster.EndAsync(task, GenerationStatus.Completed));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ASiloThatDies_LosesNoTask_AndNoStepIsDoneAgain(int silos)
    {
        await using var cluster = await TaskCluster.StartAsync(silos);
        var tasks = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cluster.CreateAsync("echo", new { count = 150, interval_ms = 5 })));
        for (var left = silos; left > 1; left--)
        {
            await cluster.UntilSeqAsync(tasks[0], 20 * (silos - left + 1));
            await cluster.Inner.KillSiloAsync(await cluster.OwnerAsync(tasks[0]));
        }

        foreach (var task in tasks)
        {
            var events = await cluster.EndAsync(task, GenerationStatus.Completed);
            AssertEveryTokenOnce(150, events);
            Assert.All(events.Where(one => one.Type == "retrying"), one => Assert.Equal((1, "interrupted"), (one.Data.GetProperty("attempt").GetInt32(), one.Text("reason"))));
        }

        Assert.Contains(await cluster.EventsAsync(tasks[0]), one => one.Type == "retrying");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ASiloThatStopsInGoodOrder_HandsItsTasksOver(int silos)
    {
        await using var cluster = await TaskCluster.StartAsync(silos);
        var tasks = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cluster.CreateAsync("echo", new { count = 100, interval_ms = 5 })));
        await cluster.UntilSeqAsync(tasks[0], 20);
        await cluster.Inner.StopSiloAsync(await cluster.OwnerAsync(tasks[0]));
        foreach (var task in tasks)
        {
            AssertEveryTokenOnce(100, await cluster.EndAsync(task, GenerationStatus.Completed));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AWorkersLease_OutlivesTheSilo(int silos)
    {
        await using var cluster = await TaskCluster.StartAsync(silos);
        var task = await cluster.CreateAsync("by-hand", new { });
        var lease = await cluster.Grain(task).LeaseAsync("w1").ForAsync("the lease");
        await cluster.Grain(task).AppendAsync(Sent.Batch(lease.Lease, "7", ("a", "k1"), ("b", "k2"))).ForAsync("the append");

        await cluster.Inner.KillSiloAsync(await cluster.OwnerAsync(task));

        // The same batch once more, as its worker would send it that had no answer, and one more event.
        var again = await TaskCluster.AgainAsync(
            "the append", () => cluster.Grain(task).AppendAsync(Sent.Batch(lease.Lease, null, ("a", "k1"), ("b", "k2"), ("c", "k3"))), reply => reply.Refusal is null);
        Assert.Equal(5, again.LastSeq);
        await TaskCluster.AgainAsync("the end", () => cluster.Grain(task).CompleteAsync(lease.Lease, "1"u8.ToArray()), reply => reply.Refusal is null);
        var events = await cluster.EndAsync(task, GenerationStatus.Completed);
        Assert.Equal(["created", "started", "token", "token", "token", "completed"], events.Select(one => one.Type));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AReview_OutlivesTheSilo(int silos)
    {
        await using var cluster = await TaskCluster.StartAsync(silos);
        var task = await cluster.CreateAsync("echo", new { count = 10, interval_ms = 0, review_at = 4 });
        var review = (await cluster.UntilAsync(task, GenerationStatus.AwaitingReview)).PendingReview!;

        await cluster.Inner.KillSiloAsync(await cluster.OwnerAsync(task));

        var answer = new ReviewDecided(review.ReviewId, "approve", null, default, "ann");
        await TaskCluster.AgainAsync("the answer", () => cluster.Grain(task).ReviewAsync(answer), reply => reply.Refusal is null);
        var events = await cluster.EndAsync(task, GenerationStatus.Completed);
        AssertEveryTokenOnce(10, events);
        Assert.Single(events, one => one.Type == "review_required");
        Assert.Single(events, one => one.Type == "review_resolved");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ACancel_ReachesATaskWhoseSiloDies(int silos)
    {
        await using var cluster = await TaskCluster.StartAsync(silos);
        var task = await cluster.CreateAsync("stepping", new { });
        await cluster.UntilAsync(task, GenerationStatus.Running);
        await cluster.Inner.KillSiloAsync(await cluster.OwnerAsync(task));
        await TaskCluster.AgainAsync("the cancel", () => cluster.Grain(task).CancelAsync("enough", "ann"), reply => reply.Refusal is null);
        var events = await cluster.EndAsync(task, GenerationStatus.Cancelled);
        Assert.Equal("enough", events[^1].Text("reason"));
    }

    [Fact]
    public async Task TasksThatAreLost_WhileTheirSiloLives_ComeBack_ThoughAnotherSiloHasJoinedAndWouldHaveThem()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var tasks = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => cluster.CreateAsync("echo", new { count = 100, interval_ms = 20 })));
        await cluster.Inner.StartAdditionalSiloAsync();
        await cluster.Inner.WaitForLivenessToStabilizeAsync();
        foreach (var task in tasks)
        {
            // Somebody else takes the fence, and does nothing with it.
            await cluster.Store.OpenAsync(task);
        }

        foreach (var task in tasks)
        {
            AssertEveryTokenOnce(100, await cluster.EndAsync(task, GenerationStatus.Completed));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task CreatesThatRace_MakeOneTask(int silos)
    {
        await using var cluster = await TaskCluster.StartAsync(silos);
        var id = TaskCluster.NewTaskId();
        var order = TaskCluster.Order("echo", new { count = 3, interval_ms = 0 });
        var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => cluster.Grain(id).CreateAsync(order))).ForAsync("all answers");
        Assert.All(replies, reply => Assert.Null(reply.Refusal));
        Assert.Single(replies, reply => reply.Created);
        AssertEveryTokenOnce(3, await cluster.EndAsync(id, GenerationStatus.Completed));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task AFront_IsToldNothingThatIsNotDurable_WhateverDies(int silos)
    {
        await using var cluster = await TaskCluster.StartAsync(silos);
        var task = await cluster.CreateAsync("echo", new { count = 150, interval_ms = 4 });
        var ear = new Ear(cluster.Store, task);
        var reference = cluster.Inner.Client.CreateObjectReference<IFeedObserver>(ear);
        var watch = new FrontWatch("front", reference, ["s1"]);
        await TaskCluster.AgainAsync("the watch", () => cluster.Grain(task).WatchAsync(watch), reply => reply.Watching);
        await ear.HeardAsync(30);

        await cluster.Inner.KillSiloAsync(await cluster.OwnerAsync(task));
        await TaskCluster.AgainAsync("another watch", () => cluster.Grain(task).WatchAsync(watch), reply => reply.Watching || reply.Position is { Sealed: true });

        await cluster.EndAsync(task, GenerationStatus.Completed);
        Assert.Empty(ear.Faults);
        cluster.Inner.Client.DeleteObjectReference<IFeedObserver>(reference);
    }

    /// <summary>Echo checkpoints every token with its append, so none is ever written twice.</summary>
    private static void AssertEveryTokenOnce(int count, IEnumerable<LoggedEvent> events) => Assert.Equal(
        Enumerable.Range(1, count), events.Where(one => one.Type == "token").Select(one => int.Parse(one.Text("delta")!.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Compares every batch with the log at the moment it comes: all of it has to be there, as it is, and under no older fence.</summary>
    private sealed class Ear(ILogReader logs, string task) : IFeedObserver
    {
        private readonly Lock _gate = new();
        private long _heard;
        private long _fence;

        public List<string> Faults { get; } = [];

        public Task HeardAsync(long seq) => Waiting.UntilAsync($"a batch with event {seq}", () => Interlocked.Read(ref _heard) >= seq);

        public async ValueTask OnBatchAsync(FeedBatch batch)
        {
            var stored = (await logs.ReadAsync(task, batch.Events.First - 1 < 0 ? 0 : batch.Events.First - 1, new LogLimit(1000, 1 << 22)))!;
            lock (_gate)
            {
                if (stored.LastSeq < batch.Position.LastSeq)
                {
                    Faults.Add($"Event {batch.Position.LastSeq} was told, and the log had {stored.LastSeq}.");
                }

                if (!batch.Events.IsEmpty && !stored.Records.UpTo(batch.Events.Last).Bytes.Span.SequenceEqual(batch.Events.Bytes.Span))
                {
                    Faults.Add($"Events {batch.Events.First} to {batch.Events.Last} are other bytes in the log.");
                }

                if (batch.Position.Fence < _fence)
                {
                    Faults.Add($"A batch of fence {batch.Position.Fence} came after one of {_fence}.");
                }

                _fence = batch.Position.Fence;
                Interlocked.Exchange(ref _heard, batch.Position.LastSeq);
            }
        }
    }
}
