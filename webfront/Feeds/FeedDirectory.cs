using System.Collections.Concurrent;

using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;

namespace Holdfast.WebFront.Feeds;

/// <summary>The feeds of this front, by task.</summary>
internal sealed class FeedDirectory(FeedContext context, ILogReader logs)
{
    private readonly ConcurrentDictionary<string, TaskFeed> _feeds = new(StringComparer.Ordinal);

    /// <summary>The feeds that are here.</summary>
    public ICollection<TaskFeed> All => _feeds.Values;

    /// <summary>
    /// The feed of a task; null when there is no such task. The log is looked at first, always: an unknown id costs one read and wakes no grain,
    /// and a log that has taken the place of another one gets a feed of its own.
    /// </summary>
    public async ValueTask<(TaskFeed Feed, LogState State)?> FindAsync(string taskId, CancellationToken cancellationToken)
    {
        if (!TaskIds.IsValid(taskId) || await logs.ReadHeadAsync(taskId, cancellationToken) is not { } state)
        {
            return null;
        }

        var head = TaskHead.Parse(state.Head.Span);

        var position = new FeedPosition(state.Epoch, 0, state.LastSeq, state.Sealed, head.CheckpointSeq, head.Cuts, head.CutsDroppedUpTo);
        while (true)
        {
            var feed = _feeds.GetOrAdd(taskId, static (id, made) => new TaskFeed(id, made.Position, made.Context), (Position: position, Context: context));

            // A feed of another log ends by this: its viewers have to start over, too.
            feed.Learn(position);
            if (feed.TryUse())
            {
                feed.Tick();
                return (feed, state);
            }

            await DropAsync(feed);
        }
    }

    /// <summary>The connections of one task on this front.</summary>
    public int Viewers(string taskId) => _feeds.TryGetValue(taskId, out var feed) ? feed.ViewerCount : 0;

    /// <summary>Renews all feeds, and lets those go that nobody has watched for a while.</summary>
    public void Tick()
    {
        foreach (var feed in _feeds.Values)
        {
            if (feed.TryRetire())
            {
                _ = DropAsync(feed);
            }
            else
            {
                feed.Tick();
            }
        }
    }

    /// <summary>Looks for the tasks again that were not found, each when it is time to.</summary>
    public void Retry()
    {
        foreach (var feed in _feeds.Values)
        {
            feed.Retry();
        }
    }

    private Task DropAsync(TaskFeed feed) =>
        _feeds.TryRemove(new KeyValuePair<string, TaskFeed>(feed.TaskId, feed)) ? feed.StopAsync() : Task.CompletedTask;
}
