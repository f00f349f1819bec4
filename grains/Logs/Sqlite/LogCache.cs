using System.Collections.Concurrent;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// The logs in use, as of the last commit. The writer alone changes it; anyone reads it. A log whose changes are not yet in its row of <c>log</c>
/// is always here, so what is not here is up to date there: a reader asks here first.
/// </summary>
/// <param name="maxUnsaved">Bytes of unsaved changes after which they are to be saved.</param>
/// <param name="maxKept">Bytes that the logs may take up here.</param>
internal sealed class LogCache(long maxUnsaved, long maxKept)
{
    private const int Overhead = 400;
    private readonly ConcurrentDictionary<string, LogEntry> _logs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unsaved = new(StringComparer.Ordinal);
    private long _unsavedBytes;
    private long _size;

    /// <summary>The logs whose rows are to be brought up to date.</summary>
    public IReadOnlyCollection<string> Unsaved => _unsaved;

    /// <summary>Whether there is so much here that it is time to bring the rows up to date, and to let go of some.</summary>
    public bool IsSavingDue => _unsavedBytes > maxUnsaved || _size > maxKept;

    /// <summary>A log, if it is here.</summary>
    public LogEntry? Find(string id) => _logs.GetValueOrDefault(id);

    /// <summary>Keeps a log that is as its row says.</summary>
    public void PutSaved(LogEntry log) => Put(log);

    /// <summary>Keeps a log whose row says something older.</summary>
    public void PutUnsaved(LogEntry log)
    {
        Put(log);
        _unsaved.Add(log.Id);
    }

    /// <summary>Counts what a commit wrote into <c>redo</c>.</summary>
    public void AddUnsavedBytes(long bytes) => _unsavedBytes += bytes;

    /// <summary>Forgets a log that was deleted.</summary>
    public void Remove(string id)
    {
        if (_logs.TryRemove(id, out var log))
        {
            _size -= SizeOf(log);
        }

        _unsaved.Remove(id);
    }

    /// <summary>All rows are up to date. What is not used any more goes first when there is too much here.</summary>
    public void AllSaved()
    {
        Evict(log => log.Sealed);
        if (_size > maxKept)
        {
            Evict(log => !_unsaved.Contains(log.Id));
        }

        if (_size > maxKept)
        {
            Evict(_ => true);
        }

        _unsaved.Clear();
        _unsavedBytes = 0;
    }

    /// <summary>Forgets everything: the store is closed.</summary>
    public void Clear() => _logs.Clear();

    private static int SizeOf(LogEntry log) => log.Head.Length + Overhead;

    private void Put(LogEntry log)
    {
        _size += SizeOf(log) - (_logs.TryGetValue(log.Id, out var before) ? SizeOf(before) : 0);
        _logs[log.Id] = log;
    }

    private void Evict(Func<LogEntry, bool> which)
    {
        foreach (var (id, log) in _logs)
        {
            if (which(log) && _logs.TryRemove(id, out _))
            {
                _size -= SizeOf(log);
            }
        }
    }
}
