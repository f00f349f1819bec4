using System.Globalization;

using Holdfast.Grains.Feeds;
using Holdfast.Grains.Sessions;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>Does every command to a cluster, and judges all logs and viewers after each.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="silos">How many silos it has at most.</param>
internal sealed class ScheduleModel(TaskCluster cluster, int silos)
{
    private const int Tokens = 60;

    private readonly List<ScheduledTask> _tasks = [];
    private readonly ScheduleViewer?[] _viewers = new ScheduleViewer?[ScheduleCommand.Viewers];
    private readonly List<IFeedObserver> _deaf = [];
    private int _names;

    /// <summary>Runs a schedule, and then waits for every task's end.</summary>
    public async Task RunAsync(IEnumerable<ScheduleCommand> commands)
    {
        foreach (var command in commands)
        {
            try
            {
                await DoAsync(command);
                await JudgeAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{command}: {e.Message}", e);
            }
        }

        foreach (var task in _tasks)
        {
            await EndAsync(task);
        }

        foreach (var viewer in _viewers.OfType<ScheduleViewer>())
        {
            await viewer.ReadUpToAsync(long.MaxValue);
        }

        await JudgeAsync();
    }

    private ScheduledTask Any(int number) => _tasks[number % _tasks.Count];

    private async Task DoAsync(ScheduleCommand command)
    {
        switch (command)
        {
            case ScheduleCommand.Kill(var silo) when cluster.Inner.Silos.Count > 1:
                await cluster.Inner.KillSiloAsync(cluster.Inner.Silos[silo % cluster.Inner.Silos.Count]);
                break;
            case ScheduleCommand.Stop(var silo) when cluster.Inner.Silos.Count > 1:
                await cluster.Inner.StopSiloAsync(cluster.Inner.Silos[silo % cluster.Inner.Silos.Count]);
                break;
            case ScheduleCommand.Start when cluster.Inner.Silos.Count < silos:
                await cluster.Inner.StartAdditionalSiloAsync();
                break;
            case ScheduleCommand.Steal(var task):
                await cluster.Store.OpenAsync(Any(task).Id);
                break;
            case ScheduleCommand.Create(var work):
                await CreateAsync(work);
                break;
            case ScheduleCommand.Watch(var viewer, var task):
                await WatchAsync(viewer, Any(task));
                break;
            case ScheduleCommand.Cut(var viewer):
                Cut(_viewers[viewer]);
                break;
            case ScheduleCommand.Deaf(var task):
                var deaf = new DeafEar();
                _deaf.Add(deaf);
                await WatchAsync(Any(task), cluster.Inner.Client.CreateObjectReference<IFeedObserver>(deaf));
                break;
            case ScheduleCommand.TakeOver(var task, var end):
                await TakeOverAsync(Any(task), end);
                break;
            case ScheduleCommand.Cancel(var task) when Any(task) is { Work: not ScheduledWork.Worker } cancelled:
                cancelled.Cancelled = true;
                await TaskCluster.AgainAsync("the cancel", () => cluster.Grain(cancelled.Id).CancelAsync("enough", "ann"), reply => reply.Refusal is null);
                break;
            case ScheduleCommand.Review(var task):
                await ReviewAsync(Any(task));
                break;
            case ScheduleCommand.Step(var task) when Any(task) is { Work: ScheduledWork.Worker } worked:
                await StepAsync(worked);
                break;
        }
    }

    private async Task CreateAsync(ScheduledWork work)
    {
        var task = new ScheduledTask(TaskCluster.NewTaskId(), work);
        var order = work switch
        {
            ScheduledWork.Worker => TaskCluster.Order("by-hand", new { }),
            ScheduledWork.FailingEcho => TaskCluster.Order("echo", new { count = Tokens, interval_ms = 10, fail_at = Tokens / 2 }),
            ScheduledWork.ReviewedEcho => TaskCluster.Order("echo", new { count = Tokens, interval_ms = 10, review_at = Tokens / 2 }),
            _ => TaskCluster.Order("echo", new { count = Tokens, interval_ms = 10 }),
        };
        await TaskCluster.AgainAsync("the creation", () => cluster.Grain(task.Id).CreateAsync(order), reply => Answered(reply.Refusal) && reply.Refusal is null);
        _tasks.Add(task);
    }

    private async Task WatchAsync(int viewer, ScheduledTask task)
    {
        Cut(_viewers[viewer]);
        var here = _viewers[viewer] is { } before && before.Task == task.Id ? before : new ScheduleViewer(cluster.Store, task.Id);
        _viewers[viewer] = here;
        here.Reference = cluster.Inner.Client.CreateObjectReference<IFeedObserver>(here);
        await here.ReadUpToAsync(await WatchAsync(task, here.Reference));
    }

    /// <summary>Watches, as a front of its own, and says where the log stands.</summary>
    private async Task<long> WatchAsync(ScheduledTask task, IFeedObserver reference)
    {
        var watch = new FrontWatch($"front-{++_names}", reference, [$"s{_names}"]);
        var reply = await TaskCluster.AgainAsync(
            "the watch", () => cluster.Grain(task.Id).WatchAsync(watch), reply => Answered(reply.Refusal) && (reply.Watching || reply.Position is { Sealed: true }));
        return reply.Position!.LastSeq;
    }

    private void Cut(ScheduleViewer? viewer)
    {
        if (viewer?.Reference is { } reference)
        {
            cluster.Inner.Client.DeleteObjectReference<IFeedObserver>(reference);
            viewer.Reference = null;
        }
    }

    private async Task TakeOverAsync(ScheduledTask task, bool end)
    {
        var session = cluster.Inner.Client.GetGrain<ISessionGrain>($"s_{task.Id}");
        var connection = new SessionAttachment($"c{++_names}", task.Id, "ann", "ws", $"front-{_names}", TimeProvider.System.GetUtcNow());
        await TaskCluster.AgainAsync("the take-over", () => session.AttachAsync(connection, resume: false), reply => reply.Accepted);
        if (end)
        {
            await TaskCluster.AgainAsync("the session's end", () => session.EndAsync(), _ => true);
        }
    }

    private async Task ReviewAsync(ScheduledTask task)
    {
        var pending = (await cluster.HeadAsync(task.Id)).PendingReview?.ReviewId;
        var answer = new ReviewDecided(pending ?? "r_unknown", "approve", null, default, "ann");
        var reply = await TaskCluster.AgainAsync("the review", () => cluster.Grain(task.Id).ReviewAsync(answer), reply => Answered(reply.Refusal));
        Assert.Equal(pending is null ? RefusalCodes.ReviewNotPending : null, reply.Refusal?.Code);
    }

    /// <summary>One step of a worker's, as it has to do it: the same again until it has an answer, under another lease when it has lost its own.</summary>
    private async Task StepAsync(ScheduledTask task)
    {
        if (task.Lease is null)
        {
            var leased = await TaskCluster.AgainAsync("the lease", () => cluster.Grain(task.Id).LeaseAsync("w1"), reply => Answered(reply.Refusal));
            task.Lease = leased.Refusal is null ? leased.Lease : null;
        }

        if (task.Lease is { } lease)
        {
            var text = (task.Steps + 1).ToString(CultureInfo.InvariantCulture);
            var reply = await TaskCluster.AgainAsync("the step", () => cluster.Grain(task.Id).AppendAsync(Sent.Batch(lease, text, (text, "k" + text))), reply => Answered(reply.Refusal));
            Assert.Equal(reply.Refusal is null ? null : RefusalCodes.LeaseLost, reply.Refusal?.Code);
            (task.Lease, task.Steps) = reply.Refusal is null ? (lease, task.Steps + 1) : (null, task.Steps);
        }
    }

    /// <summary>Whatever is refused is refused for good, with a code; only a task that moves is asked again.</summary>
    private static bool Answered(Refusal? refusal)
    {
        Assert.NotEqual("", refusal?.Code);
        return refusal?.Code is not (RefusalCodes.TaskMoving or RefusalCodes.StoreUnavailable);
    }

    /// <summary>
    /// What holds at every moment: what was shown is stored, byte for byte and in order; a log only grows; nothing follows its one terminal event; a
    /// step that was answered is there.
    /// </summary>
    private async Task JudgeAsync()
    {
        var shown = _viewers.OfType<ScheduleViewer>().Select(viewer => (viewer.Task, Look: viewer.Look())).ToList();
        foreach (var task in _tasks)
        {
            var events = await cluster.EventsAsync(task.Id);
            var log = events.Select(one => one.Json.GetRawText()).ToList();
            Assert.Equal(task.Log, log.Take(task.Log.Count));
            task.Log = log;
            Assert.Equal(Enumerable.Range(1, log.Count).Select(seq => (long)seq), events.Select(one => one.Seq));
            Assert.DoesNotContain(events.SkipLast(1), one => one.IsTerminal);
            var steps = events.Where(one => one.Type == "token").Select(one => int.Parse(one.Text("delta")!.Split(':')[0], CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(Enumerable.Range(1, steps.Count), steps);
            Assert.True(steps.Count >= task.Steps, $"Step {task.Steps} of {task.Id} was answered and is not there.");
            foreach (var (_, look) in shown.Where(viewer => viewer.Task == task.Id))
            {
                Assert.Empty(look.Faults);
                Assert.Equal(log.Take(look.Shown.Count), look.Shown);
            }
        }
    }

    private async Task EndAsync(ScheduledTask task)
    {
        await Waiting.UntilAsync($"the end of {task.Id} ({task.Work})", async () =>
        {
            var head = await cluster.HeadAsync(task.Id);
            if (head.PendingReview is not null)
            {
                await ReviewAsync(task);
            }
            else if (task.Work == ScheduledWork.Worker && !head.IsTerminal)
            {
                await StepAsync(task);
                if (task.Lease is { } lease)
                {
                    await TaskCluster.AgainAsync("the end of the work", () => cluster.Grain(task.Id).CompleteAsync(lease, "1"u8.ToArray()), reply => Answered(reply.Refusal));
                }
            }

            return head.IsTerminal;
        });
        var status = (await cluster.HeadAsync(task.Id)).Status;
        var events = await cluster.EndAsync(task.Id, task.Cancelled && status == GenerationStatus.Cancelled ? status : GenerationStatus.Completed);
        if (task.Work != ScheduledWork.Worker && status == GenerationStatus.Completed)
        {
            Assert.Equal(Tokens, events.Count(one => one.Type == "token"));
        }
    }

    /// <summary>A task, and what is known of it.</summary>
    private sealed class ScheduledTask(string id, ScheduledWork work)
    {
        public string Id => id;

        public ScheduledWork Work => work;

        /// <summary>Somebody has cancelled it, perhaps too late.</summary>
        public bool Cancelled { get; set; }

        /// <summary>The worker's lease.</summary>
        public string? Lease { get; set; }

        /// <summary>Steps that the worker was told are stored.</summary>
        public int Steps { get; set; }

        /// <summary>The log as it was last read.</summary>
        public List<string> Log { get; set; } = [];
    }

    /// <summary>Takes a batch and says nothing.</summary>
    private sealed class DeafEar : IFeedObserver
    {
        private readonly TaskCompletionSource _never = new();

        public ValueTask OnBatchAsync(FeedBatch batch) => new(_never.Task);
    }
}
