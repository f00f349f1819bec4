namespace Holdfast.Grains.Logs.Memory;

/// <summary>
/// Logs in this process' memory: for tests, and for trying things out (<c>--store memory</c>). They end with the process.
/// Safe for any number of callers; nothing ever waits.
/// </summary>
public sealed class MemoryLogStore : ILogStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Log> _logs = new(StringComparer.Ordinal);
    private readonly List<Log> _byAge = [];
    private long _lastNumber;

    // The highest fence of any deleted log: a later log of the same id starts above it.
    private long _deletedFences;

    /// <inheritdoc />
    public ValueTask<bool> CreateAsync(NewLog log, CancellationToken cancellationToken = default)
    {
        LogRules.Check(log);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_logs.ContainsKey(log.Id))
            {
                return new(false);
            }

            var created = new Log { Number = ++_lastNumber, Id = log.Id, Fence = -_deletedFences, Head = log.Head.ToArray(), Tags = [.. log.Tags] };
            created.Put(log.Blob);
            _logs.Add(log.Id, created);
            _byAge.Add(created);
            return new(true);
        }
    }

    /// <inheritdoc />
    public ValueTask<OpenedLog?> OpenAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (!_logs.TryGetValue(id, out var log))
            {
                return new(default(OpenedLog));
            }

            log.Fence = Math.Abs(log.Fence) + 1;
            return new(new OpenedLog(log.Epoch, log.Fence, log.LastSeq, log.Sealed, log.Head));
        }
    }

    /// <inheritdoc />
    public ValueTask<AppendResult> AppendAsync(LogAppend append)
    {
        LogRules.Check(append);
        lock (_gate)
        {
            if (!_logs.TryGetValue(append.Id, out var log))
            {
                return new(new AppendResult(AppendOutcome.NotFound, 0));
            }

            var outcome = append.Fence <= 0 || append.Fence != log.Fence ? AppendOutcome.Fenced
                : log.Sealed ? AppendOutcome.Sealed
                : append.ExpectedLastSeq != log.LastSeq ? AppendOutcome.Mismatch
                : AppendOutcome.Ok;
            if (outcome == AppendOutcome.Ok)
            {
                log.Apply(append);
            }

            return new(new AppendResult(outcome, log.LastSeq));
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (!_logs.Remove(id, out var log))
            {
                return new(false);
            }

            _byAge.RemoveAt(PlaceOf(log.Number));
            _deletedFences = Math.Max(_deletedFences, Math.Abs(log.Fence));
            return new(true);
        }
    }

    /// <inheritdoc />
    public ValueTask<LogState?> ReadHeadAsync(string id, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return new(_logs.TryGetValue(id, out var log) ? log.State : null);
        }
    }

    /// <inheritdoc />
    public ValueTask<LogPage?> ReadAsync(string id, long after, LogLimit limit, CancellationToken cancellationToken = default)
    {
        LogRules.Check(after, limit);
        lock (_gate)
        {
            return new(_logs.TryGetValue(id, out var log) ? log.Page(after, limit) : null);
        }
    }

    /// <inheritdoc />
    public ValueTask<ReadOnlyMemory<byte>?> ReadBlobAsync(string id, string name, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return new(_logs.TryGetValue(id, out var log) && log.Blobs.TryGetValue(name, out var bytes) ? bytes : default(ReadOnlyMemory<byte>?));
        }
    }

    /// <inheritdoc />
    public ValueTask<LogList> ListAsync(LogQuery query, CancellationToken cancellationToken = default)
    {
        LogRules.Check(query);
        var cursor = query.Cursor is null ? default(long?) : ListCursor.Read(query.Cursor);
        lock (_gate)
        {
            var step = query.OldestFirst ? 1 : -1;
            var at = (cursor, query.OldestFirst) switch
            {
                (null, true) => 0,
                (null, false) => _byAge.Count - 1,
                ({ } number, true) => PlaceOf(number + 1),
                ({ } number, false) => PlaceOf(number) - 1,
            };
            var found = new List<Log>();
            for (; at >= 0 && at < _byAge.Count && found.Count <= query.Limit; at += step)
            {
                if (LogRules.CarriesAll(_byAge[at].Tags, query.Tags))
                {
                    found.Add(_byAge[at]);
                }
            }

            var states = found.Take(query.Limit).Select(log => log.State).ToArray();
            return new(new LogList(states, found.Count > query.Limit ? ListCursor.Write(found[query.Limit - 1].Number) : null));
        }
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyDictionary<string, long>> CountAsync(string name, IReadOnlyList<LogTag> tags, CancellationToken cancellationToken = default)
    {
        LogRules.Check(name, tags);
        lock (_gate)
        {
            var counts = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var log in _byAge.Where(log => LogRules.CarriesAll(log.Tags, tags)))
            {
                foreach (var tag in log.Tags.Where(tag => tag.Name == name))
                {
                    counts[tag.Value] = counts.GetValueOrDefault(tag.Value) + 1;
                }
            }

            return new(counts);
        }
    }

    // Where the log of this number stands in _byAge, or the next younger one.
    private int PlaceOf(long number)
    {
        var (low, high) = (0, _byAge.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _byAge[middle].Number < number ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private sealed class Log
    {
        private readonly List<RecordRun> _runs = [];
        private readonly List<RecordKey> _keys = [];

        public required long Number { get; init; }

        public required string Id { get; init; }

        public string Epoch { get; } = LogRules.NewEpoch();

        // The fence given last; with a minus sign before the first opening, when nobody may write.
        public required long Fence { get; set; }

        public required byte[] Head { get; set; }

        public required IReadOnlyList<LogTag> Tags { get; set; }

        public Dictionary<string, ReadOnlyMemory<byte>> Blobs { get; } = new(StringComparer.Ordinal);

        public long LastSeq { get; private set; }

        public bool Sealed { get; private set; }

        public LogState State => new(Id, Epoch, LastSeq, Sealed, Head);

        public void Put(LogBlob? blob)
        {
            if (blob is not null)
            {
                Blobs[blob.Name] = blob.Bytes.ToArray();
            }
        }

        public void Apply(LogAppend append)
        {
            if (!append.Records.IsEmpty)
            {
                _runs.Add(append.Records);
                _keys.AddRange(append.Keys);
                LastSeq = append.Records.Last;
            }

            Head = append.Head?.ToArray() ?? Head;
            Tags = append.Tags is null ? Tags : [.. append.Tags];
            Put(append.Blob);
            Sealed = append.Seal;
        }

        public LogPage Page(long after, LogLimit limit)
        {
            var parts = new List<RecordRun>();
            var (records, bytes) = (0, 0);
            for (var i = RunAfter(after); i < _runs.Count && records < limit.Records && bytes < limit.Bytes; i++)
            {
                var part = _runs[i].After(after);
                parts.Add(part);
                records += part.Count;
                bytes += part.Bytes.Length;
            }

            var run = RecordRun.Join(parts).Within(limit);
            return new LogPage(Epoch, LastSeq, run, run.IsEmpty ? [] : _keys.FindAll(key => key.Seq >= run.First && key.Seq <= run.Last));
        }

        private int RunAfter(long seq)
        {
            var (low, high) = (0, _runs.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _runs[middle].Last <= seq ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }
}
