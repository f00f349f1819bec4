namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// The changes of one commit. They show in <see cref="LogCache"/> only when the commit is done (<see cref="Publish"/>);
/// a commit that fails is forgotten (<see cref="Discard"/>), and everything is as it was.
/// </summary>
internal sealed class LogTransaction(Database database, LogCache cache) : IDisposable
{
    private static readonly LogLimit ChunkLimit = new(int.MaxValue, ChunkTable.MaxBytes);
    private readonly LogTable _logs = new(database);
    private readonly ChunkTable _chunks = new(database);
    private readonly TagIndex _tags = new(database);
    private readonly BlobTable _blobs = new(database);
    private readonly Redo _redo = new(database);
    private readonly Statement _begin = database.Prepare("BEGIN IMMEDIATE");
    private readonly Statement _commit = database.Prepare("COMMIT");
    private readonly Statement _bury = database.Prepare("INSERT INTO dead VALUES(?1, ?2)");
    private readonly Statement _deletedFence = database.Prepare("SELECT fence FROM deleted");
    private readonly Statement _raiseDeletedFence = database.Prepare("UPDATE deleted SET fence=?1 WHERE fence<?1");
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);
    private readonly List<LogChange> _changes = [];
    private long _lastRow = -1;
    private int _redoBytes;
    private bool _saved;

    /// <summary>Whether a log was deleted.</summary>
    public bool HasDeletions { get; private set; }

    /// <summary>Begins.</summary>
    public void Begin()
    {
        if (database.InTransaction)
        {
            database.Execute("ROLLBACK");
        }

        _begin.Execute();
    }

    /// <summary>Creates a log, unless its id is taken.</summary>
    public bool Create(NewLog log)
    {
        // A live log may have been loaded; its row is enough to know that it is there.
        if (_pending.TryGetValue(log.Id, out var pending) ? pending.Log is not null : cache.Find(log.Id) is not null || _logs.NumberOf(log.Id) is not null)
        {
            return false;
        }

        var created = _logs.Insert(log.Id, LogRules.NewEpoch(), -DeletedFence(), [.. log.Tags], log.Head.ToArray());
        _tags.Replace(created.Number, [], created.Tags);
        if (log.Blob is not null)
        {
            _blobs.Put(created.Number, log.Blob);
        }

        _pending[log.Id] = new Pending(created, Changed: false, Head: false, Tags: false);
        return true;
    }

    /// <summary>Gives a log to a new owner.</summary>
    public OpenedLog? Open(string id)
    {
        if (Find(id) is not { } log)
        {
            return null;
        }

        log = log with { Fence = Math.Abs(log.Fence) + 1 };
        Change(log);
        return new OpenedLog(log.Epoch, log.Fence, log.LastSeq, log.Sealed, log.Head);
    }

    /// <summary>Appends to a log.</summary>
    public AppendResult Append(LogAppend append)
    {
        if (Find(append.Id) is not { } log)
        {
            return new AppendResult(AppendOutcome.NotFound, 0);
        }

        var outcome = append.Fence <= 0 || append.Fence != log.Fence ? AppendOutcome.Fenced
            : log.Sealed ? AppendOutcome.Sealed
            : append.ExpectedLastSeq != log.LastSeq ? AppendOutcome.Mismatch
            : AppendOutcome.Ok;
        if (outcome == AppendOutcome.Ok)
        {
            log = Apply(append, log);
        }

        return new AppendResult(outcome, log.LastSeq);
    }

    /// <summary>Deletes a log. Its chunks and blobs are swept away later.</summary>
    public bool Delete(string id)
    {
        if (Find(id) is not { } log)
        {
            return false;
        }

        _logs.Delete(log.Number);
        _tags.Replace(log.Number, log.Tags, []);
        _bury.Set(1, log.Number).Set(2, log.Tail).Execute();
        _raiseDeletedFence.Set(1, Math.Abs(log.Fence)).Execute();
        _pending[id] = default;
        HasDeletions = true;
        return true;
    }

    /// <summary>Commits, with what is needed to find the changes again after a crash.</summary>
    /// <param name="save">Brings the rows of all changed logs up to date now.</param>
    public void Commit(bool save = false)
    {
        foreach (var pending in _pending.Values)
        {
            if (pending is { Changed: true, Log: { } log })
            {
                _changes.Add(new LogChange(log, pending.Head, pending.Tags));
            }
        }

        _saved = save || cache.IsSavingDue;
        if (_saved)
        {
            Save();
        }
        else if (_changes.Count > 0)
        {
            _redoBytes = _redo.Write(_changes);
        }

        _commit.Execute();
    }

    /// <summary>The commit is done: shows the changes.</summary>
    public void Publish()
    {
        foreach (var (id, pending) in _pending)
        {
            if (pending.Log is null)
            {
                cache.Remove(id);
            }
            else if (pending.Changed && !_saved)
            {
                cache.PutUnsaved(pending.Log);
            }
            else
            {
                cache.PutSaved(pending.Log);
            }
        }

        cache.AddUnsavedBytes(_redoBytes);
        if (_saved)
        {
            cache.AllSaved();
        }

        Forget();
    }

    /// <summary>The commit failed: nothing has happened.</summary>
    public void Discard()
    {
        Forget();
        if (database.InTransaction)
        {
            database.Execute("ROLLBACK");
        }
    }

    /// <summary>After a start: brings the rows of <c>log</c> up to date with what the last process left in <c>redo</c>.</summary>
    /// <returns>How many logs that was for.</returns>
    public int Recover()
    {
        Begin();
        var logs = _redo.Apply(_logs);
        _commit.Execute();
        return logs;
    }

    /// <inheritdoc />
    public void Dispose() => _redo.Dispose();

    private LogEntry Apply(LogAppend append, LogEntry log)
    {
        var tags = append.Tags is null ? log.Tags : [.. append.Tags];
        if (append.Tags is not null)
        {
            _tags.Replace(log.Number, log.Tags, tags);
        }

        if (append.Blob is not null)
        {
            _blobs.Put(log.Number, append.Blob);
        }

        log = AppendChunks(append, log) with { Head = append.Head?.ToArray() ?? log.Head, Tags = tags, Sealed = append.Seal };
        Change(log, append.Head is not null, append.Tags is not null);
        return log;
    }

    private LogEntry AppendChunks(LogAppend append, LogEntry log)
    {
        if (_lastRow < 0)
        {
            _lastRow = _chunks.HighestRow();
        }

        for (var rest = append.Records; !rest.IsEmpty; rest = rest.After(log.LastSeq))
        {
            var run = rest.Within(ChunkLimit);
            var keys = append.Keys.Count == 0 ? append.Keys : [.. append.Keys.Where(key => key.Seq >= run.First && key.Seq <= run.Last)];
            log = _chunks.Append(log, ++_lastRow, run, keys);
        }

        return log;
    }

    private LogEntry? Find(string id)
    {
        if (_pending.TryGetValue(id, out var pending))
        {
            return pending.Log;
        }

        var log = cache.Find(id);
        if (log is null && _logs.Find(id) is { } row)
        {
            log = row with { Path = _chunks.PathFrom(row.Number, row.Tail) };
            cache.PutSaved(log);
        }

        return log;
    }

    private void Change(LogEntry log, bool head = false, bool tags = false)
    {
        var before = _pending.GetValueOrDefault(log.Id);
        _pending[log.Id] = new Pending(log, Changed: true, before.Head || head, before.Tags || tags);
    }

    private void Save()
    {
        var earlier = cache.Unsaved.Where(id => !_pending.ContainsKey(id)).Select(cache.Find).OfType<LogEntry>();
        foreach (var log in earlier.Concat(_changes.Select(change => change.Log)).OrderBy(log => log.Number))
        {
            _logs.Update(log);
        }

        _redo.Clear();
    }

    private long DeletedFence()
    {
        using (_deletedFence.Run())
        {
            return _deletedFence.Step() ? _deletedFence.Number(0) : 0;
        }
    }

    private void Forget()
    {
        _pending.Clear();
        _changes.Clear();
        (_redoBytes, _saved, HasDeletions) = (0, false, false);
    }

    // No log: it was deleted.
    private readonly record struct Pending(LogEntry? Log, bool Changed, bool Head, bool Tags);
}
