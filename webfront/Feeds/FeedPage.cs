using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;

namespace Holdfast.WebFront.Feeds;

/// <summary>A page of older events, as read from the log, and its merged form once somebody asks for it.</summary>
internal sealed class FeedPage(RecordRun run, bool complete, int mergedBytes)
{
    private readonly Lock _gate = new();
    private FeedSlice? _merged;
    private long _mergedUpTo;

    /// <summary>The events.</summary>
    public RecordRun Run => run;

    /// <summary>True when the page is full: it will never hold more. Otherwise the log ended here when it was read.</summary>
    public bool Complete => complete;

    /// <summary>Memory that it takes, the merged form included.</summary>
    public int Bytes => run.Bytes.Length + (_merged?.Frames.Length ?? 0);

    /// <summary>The events after <paramref name="after"/> and up to <paramref name="upTo"/>, merged where asked for.</summary>
    public FeedSlice Slice(long after, long upTo, bool compact, FeedPosition position)
    {
        var wanted = run.UpTo(upTo).After(after);
        if (!compact)
        {
            return new FeedSlice(wanted.First, wanted.Last, wanted.Count, wanted.Bytes);
        }

        if (after >= run.First)
        {
            return Compaction.Merge(wanted, position, mergedBytes);
        }

        // From the page's start, as all late joiners read it: once for all of them.
        lock (_gate)
        {
            if (_merged is not { } merged || _mergedUpTo != wanted.Last)
            {
                _merged = merged = Compaction.Merge(wanted, position, mergedBytes);
                _mergedUpTo = wanted.Last;
            }

            return merged;
        }
    }
}
