namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>The rows of <c>log</c>: what a log is when nothing newer is in memory.</summary>
internal sealed class LogTable(Database database)
{
    private readonly Statement _find = database.Prepare("SELECT n, epoch, fence, last, bytes, sealed, tail, tags, head FROM log WHERE id=?1");
    private readonly Statement _insert = database.Prepare(
        "INSERT INTO log(id, epoch, fence, last, bytes, sealed, tail, tags, head) VALUES(?1, ?2, ?3, 0, 0, 0, 0, ?4, ?5)");

    private readonly Statement _update = database.Prepare("UPDATE log SET fence=?2, last=?3, bytes=?4, sealed=?5, tail=?6, tags=?7, head=?8 WHERE n=?1");
    private readonly Statement _redo = database.Prepare(
        "UPDATE log SET fence=?2, last=?3, bytes=?4, sealed=?5, tail=?6, tags=ifnull(?7, tags), head=ifnull(?8, head) WHERE n=?1");

    private readonly Statement _delete = database.Prepare("DELETE FROM log WHERE n=?1");
    private readonly Statement _idOf = database.Prepare("SELECT id FROM log WHERE n=?1");
    private readonly Statement _numberOf = database.Prepare("SELECT n FROM log WHERE id=?1");

    /// <summary>A log as its row has it.</summary>
    public LogEntry? Find(string id)
    {
        using (_find.Set(1, id).Run())
        {
            return !_find.Step() ? null : new LogEntry
            {
                Number = _find.Number(0),
                Id = id,
                Epoch = _find.Text(1),
                Fence = _find.Number(2),
                LastSeq = _find.Number(3),
                Bytes = _find.Number(4),
                Sealed = _find.Number(5) != 0,
                Tail = _find.Number(6),
                Tags = LogCodec.UnpackTags(_find.Bytes(7)),
                Head = _find.Bytes(8).ToArray(),
            };
        }
    }

    /// <summary>A log's name.</summary>
    public string? IdOf(long number)
    {
        using (_idOf.Set(1, number).Run())
        {
            return _idOf.Step() ? _idOf.Text(0) : null;
        }
    }

    /// <summary>A log's number.</summary>
    public long? NumberOf(string id)
    {
        using (_numberOf.Set(1, id).Run())
        {
            return _numberOf.Step() ? _numberOf.Number(0) : null;
        }
    }

    /// <summary>Adds a log and gives it its number.</summary>
    public LogEntry Insert(string id, string epoch, long fence, IReadOnlyList<LogTag> tags, ReadOnlyMemory<byte> head)
    {
        _insert.Set(1, id).Set(2, epoch).Set(3, fence).Set(4, LogCodec.Pack(tags)).Set(5, head.Span).Execute();
        return new LogEntry { Number = database.LastInsertedRow, Id = id, Epoch = epoch, Fence = fence, Tags = tags, Head = head };
    }

    /// <summary>Brings a log's row up to date.</summary>
    public void Update(LogEntry log) => _update
        .Set(1, log.Number).Set(2, log.Fence).Set(3, log.LastSeq).Set(4, log.Bytes).Set(5, log.Sealed ? 1 : 0).Set(6, log.Tail)
        .Set(7, LogCodec.Pack(log.Tags)).Set(8, log.Head.Span).Execute();

    /// <summary>Brings a log's row up to what <c>redo</c> says, if the log is still there.</summary>
    public void Redo(long number, RedoneLog changed)
    {
        _redo
            .Set(1, number).Set(2, changed.Fence).Set(3, changed.LastSeq).Set(4, changed.Bytes).Set(5, changed.Sealed ? 1 : 0).Set(6, changed.Tail)
            .SetNull(7).SetNull(8);
        if (changed.Tags is not null)
        {
            _redo.Set(7, LogCodec.Pack(changed.Tags));
        }

        if (changed.Head is not null)
        {
            _redo.Set(8, changed.Head);
        }

        _redo.Execute();
    }

    /// <summary>Takes a log's row away.</summary>
    public void Delete(long number) => _delete.Set(1, number).Execute();
}
