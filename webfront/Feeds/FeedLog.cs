using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;

namespace Holdfast.WebFront.Feeds;

/// <summary>
/// What a front knows of one task's log: how far it goes, and the newest events. Fed by pushed batches, answers to renewals and reads of the log,
/// which may come late, twice, in any order, or not at all. Pure; thread-safe.
/// </summary>
/// <remarks>
/// Everything up to a position that anybody ever told is durable, so the head only ever goes forward to the furthest one. The events at hand are
/// one run without a gap, which mostly ends at the head; whatever else is needed is read from the log by whoever needs it. So nothing can be
/// skipped, doubled or reordered here, whatever is lost on the way: a batch that does not continue the run replaces it.
/// </remarks>
internal sealed class FeedLog
{
    private readonly Lock _gate = new();
    private readonly Queue<FeedSegment> _window = new();
    private readonly int _windowBytes;
    private FeedSegment? _newest;
    private int _bytes;
    private volatile FeedPosition _position;

    public FeedLog(FeedPosition position, int windowBytes) => (_position, _windowBytes) = (position, windowBytes);

    /// <summary>The furthest position that is known, with the checkpoint and the cuts that hold for everything up to it.</summary>
    public FeedPosition Position => _position;

    /// <summary>Takes a batch; one without events only says how far the log goes. True when the head went forward.</summary>
    /// <exception cref="EpochChangedException">The batch is of another epoch: what is here means nothing any more.</exception>
    public bool Accept(FeedBatch batch)
    {
        lock (_gate)
        {
            var grew = Move(batch.Position);
            Keep(batch.Events);
            return grew;
        }
    }

    /// <summary>
    /// Events after <paramref name="after"/> that are at hand, about <paramref name="bytes"/> bytes of them at most and one at least;
    /// none when the next one is not at hand.
    /// </summary>
    public RecordRun Read(long after, int bytes)
    {
        lock (_gate)
        {
            // Most readers are at the end.
            var found = _newest is { } newest && newest.First <= after + 1 ? newest : null;
            if (found is null)
            {
                foreach (var segment in _window)
                {
                    if (segment.First <= after + 1 && after < segment.Last)
                    {
                        found = segment;
                        break;
                    }
                }
            }

            return found is null ? RecordRun.Empty : found.After(after).Within(new LogLimit(int.MaxValue, bytes));
        }
    }

    private bool Move(FeedPosition position)
    {
        if (position.Epoch != _position.Epoch)
        {
            throw new EpochChangedException();
        }

        if (position.LastSeq < _position.LastSeq)
        {
            return false;
        }

        var grew = position.LastSeq > _position.LastSeq || (position.Sealed && !_position.Sealed);
        if (grew || position.Checkpoint > _position.Checkpoint || position.Cuts.Length > _position.Cuts.Length)
        {
            _position = position;
        }

        return grew;
    }

    private void Keep(RecordRun run)
    {
        if (_newest is { } newest && run.First <= newest.Last + 1)
        {
            run = run.After(newest.Last);
        }
        else
        {
            (_newest, _bytes) = (null, 0);
            _window.Clear();
        }

        if (run.IsEmpty)
        {
            return;
        }

        if (_newest?.TryAppend(run) != true)
        {
            _newest = FeedSegment.For(run, _newest);
            _window.Enqueue(_newest);
        }

        _bytes += run.Bytes.Length;
        while (_bytes > _windowBytes && _window.Count > 1)
        {
            _bytes -= _window.Dequeue().Bytes;
        }
    }
}

/// <summary>The log that was watched is another one now: viewers have to start over.</summary>
internal sealed class EpochChangedException() : Exception("The task's log has another epoch.");
