using System.Collections.Concurrent;
using System.Text.Json;

using Holdfast.Chaos.Judging;

namespace Holdfast.Chaos.Load;

/// <summary>What sort of work a task does.</summary>
internal enum TaskSort
{
    /// <summary>An echo to its end.</summary>
    Echo,

    /// <summary>An echo whose first attempt fails.</summary>
    FailingEcho,

    /// <summary>An echo that waits for a review, which is approved.</summary>
    ReviewedEcho,

    /// <summary>An echo that is cancelled on the way.</summary>
    CancelledEcho,

    /// <summary>A roadmap of a document.</summary>
    Roadmap,

    /// <summary>Work of an external worker, who vanishes now and then.</summary>
    Worker,
}

/// <summary>A task of the load.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sort">Its sort.</param>
/// <param name="Steps">Steps of work; 0 where the sort has no number of its own.</param>
/// <param name="Watched">Whether anybody watches it, or calls it in any other way, before it is over.</param>
internal sealed record LoadedTask(string Id, TaskSort Sort, int Steps, bool Watched);

/// <summary>Makes tasks and viewers, and keeps what each viewer saw.</summary>
/// <param name="api">The cluster.</param>
/// <param name="name">Goes into the tasks' ids.</param>
/// <param name="random">Decides what is made.</param>
/// <param name="document">A document for roadmaps.</param>
internal sealed class TaskLoad(ClusterApi api, string name, Random random, string document)
{
    /// <summary>Why tasks of <see cref="TaskSort.CancelledEcho"/> are cancelled.</summary>
    public const string CancelReason = "enough";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentQueue<LoadedTask> _tasks = new();
    private readonly ConcurrentDictionary<string, SeenEvent[]> _endings = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(Watch Watch, ViewerRecord Record)> _viewers = new();
    private readonly ConcurrentQueue<Task> _running = new();
    private int _number;

    /// <summary>Tasks made so far.</summary>
    public IReadOnlyCollection<LoadedTask> Tasks => _tasks;

    /// <summary>What each viewer saw.</summary>
    public IReadOnlyList<ViewerRecord> Records => [.. _viewers.Select(viewer => viewer.Record)];

    /// <summary>How many viewers a front is talking to.</summary>
    public int Connected => _viewers.Count(viewer => viewer.Watch.Connected);

    /// <summary>The logs of tasks as they were when one of their viewers had just seen the end.</summary>
    public IReadOnlyDictionary<string, SeenEvent[]> Endings => _endings;

    /// <summary>Makes a task of any sort. About a third of all are left to themselves.</summary>
    /// <param name="viewers">How many watch it, if any do.</param>
    /// <param name="mostSteps">Its steps, at most.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public async Task AddAsync(int viewers, int mostSteps, CancellationToken cancellationToken)
    {
        LoadedTask task;
        int interval;
        lock (random)
        {
            var sort = random.Next(10) switch
            {
                < 5 => TaskSort.Echo,
                5 => TaskSort.FailingEcho,
                6 => TaskSort.ReviewedEcho,
                7 => TaskSort.CancelledEcho,
                8 => TaskSort.Roadmap,
                _ => TaskSort.Worker,
            };
            var alone = sort is TaskSort.Echo or TaskSort.FailingEcho or TaskSort.Roadmap && random.Next(2) == 0;
            task = new LoadedTask($"{name}-{++_number:000000}", sort, sort == TaskSort.Roadmap ? 0 : random.Next(20, mostSteps), !alone);
            interval = random.Next(20, 100);
        }

        await api.MustAsync(HttpMethod.Post, "/api/v1/tasks", Request(task, interval), cancellationToken);
        _tasks.Enqueue(task);
        Watch(task, task.Watched ? viewers : 0, cancellationToken);
        _running.Enqueue(task.Sort switch
        {
            TaskSort.ReviewedEcho => ReviewAsync(task, cancellationToken),
            TaskSort.CancelledEcho => CancelAsync(task, cancellationToken),
            _ => Task.CompletedTask,
        });
    }

    private void Watch(LoadedTask task, int viewers, CancellationToken cancellationToken)
    {
        for (var n = 0; n < viewers; n++)
        {
            Random own;
            WatchStyle style;
            TimeSpan late;
            lock (random)
            {
                own = new Random(random.Next());
                var transport = random.Next(10) switch { < 6 => WatchTransport.WebSocket, < 8 => WatchTransport.EventStream, _ => WatchTransport.Poll };

                // Pages begin at the start or at a cursor.
                var from = random.Next(4) switch { 0 => WatchFrom.Middle, 1 when transport != WatchTransport.Poll => WatchFrom.Live, _ => WatchFrom.Start };
                style = new WatchStyle(transport, from, random.Next(3) == 0);
                late = from == WatchFrom.Start ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.Next(4000));
            }

            var record = new ViewerRecord(task.Id, $"{style.Transport} {n + 1} of {task.Id} ({task.Sort}, from {style.From}{(style.Compact ? ", compact" : "")})", style.Compact);
            var watch = new Watch(record, style, api.Entries, api.Http, own);
            _viewers.Enqueue((watch, record));
            _running.Enqueue(Task.Run(() => WatchAsync(watch, record, style, late, own, cancellationToken), CancellationToken.None));
        }
    }

    private async Task WatchAsync(Watch watch, ViewerRecord record, WatchStyle style, TimeSpan late, Random own, CancellationToken cancellationToken)
    {
        await Task.Delay(late, TimeProvider.System, cancellationToken);
        if (style.From == WatchFrom.Start)
        {
            record.Begin(0);
        }
        else if (style.From == WatchFrom.Middle)
        {
            var snapshot = await api.SnapshotAsync(record.Task, cancellationToken);
            record.Epoch(snapshot.GetProperty("epoch").GetString()!);
            record.Begin(own.NextInt64(snapshot.GetProperty("last_seq").GetInt64()));
        }

        await watch.RunAsync(cancellationToken);
        if (record.Finished && _endings.TryAdd(record.Task, []))
        {
            _endings[record.Task] = [.. (await api.LogAsync(record.Task, cancellationToken)).Select(SeenEvent.Of)];
        }
    }

    /// <summary>Cuts every viewer's connection at once, and says how many there were.</summary>
    public int CutAll()
    {
        var connected = Connected;
        foreach (var (watch, _) in _viewers)
        {
            watch.Cut();
        }

        return connected;
    }

    /// <summary>Complete when every viewer has seen the end of its task, everything that was begun for a task is done, and those left to themselves have ended.</summary>
    public async Task WhenDoneAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_running);

        // A list reads the store, and wakes no task.
        while ((await api.MustAsync(HttpMethod.Get, $"/api/v1/tasks?status=active&label=alone={name}&limit=1", null, cancellationToken)).GetProperty("tasks").GetArrayLength() > 0)
        {
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }
    }

    private object Request(LoadedTask task, int interval)
    {
        var (kind, input) = task.Sort switch
        {
            TaskSort.Roadmap => ("roadmap", (object)new { document, max_concepts = 12 }),
            TaskSort.Worker => (ChaosWorker.Kind(name), new { steps = task.Steps }),
            TaskSort.FailingEcho => ("echo", new { count = task.Steps, interval_ms = interval, size = 60, fail_at = task.Steps / 2 }),
            TaskSort.ReviewedEcho => ("echo", new { count = task.Steps, interval_ms = interval, size = 60, review_at = task.Steps / 2 }),
            _ => ("echo", new { count = task.Steps, interval_ms = interval, size = 60 }),
        };
        return new { kind, task_id = task.Id, input, labels = new Dictionary<string, string> { [task.Watched ? "watched" : "alone"] = name } };
    }

    private async Task ReviewAsync(LoadedTask task, CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshot = await api.SnapshotAsync(task.Id, cancellationToken);
            if (snapshot.GetProperty("status").GetString() is "completed" or "failed" or "cancelled")
            {
                return;
            }

            if (snapshot.GetProperty("pending_review") is { ValueKind: JsonValueKind.Object } review)
            {
                // Repeated with the same answer it stays answered.
                await api.CallAsync(
                    HttpMethod.Post, $"/api/v1/tasks/{task.Id}/review", new { review_id = review.GetProperty("review_id").GetString(), decision = "approve" }, cancellationToken);
            }

            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }
    }

    private async Task CancelAsync(LoadedTask task, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        await api.MustAsync(HttpMethod.Post, $"/api/v1/tasks/{task.Id}/cancel", new { reason = CancelReason }, cancellationToken);
    }
}
