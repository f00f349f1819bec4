namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>Where a chunk stands in its log, and where it points to. Rows are 0 where there is nothing.</summary>
internal readonly record struct Chunk(long Row, long Depth, long Last, int Count, long End, int Size, long Prev, long Jump, long JumpLast, long JumpEnd)
{
    /// <summary>Number of its first record.</summary>
    public long First => Last - Count + 1;

    /// <summary>Bytes of the log before it.</summary>
    public long Start => End - Size;
}

/// <summary>A reader came for a chunk that is not there any more: its log was deleted meanwhile.</summary>
internal sealed class ChunkGoneException() : Exception("A chunk's log was deleted.");

/// <summary>The rows of <c>chunk</c>: runs of records, each log's as a list that is read from its end.</summary>
internal sealed class ChunkTable(Database database)
{
    /// <summary>
    /// Longest chunk where its records allow it. Large runs are cut into chunks of this size, so that a small page out of them costs little.
    /// </summary>
    public const int MaxBytes = 64 << 10;

    private readonly Statement _insert = database.Prepare("INSERT INTO chunk VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    private readonly Statement _place = database.Prepare(
        "SELECT n, depth, last, count, ending, size, prev, jump, jump_last, jump_ending FROM chunk WHERE row=?1");
    private readonly Statement _delete = database.Prepare("DELETE FROM chunk WHERE row=?1");
    private readonly Statement _highest = database.Prepare("SELECT max(row) FROM chunk");

    /// <summary>The highest row there is.</summary>
    public long HighestRow()
    {
        using (_highest.Run())
        {
            return _highest.Step() ? _highest.Number(0) : 0;
        }
    }

    /// <summary>Adds a chunk behind a log's last one.</summary>
    public LogEntry Append(LogEntry log, long row, RecordRun run, IReadOnlyList<RecordKey> keys)
    {
        var jump = ChunkPath.NextJump(log.Path);
        var path = new ChunkPath(row, (log.Path?.Depth ?? 0) + 1, run.Last, log.Bytes + run.Bytes.Length, jump);
        _insert.Set(1, row).Set(2, log.Number).Set(3, path.Depth).Set(4, path.Last).Set(5, run.Count).Set(6, path.End).Set(7, run.Bytes.Length)
            .Set(8, log.Tail).Set(9, jump?.Row ?? 0).Set(10, jump?.Last ?? 0).Set(11, jump?.End ?? 0).Set(13, run.Bytes.Span);
        if (keys.Count == 0)
        {
            _insert.SetNull(12);
        }
        else
        {
            _insert.Set(12, LogCodec.Pack(keys, run.First - 1));
        }

        _insert.Execute();
        return log with { LastSeq = path.Last, Bytes = path.End, Tail = row, Path = path };
    }

    /// <summary>The way back from a chunk of log <paramref name="number"/>.</summary>
    public ChunkPath? PathFrom(long number, long row)
    {
        if (row == 0)
        {
            return null;
        }

        var chunk = Find(number, row);
        return new ChunkPath(row, chunk.Depth, chunk.Last, chunk.End, PathFrom(number, chunk.Jump));
    }

    /// <summary>A chunk's place.</summary>
    /// <exception cref="ChunkGoneException">It is not there, or not this log's.</exception>
    public Chunk Find(long number, long row)
    {
        using (_place.Set(1, row).Run())
        {
            return _place.Step() && _place.Number(0) == number ? PlaceAt(_place, row) : throw new ChunkGoneException();
        }
    }

    /// <summary>Takes a chunk away and says where it stood; null when it is not there, or not this log's.</summary>
    public Chunk? Delete(long number, long row)
    {
        Chunk chunk;
        using (_place.Set(1, row).Run())
        {
            if (!_place.Step() || _place.Number(0) != number)
            {
                return null;
            }

            chunk = PlaceAt(_place, row);
        }

        _delete.Set(1, row).Execute();
        return chunk;
    }

    private static Chunk PlaceAt(Statement statement, long row) => new(
        row,
        Depth: statement.Number(1),
        Last: statement.Number(2),
        Count: (int)statement.Number(3),
        End: statement.Number(4),
        Size: (int)statement.Number(5),
        Prev: statement.Number(6),
        Jump: statement.Number(7),
        JumpLast: statement.Number(8),
        JumpEnd: statement.Number(9));
}
