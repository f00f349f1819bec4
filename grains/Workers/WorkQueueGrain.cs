using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Workers;

/// <inheritdoc cref="IWorkQueueGrain"/>
[GrainType("holdfast.workqueue")]
internal sealed class WorkQueueGrain(
    ILogReader logs, IOptions<WorkQueueOptions> options, [FromKeyedServices(HoldfastClock.Key)] TimeProvider clock) : Grain, IWorkQueueGrain
{
    private readonly LinkedList<string> _waiting = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private TaskCompletionSource _offered = New();

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        LogTag[] tags = [TaskTags.Open, TaskTags.Kind(this.GetPrimaryKeyString()), TaskTags.Status(GenerationStatus.Queued)];
        string? cursor = null;
        do
        {
            var list = await logs.ListAsync(new LogQuery(tags, 500, cursor, OldestFirst: true), cancellationToken);
            foreach (var log in list.Logs)
            {
                Add(log.Id);
            }

            cursor = _waiting.Count < options.Value.MaxWaiting ? list.NextCursor : null;
        }
        while (cursor is not null);
    }

    /// <inheritdoc/>
    public Task OfferAsync(string taskId)
    {
        Add(taskId);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<string?> TakeAsync()
    {
        if (_waiting.First is not { } first)
        {
            return Task.FromResult<string?>(null);
        }

        _waiting.RemoveFirst();
        _known.Remove(first.Value);
        if (_waiting.Count == 0)
        {
            _offered = New();
        }

        return Task.FromResult<string?>(first.Value);
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
    public Task<int> DepthAsync() => Task.FromResult(_waiting.Count);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Add(string taskId)
    {
        // A full list drops what comes: the task stays queued in the store, and the sweep offers it again.
        if (_waiting.Count < options.Value.MaxWaiting && _known.Add(taskId))
        {
            _waiting.AddLast(taskId);
            _offered.TrySetResult();
        }
    }
}

/// <summary>Limits of the work queues.</summary>
public sealed class WorkQueueOptions
{
    /// <summary>Waiting tasks that a kind's queue keeps in memory. Beyond it they wait in the store until the sweep offers them. Default: 10,000.</summary>
    public int MaxWaiting { get; set; } = 10_000;
}
