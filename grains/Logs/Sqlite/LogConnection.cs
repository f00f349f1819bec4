using System.Globalization;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>A connection that only reads, with its statements. It sees what is committed, and never waits for the writer.</summary>
internal sealed class LogConnection : IDisposable
{
    private readonly Database _database;
    private readonly LogCache _cache;
    private readonly LogTable _logs;
    private readonly TagIndex _tags;
    private readonly BlobTable _blobs;
    private readonly PageReader _pages;
    private readonly Statement _begin;
    private readonly Statement _commit;

    /// <summary>Opens a connection to a file that has its tables.</summary>
    public LogConnection(string path, long cacheBytes, LogCache cache)
    {
        _database = Database.Open(path, patience: TimeSpan.FromSeconds(5));
        try
        {
            _database.Execute("PRAGMA query_only=1");
            _database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size=-{Math.Max(1, cacheBytes / 1024)}"));
            _cache = cache;
            _logs = new LogTable(_database);
            _tags = new TagIndex(_database);
            _blobs = new BlobTable(_database);
            _pages = new PageReader(_database);
            _begin = _database.Prepare("BEGIN");
            _commit = _database.Prepare("COMMIT");
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    /// <summary>See <see cref="ILogReader.ReadHeadAsync"/>.</summary>
    public LogState? Head(string id) => Find(id)?.State;

    /// <summary>See <see cref="ILogReader.ReadAsync"/>.</summary>
    public LogPage? Page(string id, long after, LogLimit limit)
    {
        while (true)
        {
            // First where the log stands, then the view of the file: it has everything up to there.
            if (Find(id) is not { } log)
            {
                return null;
            }

            try
            {
                return InOneView(() => _pages.Read(log, after, limit));
            }
            catch (ChunkGoneException) when (Find(id)?.Number != log.Number)
            {
                // Deleted meanwhile, and perhaps created again: look once more.
            }
        }
    }

    /// <summary>See <see cref="ILogReader.ReadBlobAsync"/>.</summary>
    public byte[]? Blob(string id, string name) => _blobs.Find(id, name);

    /// <summary>See <see cref="ILogReader.ListAsync"/>.</summary>
    public LogList List(LogQuery query)
    {
        var position = query.Cursor is not null ? ListCursor.Read(query.Cursor) : query.OldestFirst ? 0 : long.MaxValue;
        var found = new List<LogState>();
        while (true)
        {
            var wanted = query.Limit - found.Count + 1;
            var candidates = InOneView(() => Candidates(query, position, wanted));
            foreach (var (number, id) in candidates)
            {
                if (found.Count == query.Limit)
                {
                    return new LogList(found, ListCursor.Write(position));
                }

                // The index is of one moment, the log's state of a later one: it has to carry the tags still.
                position = number;
                if (Find(id) is { } log && log.Number == number && LogRules.CarriesAll(log.Tags, query.Tags))
                {
                    found.Add(log.State);
                }
            }

            if (candidates.Count < wanted)
            {
                return new LogList(found, null);
            }
        }
    }

    /// <summary>See <see cref="ILogReader.CountAsync"/>.</summary>
    public Dictionary<string, long> Count(string name, IReadOnlyList<LogTag> tags) => _tags.Count(name, tags);

    /// <inheritdoc />
    public void Dispose() => _database.Dispose();

    private LogEntry? Find(string id) => _cache.Find(id) ?? _logs.Find(id);

    private List<(long Number, string Id)> Candidates(LogQuery query, long position, int count)
    {
        var candidates = new List<(long, string)>();
        while (candidates.Count < count && _tags.Next(query.Tags, position, query.OldestFirst) is { } number)
        {
            if (_logs.IdOf(number) is { } id)
            {
                candidates.Add((number, id));
            }

            position = number;
        }

        return candidates;
    }

    private T InOneView<T>(Func<T> read)
    {
        _begin.Execute();
        try
        {
            return read();
        }
        finally
        {
            _commit.Execute();
        }
    }
}
