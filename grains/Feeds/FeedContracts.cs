using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Feeds;

/// <summary>A front's ear at one task. Called with one batch at a time; the answer is the acknowledgement.</summary>
[Alias("holdfast.IFeedObserver")]
public interface IFeedObserver : IGrainObserver
{
    /// <summary>The log has grown.</summary>
    [Alias("batch"), ResponseTimeout("00:00:05")]
    ValueTask OnBatchAsync(FeedBatch batch);
}

/// <summary>Where a log stands, with what compact replay has to know.</summary>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="Fence">Under which it was written last.</param>
/// <param name="LastSeq">The last durable event.</param>
/// <param name="Sealed">That event is the terminal one.</param>
/// <param name="Checkpoint">What the last checkpoint covers.</param>
/// <param name="Cuts">Every <c>supersedes_after</c> in the log, ascending.</param>
/// <param name="CutsDroppedUpTo">At or below this number nothing is merged.</param>
[GenerateSerializer, Immutable, Alias("holdfast.FeedPosition")]
public sealed record FeedPosition(
    [property: Id(0)] string Epoch,
    [property: Id(1)] long Fence,
    [property: Id(2)] long LastSeq,
    [property: Id(3)] bool Sealed,
    [property: Id(4)] long Checkpoint,
    [property: Id(5)] long[] Cuts,
    [property: Id(6)] long CutsDroppedUpTo);

/// <summary>News for a front: the position, and the newest events unless they are too many to push.</summary>
/// <param name="Position">Where the log stood when <paramref name="Events"/> had been stored.</param>
/// <param name="Events">The events up to <c>Position.LastSeq</c>; empty: read them from the log.</param>
[GenerateSerializer, Immutable, Alias("holdfast.FeedBatch")]
public sealed record FeedBatch([property: Id(0)] FeedPosition Position, [property: Id(1)] RecordRun Events);

/// <summary>A front begins to watch.</summary>
/// <param name="Front">The front's id.</param>
/// <param name="Observer">A reference to its ear.</param>
/// <param name="Sessions">Its viewers of this task.</param>
[GenerateSerializer, Immutable, Alias("holdfast.FrontWatch")]
public sealed record FrontWatch([property: Id(0)] string Front, [property: Id(1)] IFeedObserver Observer, [property: Id(2)] string[] Sessions);

/// <summary>A front goes on watching.</summary>
/// <param name="Front">The front's id.</param>
/// <param name="Sessions">Its viewers of this task.</param>
[GenerateSerializer, Immutable, Alias("holdfast.FrontRenewal")]
public sealed record FrontRenewal([property: Id(0)] string Front, [property: Id(1)] string[] Sessions);

/// <summary>The answer to a front.</summary>
/// <param name="Refusal">Why not; null when it went well.</param>
/// <param name="Position">Where the log stands.</param>
/// <param name="Watching">False: the task does not know this front (any more), so it has to watch anew.</param>
[GenerateSerializer, Immutable, Alias("holdfast.WatchReply")]
public sealed record WatchReply([property: Id(0)] Refusal? Refusal, [property: Id(1)] FeedPosition? Position, [property: Id(2)] bool Watching);
