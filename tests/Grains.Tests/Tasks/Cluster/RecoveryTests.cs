using Holdfast.Grains.Logs.Sqlite;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;

using Microsoft.Extensions.Logging.Abstractions;

using Orleans.Core.Internal;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>What is found at a start, and what is swept away with time.</summary>
public sealed class RecoveryTests
{
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(60);

    private readonly TestClock _clock = new();

    [Fact]
    public async Task AtAStart_AfterAnUncleanStop_WhatWasUnfinishedGoesOn_FromTheDisk()
    {
        using var folder = new TempFolder();
        string echo, stepping, reviewed, led, ended;
        WorkerReply appended;
        string lease;
        await using (var store = Open(folder))
        {
            await using var before = await TaskCluster.StartAsync(store: store);
            echo = await before.CreateAsync("echo", new { count = 400, interval_ms = 2 });
            stepping = await before.CreateAsync("stepping", new { });
            reviewed = await before.CreateAsync("echo", new { count = 4, interval_ms = 0, review_at = 3 });
            led = await before.CreateAsync("by-hand", new { });
            ended = await before.CreateAsync("echo", new { count = 1, interval_ms = 0 });
            lease = (await before.Grain(led).LeaseAsync("w1")).Lease;
            appended = await before.Grain(led).AppendAsync(Sent.Batch(lease, null, ("a", "k1")));
            SteppingGenerator.Tell(stepping, "a", "checkpoint", "b");
            await before.UntilSeqAsync(stepping, 4);
            await before.UntilAsync(reviewed, GenerationStatus.AwaitingReview);
            await before.EndAsync(ended, GenerationStatus.Completed);
            await before.UntilSeqAsync(echo, 30);
            await before.Inner.KillSiloAsync(before.Inner.Silos[0]);
        }

        await using var again = Open(folder);
        await using var cluster = await TaskCluster.StartAsync(store: again);
        Assert.Equal(4, (await cluster.EndAsync(ended, GenerationStatus.Completed)).Count(one => one.Type is "created" or "started" or "token" or "completed"));

        // Nobody has asked for them: the sweep at the start finds them.
        var told = await cluster.EndAsync(echo, GenerationStatus.Completed);
        Assert.Equal(400, told.Count(one => one.Type == "token"));
        Assert.Equal("interrupted", Assert.Single(told, one => one.Type == "retrying").Text("reason"));

        await cluster.UntilAsync(stepping, "the work again", head => head is { Status: GenerationStatus.Running, Interruptions: 1 });
        SteppingGenerator.Tell(stepping, "c", "return");
        var steps = await cluster.EndAsync(stepping, GenerationStatus.Completed);
        Assert.Equal(["created", "started", "token", "token", "retrying", "started", "token", "completed"], steps.Select(one => one.Type));
        Assert.Equal(3, steps[4].Data.GetProperty("supersedes_after").GetInt32());

        var review = (await cluster.HeadAsync(reviewed)).PendingReview!.ReviewId;
        Assert.Null((await cluster.Grain(reviewed).ReviewAsync(new ReviewDecided(review, "approve", null, default, "ann"))).Refusal);
        Assert.Equal(4, (await cluster.EndAsync(reviewed, GenerationStatus.Completed)).Count(one => one.Type == "token"));

        Assert.Equal(appended, await cluster.Grain(led).AppendAsync(Sent.Batch(lease, null, ("a", "k1"))));
        await cluster.Grain(led).CompleteAsync(lease, "1"u8.ToArray());
        await cluster.EndAsync(led, GenerationStatus.Completed);
    }

    [Fact]
    public async Task AnActivationThatOrleansEndsOnALivingSilo_IsSucceededAtOnce_ThoughNobodyAsks()
    {
        await using var cluster = await TaskCluster.StartAsync(recovery: options => options.SweepPeriod = TimeSpan.FromHours(1));
        var task = await cluster.CreateAsync("stepping", new { });
        SteppingGenerator.Tell(task, "a", "checkpoint");
        await cluster.UntilSeqAsync(task, 3);

        // As when a silo has died that had it in its part of the directory. From here on only the store is asked.
        await cluster.Grain(task).AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await cluster.UntilAsync(task, "the work again", head => head is { Status: GenerationStatus.Running, Interruptions: 1 });
        SteppingGenerator.Tell(task, "return");
        await cluster.EndAsync(task, GenerationStatus.Completed);
    }

    [Fact]
    public async Task Retention_ByAge_TakesWhatEndedLongAgo_AndNothingThatHasNotEnded()
    {
        await using var cluster = await TaskCluster.StartAsync(
            clock: _clock, recovery: options => (options.RetainFor, options.SweepPeriod) = (TimeSpan.FromHours(1), Sweep), tasks: options => options.NoProgressLimit = TimeSpan.FromDays(1));
        var old = await EndedAsync(cluster);
        var open = await cluster.CreateAsync("stepping", new { });
        await PassAsync(TimeSpan.FromHours(1));
        var young = await EndedAsync(cluster);
        await PassAsync(Sweep);
        await GoneAsync(cluster, old);
        await PassAsync(Sweep);
        Assert.NotNull(await cluster.Store.ReadHeadAsync(young));
        Assert.NotNull(await cluster.Store.ReadHeadAsync(open));
    }

    [Fact]
    public async Task Retention_ByCount_KeepsTheNewest()
    {
        await using var cluster = await TaskCluster.StartAsync(clock: _clock, recovery: options => (options.RetainCount, options.SweepPeriod) = (2, Sweep));
        List<string> ended = [];
        for (var i = 0; i < 5; i++)
        {
            ended.Add(await EndedAsync(cluster));
        }

        await PassAsync(Sweep);
        foreach (var gone in ended[..3])
        {
            await GoneAsync(cluster, gone);
        }

        await PassAsync(Sweep);
        Assert.All(ended[3..], task => Assert.True(cluster.Store.ReadHeadAsync(task).AsTask().GetAwaiter().GetResult() is not null));
    }

    [Fact]
    public async Task ATaskThatIsLost_WhileItsSiloLives_ComesBackByItself()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("stepping", new { });
        await cluster.UntilAsync(task, GenerationStatus.Running);

        // Somebody else takes the fence, and does nothing with it.
        await cluster.Store.OpenAsync(task);
        SteppingGenerator.Tell(task, "unseen");
        await SteppingGenerator.StoppedAsync(task).ForAsync("the end of the run that was fenced out");
        await cluster.UntilAsync(task, "the work again", head => head is { Status: GenerationStatus.Running, Interruptions: 1 });
        SteppingGenerator.Tell(task, "seen", "return");
        var events = await cluster.EndAsync(task, GenerationStatus.Completed);
        Assert.Equal("seen", Assert.Single(events, one => one.Type == "token").Text("delta"));
    }

    [Fact]
    public async Task ASiloThatDies_IsSucceeded_HoweverLongNothingHadHappened()
    {
        await using var cluster = await TaskCluster.StartAsync(2, clock: _clock, recovery: options => options.SweepPeriod = Sweep, tasks: options => options.NoProgressLimit = TimeSpan.FromDays(1));
        var task = await cluster.CreateAsync("stepping", new { });
        await cluster.UntilAsync(task, GenerationStatus.Running);
        for (var quiet = 0; quiet < 3; quiet++)
        {
            await PassAsync(Sweep);
        }

        // From here on the clock stands still: no sweep comes due, and nobody asks for the task.
        await cluster.Inner.KillSiloAsync(await cluster.OwnerAsync(task));
        await cluster.UntilAsync(task, "another silo's", head => head.Interruptions == 1);
    }

    [Fact]
    public async Task ACallThatBringsATaskBack_AndIsLost_IsMadeAgainLongBeforeTheSweep()
    {
        var touches = new LostTouches();
        await using var cluster = await TaskCluster.StartAsync(
            2, recovery: options => options.SweepPeriod = TimeSpan.FromHours(1), silo: silo => silo.AddOutgoingGrainCallFilter(touches));
        var task = await cluster.CreateAsync("stepping", new { });
        await cluster.UntilAsync(task, GenerationStatus.Running);
        touches.Left = 3;
        await cluster.Inner.KillSiloAsync(await cluster.OwnerAsync(task));
        await cluster.UntilAsync(task, "another silo's", head => head.Interruptions == 1);
        Assert.Equal(0, touches.Left);
    }

    [Fact]
    public async Task AGeneratorThatThrows_WhenItIsToldToStop_DoesNotKeepItsTaskFromBeingHandedOver()
    {
        await using var cluster = await TaskCluster.StartAsync();
        var task = await cluster.CreateAsync("stepping", new { });
        SteppingGenerator.Tell(task, "a", "be-rude", "b");
        await cluster.UntilSeqAsync(task, 4);
        await cluster.Inner.StopSiloAsync(cluster.Inner.Silos[0]);
        Assert.Null((await cluster.HeadAsync(task)).Silo);
    }

    /// <summary>So many calls of recovery are rejected, as calls are right after a death.</summary>
    private sealed class LostTouches : IOutgoingGrainCallFilter
    {
        private int _left;

        public int Left
        {
            get => Math.Max(0, Volatile.Read(ref _left));
            set => Volatile.Write(ref _left, value);
        }

        public Task Invoke(IOutgoingGrainCallContext context) =>
            context.InterfaceMethod?.Name == nameof(ITaskGrain.TouchAsync) && Interlocked.Decrement(ref _left) >= 0
                ? throw new SiloUnavailableException("Rejected on purpose.") : context.Invoke();
    }

    private static SqliteLogStore Open(TempFolder folder) =>
        SqliteLogStore.Open(new SqliteLogOptions { Folder = folder.Path }, TimeProvider.System, NullLogger<SqliteLogStore>.Instance);

    private static async Task<string> EndedAsync(TaskCluster cluster)
    {
        var task = await cluster.CreateAsync("echo", new { count = 1, interval_ms = 0 });
        await cluster.EndAsync(task, GenerationStatus.Completed);
        return task;
    }

    private static Task GoneAsync(TaskCluster cluster, string task) =>
        Waiting.UntilAsync($"{task} is gone", async () => await cluster.Store.ReadHeadAsync(task) is null);

    /// <summary>Moves the clock on, with the sweep waiting for its time.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        await Waiting.UntilAsync("the sweep has ended", () => _clock.IsArmedFor(Sweep));
        _clock.Advance(time);
    }
}
