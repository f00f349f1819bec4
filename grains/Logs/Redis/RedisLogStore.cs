using System.Collections.Concurrent;

using Holdfast.Grains.Setup;

using Microsoft.Extensions.Logging;

using StackExchange.Redis;

namespace Holdfast.Grains.Logs.Redis;

/// <summary>
/// Logs in Redis: one script per append, so that fence, compare-and-set, records, head, tags and seal commit together; all keys of a log in one
/// slot, so that Redis Cluster works. Commands of all logs travel pipelined over one connection, and Redis flushes once for all that arrived together.
/// </summary>
public sealed partial class RedisLogStore : ILogStore, IAsyncDisposable
{
    private static readonly RedisValue s_no = "0";
    private static readonly RedisValue s_yes = "1";
    private static readonly RedisValue[] s_state = ["epoch", "last", "sealed", "head", "number", "tags"];
    private static readonly RedisValue[] s_writing = ["fence", "sealed", "last"];

    private readonly RedisLogOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RedisLink _link;
    private readonly LogIndex _index;
    private readonly AppendGroups _appends;
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private Task<bool> _durability = Task.FromResult(false);

    private RedisLogStore(RedisLogOptions options, RedisLink link, TimeProvider time, ILogger logger)
    {
        (_options, _link, _time, _logger) = (options, link, time, logger);
        _index = new LogIndex(link, options.Prefix);
        _appends = new AppendGroups(link, options.MaxGroup);
    }

    /// <summary>Connects, without waiting for Redis to be there: until it is, nothing can be stored or read, and everything says so.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option has no usable value.</exception>
    public static RedisLogStore Open(RedisLogOptions options, TimeProvider time, ILogger<RedisLogStore> logger)
    {
        OptionSections.Check(options);
        var store = new RedisLogStore(options, new RedisLink(options, time), time, logger);
        store._durability = store.CheckDurabilityAsync();
        return store;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CreateAsync(NewLog log, CancellationToken cancellationToken = default)
    {
        LogRules.Check(log);
        cancellationToken.ThrowIfCancellationRequested();
        return await _link.AskAsync(async () =>
        {
            var number = await _index.NextNumberAsync();
            var created = (int)await _link.Database.ScriptEvaluateAsync(
                LogScripts.Create, Keys(log.Id), [LogRules.NewEpoch(), number << FenceBits, number, Bytes(log.Head), LogCodec.Pack(log.Tags), log.Blob?.Name ?? "", Bytes(log.Blob?.Bytes ?? default)]);
            if (created == 1)
            {
                await _index.AddAsync(log.Id, number, log.Tags, created: true);
            }

            return created == 1;
        });
    }

    /// <inheritdoc/>
    public async ValueTask<OpenedLog?> OpenAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await _link.AskAsync(async () =>
        {
            RedisValue seen = _known.TryGetValue(id, out var known) && known.LastSeq > 0 ? known.LastSeq : string.Empty;
            var result = await _link.Database.ScriptEvaluateAsync(LogScripts.Open, Keys(id), [LogRules.NewEpoch(), seen, await DurableAsync() ? "1" : "0"]);
            if (result.IsNull)
            {
                return null;
            }

            var log = (RedisResult[])result!;
            var opened = new OpenedLog((string)log[0]!, Number(log[1]), Number(log[2]), (string?)log[3] == "1", (byte[]?)log[4] ?? []);
            var (tags, number) = (LogCodec.UnpackTags((byte[]?)log[5] ?? []), Number(log[6]));
            if ((string?)log[8] == "1")
            {
                RecordsLost(_logger, id, opened.LastSeq, opened.Epoch);
            }

            // A writer that died between the log and its index left the one behind the other.
            await _index.AddAsync(id, number, tags, created: true);
            var stale = (byte[]?)log[7] is { Length: > 0 } bytes ? LogCodec.UnpackTags(bytes).Except(tags).ToArray() : [];
            await _index.RemoveAsync(id, number, stale, deleted: false);
            Remember(id, new Known(KeysOf(id), opened.LastSeq, number, tags));
            return opened;
        });
    }

    /// <inheritdoc/>
    public ValueTask<AppendResult> AppendAsync(LogAppend append)
    {
        LogRules.Check(append);
        return StoreAsync(append);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await _link.AskAsync(async () =>
        {
            var result = await _link.Database.ScriptEvaluateAsync(LogScripts.Delete, Keys(id));
            _known.TryRemove(id, out _);
            if (result.IsNull)
            {
                return false;
            }

            var log = (RedisResult[])result!;
            IEnumerable<LogTag> stale = (byte[]?)log[1] is { Length: > 0 } bytes ? LogCodec.UnpackTags(bytes) : [];
            await _index.RemoveAsync(id, Number(log[2]), [.. LogCodec.UnpackTags((byte[]?)log[0] ?? []).Union(stale)], deleted: true);
            return true;
        });
    }

    /// <inheritdoc/>
    public async ValueTask<LogState?> ReadHeadAsync(string id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (await _link.AskAsync(() => ReadStateAsync(id)))?.State;
    }

    /// <inheritdoc/>
    public async ValueTask<LogPage?> ReadAsync(string id, long after, LogLimit limit, CancellationToken cancellationToken = default)
    {
        LogRules.Check(after, limit);
        cancellationToken.ThrowIfCancellationRequested();
        return await _link.AskAsync(async () =>
        {
            var result = await _link.Database.ScriptEvaluateAsync(LogScripts.Read, Keys(id), [after, limit.Records, limit.Bytes]);
            return result.IsNull ? null : Page((RedisResult[])result!, after, limit);
        });
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadBlobAsync(string id, string name, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await _link.AskAsync(async () => (byte[]?)await _link.Database.HashGetAsync(Keys(id)[2], name) is { } bytes ? bytes : default(ReadOnlyMemory<byte>?));
    }

    /// <inheritdoc/>
    public async ValueTask<LogList> ListAsync(LogQuery query, CancellationToken cancellationToken = default)
    {
        LogRules.Check(query);
        var after = query.Cursor is null ? default(long?) : ListCursor.Read(query.Cursor);
        cancellationToken.ThrowIfCancellationRequested();
        return await _link.AskAsync(async () =>
        {
            List<(long Number, LogState State)> found = [];
            while (found.Count <= query.Limit)
            {
                var wanted = query.Limit + 1 - found.Count;
                var candidates = await _index.ListAsync(query.Tags, query.OldestFirst, after, wanted);
                var logs = await Task.WhenAll(candidates.Select(candidate => ReadStateAsync(candidate.Id)));
                for (var i = 0; i < logs.Length; i++)
                {
                    if (logs[i] is { } log && log.Number == candidates[i].Number && LogRules.CarriesAll(log.Tags, query.Tags))
                    {
                        found.Add((log.Number, log.State));
                    }
                }

                if (candidates.Count < wanted)
                {
                    break;
                }

                after = candidates[^1].Number;
            }

            var states = found.Take(query.Limit).Select(log => log.State).ToArray();
            return new LogList(states, found.Count > query.Limit ? ListCursor.Write(found[query.Limit - 1].Number) : null);
        });
    }

    /// <inheritdoc/>
    /// <remarks>A log whose writer died while its tags changed may be counted under the tag that it was about to get.</remarks>
    public async ValueTask<IReadOnlyDictionary<string, long>> CountAsync(string name, IReadOnlyList<LogTag> tags, CancellationToken cancellationToken = default)
    {
        LogRules.Check(name, tags);
        cancellationToken.ThrowIfCancellationRequested();
        return await _link.AskAsync(() => _index.CountAsync(name, tags));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>Bits of a fence below the log's number: a later log of the same id starts above all fences of the one before.</summary>
    private const int FenceBits = 20;

    private async Task<bool> CheckDurabilityAsync()
    {
        try
        {
            var appendOnly = await SettingAsync("appendonly");
            var fsync = await SettingAsync("appendfsync");
            var durable = appendOnly == "yes" && fsync == "always";
            Opened(_logger, _options.Prefix, appendOnly, fsync);
            if (!durable)
            {
                NotDurable(_logger, appendOnly, fsync);
            }

            return durable;
        }
        catch (RedisServerException e)
        {
            // Not allowed to say: then a restart counts as a loss.
            DurabilityUnknown(_logger, e);
            return false;
        }
    }

    /// <summary>What Redis said of its persistence; it is asked again when it was not there.</summary>
    private Task<bool> DurableAsync()
    {
        if (_durability.IsFaulted)
        {
            _durability = CheckDurabilityAsync();
        }

        return _durability;
    }

    private async Task<string> SettingAsync(string name)
    {
        var pair = (RedisResult[]?)await _link.Database.ExecuteAsync("CONFIG", "GET", name).WaitAsync(_options.OperationTimeout, _time);
        return pair is [_, var value] ? (string?)value ?? "" : "";
    }

    private async Task<(LogState State, long Number, LogTag[] Tags)?> ReadStateAsync(string id)
    {
        var log = await _link.Database.HashGetAsync(Keys(id)[0], s_state);
        return log[0].IsNull ? null
            : (new LogState(id, (string)log[0]!, (long)log[1], log[2] == s_yes, (byte[]?)log[3] ?? []), (long)log[4], LogCodec.UnpackTags((byte[]?)log[5] ?? []));
    }

    /// <summary>The answer to an append that is bound to be refused: the index need not be touched for it.</summary>
    private async Task<AppendResult?> RefusedAsync(LogAppend append)
    {
        var log = await _link.Database.HashGetAsync(Keys(append.Id)[0], s_writing);
        if (log[0].IsNull)
        {
            return new AppendResult(AppendOutcome.NotFound, 0);
        }

        var last = (long)log[2];
        return append.Fence <= 0 || log[0] != append.Fence ? new AppendResult(AppendOutcome.Fenced, last)
            : log[1] == s_yes ? new AppendResult(AppendOutcome.Sealed, last)
            : last != append.ExpectedLastSeq ? new AppendResult(AppendOutcome.Mismatch, last)
            : null;
    }

    private async ValueTask<AppendResult> StoreAsync(LogAppend append)
    {
        // The usual append is one command and nothing else.
        TagChange? change = null;
        if (append.Tags is { } tags)
        {
            var (refused, prepared) = await _link.AskAsync(() => PrepareAsync(append, tags)).ConfigureAwait(false);
            if (refused is { } answer)
            {
                return answer;
            }

            change = prepared;
        }

        var last = append.ExpectedLastSeq + append.Records.Count;
        var stored = await _appends.RunAsync(
            Keys(append.Id),
            [
            append.Fence > 0 ? append.Fence : s_no,
            append.ExpectedLastSeq,
            last,
            append.Records.IsEmpty ? "" : Bytes(append.Records.Bytes),
            append.Keys.Count == 0 ? "" : LogCodec.Pack(append.Keys, append.ExpectedLastSeq),
            append.Head is null ? s_no : s_yes,
            Bytes(append.Head ?? default),
            change is null ? s_no : s_yes,
            change is null ? "" : LogCodec.Pack(change.Tags),
            change is null ? "" : LogCodec.Pack(change.Removed),
            append.Blob?.Name ?? "",
            Bytes(append.Blob?.Bytes ?? default),
            append.Seal ? s_yes : s_no,
            ],
            append.Records.Bytes.Length + (append.Head?.Length ?? 0) + (append.Blob?.Bytes.Length ?? 0)).ConfigureAwait(false);
        if (stored.Outcome == AppendOutcome.Ok)
        {
            if (change is null)
            {
                Stored(append.Id, last);
            }
            else
            {
                await _link.AskAsync(() => RetagAsync(append.Id, last, change)).ConfigureAwait(false);
            }
        }

        return stored;
    }

    private async Task<(AppendResult? Refused, TagChange? Change)> PrepareAsync(LogAppend append, IReadOnlyList<LogTag> tags) =>
        await RefusedAsync(append) is { } refused ? (refused, null) : (null, await PrepareTagsAsync(append.Id, tags));

    /// <summary>Before the log carries new tags, the index does.</summary>
    private async Task<TagChange> PrepareTagsAsync(string id, IReadOnlyList<LogTag> tags)
    {
        if (!_known.TryGetValue(id, out var known))
        {
            if (await ReadStateAsync(id) is not { } log)
            {
                return new TagChange(tags, [], 0);
            }

            known = new Known(KeysOf(id), 0, log.Number, log.Tags);
        }

        await _index.AddAsync(id, known.Number, [.. tags.Except(known.Tags)], created: false);
        return new TagChange(tags, [.. known.Tags.Except(tags)], known.Number);
    }

    private void Stored(string id, long lastSeq)
    {
        if (_known.TryGetValue(id, out var known))
        {
            known.LastSeq = lastSeq;
        }
    }

    /// <summary>After the log carries new tags, the index forgets the old ones.</summary>
    private async Task<bool> RetagAsync(string id, long lastSeq, TagChange change)
    {
        Remember(id, new Known(Keys(id), lastSeq, change.Number, [.. change.Tags]));
        await _index.RemoveAsync(id, change.Number, change.Removed, deleted: false);
        return true;
    }

    private void Remember(string id, Known known)
    {
        if (_known.Count >= _options.Remembered && !_known.ContainsKey(id))
        {
            // Any one will do: what is forgotten is looked up, and losses of Redis are noticed by its run id as well.
            foreach (var (other, _) in _known)
            {
                _known.TryRemove(other, out _);
                break;
            }
        }

        _known[id] = known;
    }

    private static LogPage Page(RedisResult[] result, long after, LogLimit limit)
    {
        List<RecordRun> runs = [];
        List<RecordKey> keys = [];
        for (var i = 2; i < result.Length; i += 4)
        {
            var before = Number(result[i]);
            runs.Add(new RecordRun(before + 1, (int)(Number(result[i + 1]) - before), (byte[]?)result[i + 2] ?? []).After(after));
            if ((byte[]?)result[i + 3] is { Length: > 0 } packed)
            {
                keys.AddRange(LogCodec.UnpackKeys(packed, before));
            }
        }

        var run = runs.Count == 0 ? new RecordRun(after + 1, 0, default) : RecordRun.Join(runs).Within(limit);
        return new LogPage((string)result[0]!, Number(result[1]), run, keys.FindAll(key => key.Seq >= run.First && key.Seq <= run.Last));
    }

    private RedisKey[] Keys(string id) => _known.TryGetValue(id, out var known) ? known.Keys : KeysOf(id);

    private RedisKey[] KeysOf(string id)
    {
        // Braces would move the hash tag; escaped they can't.
        var escaped = id.Replace("%", "%25", StringComparison.Ordinal).Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);
        var common = $"{_options.Prefix}:{{{escaped}}}";
        return [common + ":log", common + ":runs", common + ":blobs"];
    }

    private static long Number(RedisResult result) => long.Parse((string)result!, System.Globalization.CultureInfo.InvariantCulture);

    private static RedisValue Bytes(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : bytes.ToArray();

    private sealed record TagChange(IReadOnlyList<LogTag> Tags, LogTag[] Removed, long Number);

    private sealed class Known(RedisKey[] keys, long lastSeq, long number, LogTag[] tags)
    {
        public RedisKey[] Keys { get; } = keys;

        public long LastSeq { get; set; } = lastSeq;

        public long Number { get; } = number;

        public LogTag[] Tags { get; } = tags;
    }
}
