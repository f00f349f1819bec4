using System.Collections.Concurrent;

namespace Holdfast.Grains.Feeds;

/// <summary>
/// The feeds of a front that runs in the silo's own process: a task hands its batches to them directly, without a message. A front of another process
/// is not found here, and is sent messages.
/// </summary>
public sealed class LocalFeeds
{
    private readonly ConcurrentDictionary<(string Front, string Task), IFeedObserver> _feeds = new();

    /// <summary>A feed begins to listen.</summary>
    public void Add(string front, string task, IFeedObserver feed) => _feeds[(front, task)] = feed;

    /// <summary>A feed listens no more. Nothing happens when another one has taken its place.</summary>
    public void Remove(string front, string task, IFeedObserver feed) => _feeds.TryRemove(new((front, task), feed));

    /// <summary>The feed itself, if it is in this process; null otherwise.</summary>
    public IFeedObserver? Find(string front, string task) => _feeds.GetValueOrDefault((front, task));
}
