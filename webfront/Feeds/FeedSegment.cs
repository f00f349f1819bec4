using Holdfast.Grains.Logs;

namespace Holdfast.WebFront.Feeds;

/// <summary>
/// Consecutive events in one buffer that is filled from the front. What is written never changes, so the runs that readers hold stay good. Small
/// batches are copied together: a garbage collector that has to keep every single one alive for a while costs more than all else here.
/// </summary>
internal sealed class FeedSegment
{
    private const int Smallest = 1 << 10;
    private const int Largest = 64 << 10;

    private readonly byte[]? _buffer;
    private ReadOnlyMemory<byte> _events;
    private int _count;
    private long _newestFirst;
    private int _newestAt;

    private FeedSegment(RecordRun run, byte[]? buffer)
    {
        (First, _newestFirst, _count, _events, _buffer) = (run.First, run.First, run.Count, run.Bytes, buffer);
        if (buffer is not null)
        {
            run.Bytes.CopyTo(buffer);
            _events = buffer.AsMemory(0, run.Bytes.Length);
        }
    }

    /// <summary>Number of the first event.</summary>
    public long First { get; }

    /// <summary>Number of the last event.</summary>
    public long Last => First + _count - 1;

    /// <summary>Bytes of all events.</summary>
    public int Bytes => _events.Length;

    /// <summary>A segment that begins with <paramref name="run"/>: larger than the one before, so that quiet tasks need little.</summary>
    public static FeedSegment For(RecordRun run, FeedSegment? before)
    {
        var size = Math.Clamp((before?.Bytes ?? 0) * 2, Smallest, Largest);
        return new FeedSegment(run, run.Bytes.Length <= size / 2 ? GC.AllocateUninitializedArray<byte>(size) : null);
    }

    /// <summary>Adds the events that follow the last one. False when there is no room.</summary>
    public bool TryAppend(RecordRun run)
    {
        if (_buffer is null || _buffer.Length - _events.Length < run.Bytes.Length)
        {
            return false;
        }

        (_newestFirst, _newestAt) = (run.First, _events.Length);
        run.Bytes.CopyTo(_buffer.AsMemory(_newestAt));
        _events = _buffer.AsMemory(0, _newestAt + run.Bytes.Length);
        _count += run.Count;
        return true;
    }

    /// <summary>The events after <paramref name="after"/>, which is at least <c>First - 1</c>.</summary>
    public RecordRun After(long after) => after + 1 >= _newestFirst
        ? new RecordRun(_newestFirst, (int)(Last - _newestFirst + 1), _events[_newestAt..]).After(after)
        : new RecordRun(First, _count, _events).After(after);
}
