namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// Reads a page out of a log's chunks. They point backwards, so the page's end is found first: each chunk says how many records and bytes
/// the log has up to it, and the jump pointers lead to any place in O(log n) steps. The page is then filled from its end.
/// </summary>
internal sealed class PageReader(ChunkTable chunks)
{
    // A page is one array.
    private const int MaxPage = 1 << 30;

    /// <summary>Records after <paramref name="after"/> of a log as it is known to be.</summary>
    /// <exception cref="ChunkGoneException">The log was deleted meanwhile.</exception>
    public LogPage Read(LogEntry log, long after, LogLimit limit)
    {
        if (after >= log.LastSeq)
        {
            return new LogPage(log.Epoch, log.LastSeq, new RecordRun(after + 1, 0, default), []);
        }

        var tail = chunks.Find(log.Number, log.Tail);
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
            chunk = chunks.Find(log.Number, chunk.JumpLast >= seq ? chunk.Jump : chunk.Prev);
        }

        return chunk;
    }

    // How many bytes of the log are before the record after this one.
    private long StartOf(LogEntry log, Chunk first, long after)
    {
        var start = first.Start;
        if (after >= first.First)
        {
            chunks.Read(log.Number, first.Row, (in chunk, _, records) => start += SizeUpTo(records, after - chunk.First + 1));
        }

        return start;
    }

    // The last chunk of which anything may be within the limit.
    private Chunk LastWithin(LogEntry log, Chunk tail, Chunk first, long after, long start, LogLimit limit)
    {
        var (seq, bytes) = (after + limit.Records, start + Math.Min(limit.Bytes, MaxPage));
        var chunk = tail;
        while (chunk.Row != first.Row && (chunk.First > seq || chunk.Start >= bytes))
        {
            chunk = chunks.Find(log.Number, chunk.JumpLast >= seq || chunk.JumpEnd >= bytes ? chunk.Jump : chunk.Prev);
        }

        return chunk;
    }

    private (RecordRun Run, List<RecordKey> Keys) Join(LogEntry log, Chunk first, Chunk last, long after, long start)
    {
        var buffer = GC.AllocateUninitializedArray<byte>((int)(last.End - start));
        var keys = new List<RecordKey>();
        for (var row = last.Row; ;)
        {
            var chunk = chunks.Read(log.Number, row, (in chunk, packedKeys, records) =>
            {
                var skip = (int)Math.Max(0, start - chunk.Start);
                records[skip..].CopyTo(buffer.AsSpan((int)(chunk.Start + skip - start)));
                if (!packedKeys.IsEmpty)
                {
                    keys.InsertRange(0, LogCodec.UnpackKeys(packedKeys, chunk.First - 1).Where(key => key.Seq > after));
                }
            });
            if (row == first.Row)
            {
                return (new RecordRun(after + 1, (int)(last.Last - after), buffer), keys);
            }

            row = chunk.Prev;
        }
    }

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
