using Holdfast.Grains.Events;
using Holdfast.Grains.Feeds;
using Holdfast.WebFront.Feeds;

namespace Holdfast.WebFront.Viewers;

/// <summary>What a viewer is to be sent next.</summary>
internal enum ViewerStep
{
    /// <summary>Events after <see cref="ViewerScript.Position"/>.</summary>
    Events,

    /// <summary>The message that history ends here.</summary>
    CaughtUp,

    /// <summary>Nothing, until there is news.</summary>
    Wait,

    /// <summary>The terminal event.</summary>
    Terminal,

    /// <summary>Nothing ever again.</summary>
    Finished,
}

/// <summary>
/// The order in which one viewer is sent its task: history, <c>caught_up</c>, live events, the terminal event, the end. A cursor into the log and
/// nothing else; pure.
/// </summary>
internal sealed class ViewerScript
{
    private readonly long _historyEnd;
    private bool _caughtUp;

    /// <summary>Begins.</summary>
    /// <param name="request">Where the viewer wants to begin.</param>
    /// <param name="position">Where the log stands.</param>
    /// <param name="statusEnd">The last event, terminal one aside, of the snapshot that the viewer was sent: a live-only viewer begins after it.</param>
    public ViewerScript(ViewerStart request, FeedPosition position, long statusEnd)
    {
        if (request.After is { } cursor)
        {
            ResetReason = cursor.Epoch != position.Epoch ? "epoch_changed" : cursor.Seq > position.LastSeq ? "cursor_ahead" : null;
            Position = ResetReason is null ? cursor.Seq : 0;
        }
        else
        {
            Position = request.IncludeHistory ? 0 : statusEnd;
        }

        _historyEnd = TaskFeed.VisibleEnd(position);
    }

    /// <summary>Why the viewer's cursor means nothing here, so that it begins at the first event; null when it does.</summary>
    public string? ResetReason { get; }

    /// <summary>The last event that the viewer was sent, or had before.</summary>
    public long Position { get; private set; }

    /// <summary>True before <c>caught_up</c>.</summary>
    public bool Replaying => !_caughtUp;

    /// <summary>What comes next, the log standing at <paramref name="position"/>.</summary>
    public ViewerStep Next(FeedPosition position)
    {
        var end = TaskFeed.VisibleEnd(position);
        if (!_caughtUp)
        {
            return Position < Math.Min(_historyEnd, end) ? ViewerStep.Events : ViewerStep.CaughtUp;
        }

        return Position < end ? ViewerStep.Events
            : !position.Sealed ? ViewerStep.Wait
            : Position < position.LastSeq ? ViewerStep.Terminal
            : ViewerStep.Finished;
    }

    /// <summary>The viewer was sent events up to <paramref name="seq"/>.</summary>
    /// <exception cref="InvalidOperationException">That goes backwards: a fault here, which the viewer must not see as a repetition.</exception>
    public void Sent(long seq)
    {
        if (seq <= Position)
        {
            throw new InvalidOperationException($"A viewer at event {Position} was about to be sent up to {seq}.");
        }

        Position = seq;
    }

    /// <summary>The viewer was told that history ends here.</summary>
    public void SentCaughtUp() => _caughtUp = true;
}

/// <summary>Where a viewer wants to begin.</summary>
/// <param name="After">After this event; wins over the other.</param>
/// <param name="IncludeHistory">From the start. Without either: with what happens from now on.</param>
internal readonly record struct ViewerStart(Cursor? After, bool IncludeHistory);
