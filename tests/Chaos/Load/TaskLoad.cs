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
internal sealed record LoadedTask(string Id, TaskSort Sort, int Steps);

/// <summary>Makes tasks and viewers, and keeps what each viewer saw.</summary>
/// <param name="api">The cluster.</param>
/// <param name="name">Goes into the tasks' ids.</param>
/// <param name="random">Decides what is made.</param>
/// <param name="document">A document for roadmaps.</param>
internal sealed class TaskLoad(ClusterApi api, string name, Random random, string document)
{
    private readonly ConcurrentQueue<LoadedTask> _tasks = new();
    private readonly ConcurrentQueue<(Watch Watch, ViewerRecord Record)> _viewers = new();
    private readonly ConcurrentQueue<Task> _running = new();
    private int _number;

    /// <summary>Tasks made so far.</summary>
    public IReadOnlyCollection<LoadedTask> Tasks => _tasks;

    /// <summary>What each viewer saw.</summary>
    public IReadOnlyList<ViewerRecord> Records => [.. _viewers.Select(viewer => viewer.Record)];

    /// <summary>Makes a task of any sort.</summary>
    /// <param name="viewers">How many watch it.</param>
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
            task = new LoadedTask($"{name}-{++_number:000000}", sort, sort == TaskSort.Roadmap ? 0 : random.Next(20, mostSteps));
            interval = random.Next(20, 100);
        }

        await api.MustAsync(HttpMethod.Post, "/api/v1/tasks", Request(task, interval), cancellationToken);
        _tasks.Enqueue(task);
        Watch(task, viewers, cancellationToken);
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
            WatchTransport transport;
            lock (random)
            {
                own = new Random(random.Next());
                transport = random.Next(10) switch { < 6 => WatchTransport.WebSocket, < 8 => WatchTransport.EventStream, _ => WatchTransport.Poll };
            }

            var record = new ViewerRecord(task.Id, $"{transport} {n + 1} of {task.Id} ({task.Sort})");
            var watch = new Watch(record, transport, api.Entries, api.Http, own);
            _viewers.Enqueue((watch, record));
            _running.Enqueue(Task.Run(() => watch.RunAsync(cancellationToken), CancellationToken.None));
        }
    }

    /// <summary>Cuts every viewer's connection at once.</summary>
    public void CutAll()
    {
        foreach (var (watch, _) in _viewers)
        {
            watch.Cut();
        }
    }

    /// <summary>Complete when every viewer has seen the end of its task, and everything that was begun for a task is done.</summary>
    public Task WhenDoneAsync() => Task.WhenAll(_running);

    private object Request(LoadedTask task, int interval) => task.Sort switch
    {
        TaskSort.Roadmap => new { kind = "roadmap", task_id = task.Id, input = (object)new { document, max_concepts = 12 } },
        TaskSort.Worker => new { kind = ChaosWorker.Kind(name), task_id = task.Id, input = (object)new { steps = task.Steps } },
        TaskSort.FailingEcho => Echo(task, new { count = task.Steps, interval_ms = interval, size = 60, fail_at = task.Steps / 2 }),
        TaskSort.ReviewedEcho => Echo(task, new { count = task.Steps, interval_ms = interval, size = 60, review_at = task.Steps / 2 }),
        _ => Echo(task, new { count = task.Steps, interval_ms = interval, size = 60 }),
    };

    private static object Echo(LoadedTask task, object input) => new { kind = "echo", task_id = task.Id, input };

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

            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
        }
    }

    private async Task CancelAsync(LoadedTask task, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        await api.MustAsync(HttpMethod.Post, $"/api/v1/tasks/{task.Id}/cancel", new { reason = "enough" }, cancellationToken);
    }
}
