namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// Reads a page out of a log's chunks. They point backwards, so the page's end is found first: each chunk says how many records and bytes
/// the log has up to it, and the jump pointers lead to any place in O(log n) steps. The page is then filled from its end.
/// </summary>
internal sealed class PageReader(Database database)
{
    // A page is one array.
    private const int MaxPage = 1 << 30;

    private readonly ChunkTable _chunks = new(database);
    private readonly Statement _content = database.Prepare("SELECT n, prev, last, count, ending, keys, records FROM chunk WHERE row=?1");

    /// <summary>Records after <paramref name="after"/> of a log as it is known to be.</summary>
    /// <exception cref="ChunkGoneException">The log was deleted meanwhile.</exception>
    public LogPage Read(LogEntry log, long after, LogLimit limit)
    {
        if (after >= log.LastSeq)
        {
            return new LogPage(log.Epoch, log.LastSeq, new RecordRun(after + 1, 0, default), []);
        }

        var tail = _chunks.Find(log.Number, log.Tail);
        var first = FirstWith(log, tail, after + 1);
        var start = StartOf(log, first, after);
        var last = LastWithin(log, tail, first, after, start, limit);
        var (run, keys) = Join(log, first, last, after, start);

        run = run.Within(limit);
        return new LogPage(log.Epoch, log.LastSeq, run, keys.FindAll(key => key.Seq <= run.Last));
    }

    // The chunk that holds a record.
    private Chunk FirstWith(LogEntry log, Chunk tail, long seq)
    {
        var chunk = tail;
        while (chunk.First > seq)
        {
            chunk = _chunks.Find(log.Number, chunk.JumpLast >= seq ? chunk.Jump : chunk.Prev);
        }

        return chunk;
    }

    // How many bytes of the log are before the record after this one.
    private long StartOf(LogEntry log, Chunk first, long after)
    {
        if (after < first.First)
        {
            return first.Start;
        }

        using (_content.Set(1, first.Row).Run())
        {
            return first.Start + SizeUpTo(RecordsAt(log), after - first.First + 1);
        }
    }

    // The last chunk of which anything may be within the limit.
    private Chunk LastWithin(LogEntry log, Chunk tail, Chunk first, long after, long start, LogLimit limit)
    {
        var (seq, bytes) = (after + limit.Records, start + Math.Min(limit.Bytes, MaxPage));
        var chunk = tail;
        while (chunk.Row != first.Row && (chunk.First > seq || chunk.Start >= bytes))
        {
            chunk = _chunks.Find(log.Number, chunk.JumpLast >= seq || chunk.JumpEnd >= bytes ? chunk.Jump : chunk.Prev);
        }

        return chunk;
    }

    private (RecordRun Run, List<RecordKey> Keys) Join(LogEntry log, Chunk first, Chunk last, long after, long start)
    {
        var buffer = GC.AllocateUninitializedArray<byte>((int)(last.End - start));
        var keys = new List<RecordKey>();
        for (var row = last.Row; row != first.Prev;)
        {
            using (_content.Set(1, row).Run())
            {
                var records = RecordsAt(log);
                var place = (int)(_content.Number(4) - records.Length - start);
                records[Math.Max(0, -place)..].CopyTo(buffer.AsSpan(Math.Max(0, place)));
                if (_content.Bytes(5) is { IsEmpty: false } packed)
                {
                    var before = _content.Number(2) - _content.Number(3);
                    keys.InsertRange(0, LogCodec.UnpackKeys(packed, before).Where(key => key.Seq > after));
                }

                row = _content.Number(1);
            }
        }

        return (new RecordRun(after + 1, (int)(last.Last - after), buffer), keys);
    }

    private ReadOnlySpan<byte> RecordsAt(LogEntry log) =>
        _content.Step() && _content.Number(0) == log.Number ? _content.Bytes(6) : throw new ChunkGoneException();

    private static int SizeUpTo(ReadOnlySpan<byte> records, long count)
    {
        var size = 0;
        for (var i = 0; i < count; i++)
        {
            var (header, length) = RecordFrame.Read(records[size..]);
            size += header + length;
        }

        return size;
    }
}
