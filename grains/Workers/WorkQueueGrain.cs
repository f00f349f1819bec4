using Holdfast.Grains.Logs;
using Holdfast.Grains.Setup;
using Holdfast.Grains.Tasks;

using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Workers;

/// <inheritdoc cref="IWorkQueueGrain"/>
[GrainType("holdfast.workqueue")]
internal sealed class WorkQueueGrain(
    ILogReader logs, IOptions<WorkQueueOptions> options, IOptions<TaskOptions> tasks, TimeProvider clock) : Grain, IWorkQueueGrain
{
    private readonly LinkedList<string> _waiting = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private TaskCompletionSource _offered = New();
    private string? _lookFrom;

    /// <summary>When the store was looked into last; null: never. The first call does, so that a store that is unavailable fails a call and no activation.</summary>
    private long? _lookedAt;

    /// <inheritdoc/>
    public async Task OfferAsync(string taskId)
    {
        await LookFirstAsync();
        Add(taskId);
    }

    /// <inheritdoc/>
    public async Task<string?> TakeAsync()
    {
        // An offer, or the answer to whoever took a task, is lost now and then; the store knows who still waits.
        if (_lookFrom is not null || _lookedAt is not { } at || clock.GetElapsedTime(at) >= (_waiting.Count == 0 ? options.Value.LookAgainWhenEmpty : options.Value.LookAgain))
        {
            await LookAsync();
        }

        if (_waiting.First is not { } first)
        {
            return null;
        }

        _waiting.RemoveFirst();
        _known.Remove(first.Value);
        if (_waiting.Count == 0)
        {
            _offered = New();
        }

        return first.Value;
    }

    /// <inheritdoc/>
    public async Task<bool> WaitAsync(TimeSpan wait)
    {
        var bounded = wait < LongestWait ? wait : LongestWait;
        try
        {
            await _offered.Task.WaitAsync(bounded, clock);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task<int> DepthAsync()
    {
        await LookFirstAsync();
        return _waiting.Count;
    }

    /// <summary>So long a queue holds a worker's call: less than calls between grains may take. The front asks again for as long as the worker waits.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>So many tasks one call lists at most: the queue answers nobody meanwhile.</summary>
    private const int PageOfTasks = 500;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Adds what waits in the store, oldest first, a page at a time: the next call goes on where this one ended. A task that was just taken may come
    /// again: it refuses whoever comes second. One that waits for its next attempt offers itself when that is due.
    /// </summary>
    private async Task LookAsync()
    {
        LogTag[] tags = [TaskTags.Open, TaskTags.Kind(this.GetPrimaryKeyString()), TaskTags.Status(GenerationStatus.Queued)];
        var from = _lookFrom;
        (_lookFrom, _lookedAt) = (null, clock.GetTimestamp());
        LogList list;
        try
        {
            list = await logs.ListAsync(new LogQuery(tags, PageOfTasks, from, OldestFirst: true));
        }
        catch
        {
            // The next call looks again.
            (_lookFrom, _lookedAt) = (from, null);
            throw;
        }

        var now = clock.GetUtcNow();
        foreach (var log in list.Logs.Where(log => IsDue(TaskHead.Parse(log.Head.Span), now)))
        {
            Add(log.Id);
        }

        _lookFrom = _waiting.Count < options.Value.MaxWaiting ? list.NextCursor : null;
    }

    /// <summary>A wait that is longer than any such wait was stored by another clock: the task itself knows.</summary>
    private bool IsDue(TaskHead head, DateTimeOffset now) =>
        head.NotBefore is not { } at || at <= now || at - now > RetryPolicy.DelayBefore(head.Attempt, tasks.Value, 1);

    /// <summary>Those that waited before this queue was there come first.</summary>
    private Task LookFirstAsync() => _lookedAt is null ? LookAsync() : Task.CompletedTask;

    private void Add(string taskId)
    {
        // A full list drops what comes: the task stays queued in the store, where the next look finds it.
        if (_waiting.Count < options.Value.MaxWaiting && _known.Add(taskId))
        {
            _waiting.AddLast(taskId);
            _offered.TrySetResult();
        }
    }
}

/// <summary>Limits of the work queues.</summary>
[Section("WorkQueues")]
public sealed class WorkQueueOptions
{
    /// <summary>
    /// Waiting tasks that a kind's queue keeps in memory; beyond, they wait in the store until the next look. Smaller: less memory; larger: fewer
    /// looks into the store. Default: 10,000.
    /// </summary>
    [Bounds(1)]
    public int MaxWaiting { get; set; } = 10_000;

    /// <summary>
    /// How old the last look into the store may be when a worker asks and no task is on the list. Smaller: a task whose offer was lost with a silo
    /// waits less for an idle worker; larger: fewer listings. Default: 5 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan LookAgainWhenEmpty { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The same while tasks are on the list. Smaller: a lost task waits less; larger: fewer listings, which are longer then. Default: 30 s.</summary>
    [Bounds("00:00:00")]
    public TimeSpan LookAgain { get; set; } = TimeSpan.FromSeconds(30);
}
