using Holdfast.Grains.Fronts;
using Holdfast.Grains.Logs;

namespace Holdfast.WebFront.Feeds;

/// <summary>
/// What a front knows of one task's log: how far it goes, and the newest events. Fed by pushed batches, answers to renewals and reads of the log,
/// which may come late, twice, in any order, or not at all. Pure; thread-safe.
/// </summary>
/// <remarks>
/// Everything up to a position that anybody ever told is durable, so the head only ever goes forward to the furthest one. The events at hand are
/// the run that ends at the head; whatever is missing before it is read from the log by whoever needs it. So nothing can be skipped, doubled or
/// reordered here, whatever is lost on the way: a batch that does not continue the run replaces it.
/// </remarks>
internal sealed class FeedLog
{
    private readonly Lock _gate = new();
    private readonly LinkedList<RecordRun> _window = new();
    private readonly int _windowBytes;
    private int _bytes;
    private volatile FeedPosition _position;

    public FeedLog(FeedPosition position, int windowBytes) => (_position, _windowBytes) = (position, windowBytes);

    /// <summary>The furthest position that is known, with the checkpoint and the cuts that hold for everything up to it.</summary>
    public FeedPosition Position => _position;

    /// <summary>Takes a batch. True when the head went forward.</summary>
    /// <exception cref="EpochChangedException">The batch is of another epoch: what is here means nothing any more.</exception>
    public bool Accept(FeedBatch batch)
    {
        lock (_gate)
        {
            var head = _position.LastSeq;
            var grew = Move(batch.Position);
            var run = batch.Events.After(head);
            if (!grew || run.IsEmpty)
            {
                return grew;
            }

            if (run.First != head + 1)
            {
                _window.Clear();
                _bytes = 0;
            }

            _window.AddLast(run);
            _bytes += run.Bytes.Length;
            while (_bytes > _windowBytes && _window.Count > 1)
            {
                _bytes -= _window.First!.Value.Bytes.Length;
                _window.RemoveFirst();
            }

            return true;
        }
    }

    /// <summary>Hears how far the log goes. True when the head went forward.</summary>
    /// <exception cref="EpochChangedException">See <see cref="Accept"/>.</exception>
    public bool Learn(FeedPosition position)
    {
        lock (_gate)
        {
            return Move(position);
        }
    }

    /// <summary>
    /// Events after <paramref name="after"/> that are at hand, in order, as runs that together have about <paramref name="bytes"/> bytes at most
    /// (one run at least); none when the next one is not at hand.
    /// </summary>
    public void Read(long after, int bytes, List<RecordRun> into)
    {
        lock (_gate)
        {
            var node = _window.Last;
            if (node is null || node.Value.Last <= after || _window.First!.Value.First > after + 1)
            {
                return;
            }

            // Most readers are at the end: look from there.
            while (node.Value.First > after + 1)
            {
                node = node.Previous!;
            }

            var size = 0;
            for (; node is not null; node = node.Next)
            {
                var run = node.Value.After(after);
                size += run.Bytes.Length;
                if (into.Count > 0 && size > bytes)
                {
                    return;
                }

                into.Add(run);
            }
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
            // Events up to here that are not at hand break the run: it must end at the head.
            if (position.LastSeq > _position.LastSeq && _window.Last is { } last && last.Value.Last < _position.LastSeq)
            {
                _window.Clear();
                _bytes = 0;
            }

            _position = position;
        }

        return grew;
    }
}

/// <summary>The log that was watched is another one now: viewers have to start over.</summary>
internal sealed class EpochChangedException() : Exception("The task's log has another epoch.");
