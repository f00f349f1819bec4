namespace Holdfast.Grains.Logs;

/// <summary>
/// Reads append-only logs. This is all that a web front gets: it never writes.
/// Every method may throw <see cref="LogStoreUnavailableException"/> when the store is away.
/// </summary>
public interface ILogReader
{
    /// <summary>A log's durable state without its records; null when there is no such log.</summary>
    ValueTask<LogState?> ReadHeadAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Records after <paramref name="after"/>, in order and without a gap; null when there is no such log.
    /// At least one record when there is any, at most what <paramref name="limit"/> says.
    /// </summary>
    ValueTask<LogPage?> ReadAsync(string id, long after, LogLimit limit, CancellationToken cancellationToken = default);

    /// <summary>A named blob of a log; null when the log or the blob is not there.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReadBlobAsync(string id, string name, CancellationToken cancellationToken = default);

    /// <summary>Logs that carry all given tags, in the order of their creation.</summary>
    ValueTask<LogList> ListAsync(LogQuery query, CancellationToken cancellationToken = default);

    /// <summary>How many logs carry each value of the tag <paramref name="name"/>, among those that carry all of <paramref name="tags"/>.</summary>
    ValueTask<IReadOnlyDictionary<string, long>> CountAsync(string name, IReadOnlyList<LogTag> tags, CancellationToken cancellationToken = default);
}

/// <summary>
/// Keeps append-only logs: the one primitive under everything. It knows nothing of tasks.
/// Whatever one call is given commits together or not at all.
/// </summary>
/// <remarks>
/// An append whose outcome is unknown (<see cref="LogStoreUnavailableException"/>) is repeated as it was.
/// With one append in flight per log the answer to the repetition is exact: see <see cref="AppendOutcome"/>.
/// </remarks>
public interface ILogStore : ILogReader
{
    /// <summary>Creates a log, with a fresh epoch and no records. False, and nothing changed, when the id is taken.</summary>
    ValueTask<bool> CreateAsync(NewLog log, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a log over for writing: its fence becomes one more than ever before, and every older one is refused from now on.
    /// Null when there is no such log.
    /// </summary>
    ValueTask<OpenedLog?> OpenAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Appends records, and replaces head, tags and blob where given, all in one commit.
    /// When this answers <see cref="AppendOutcome.Ok"/>, all of it is durable.
    /// </summary>
    ValueTask<AppendResult> AppendAsync(LogAppend append);

    /// <summary>
    /// Deletes a log with its records and blobs. False when there is no such log. A later log of the same id has another epoch, and higher fences
    /// than any before.
    /// </summary>
    ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default);
}

/// <summary>A name and a value by which logs are found.</summary>
public readonly record struct LogTag(string Name, string Value);

/// <summary>A named byte string beside the records: an input, a large result.</summary>
public sealed record LogBlob(string Name, ReadOnlyMemory<byte> Bytes);

/// <summary>A log to create.</summary>
/// <param name="Id">Its name, unique in the store.</param>
/// <param name="Head">The owner's durable state, opaque to the store.</param>
/// <param name="Tags">By what it is found; one value per name.</param>
/// <param name="Blob">A first blob, or none.</param>
public sealed record NewLog(string Id, ReadOnlyMemory<byte> Head, IReadOnlyList<LogTag> Tags, LogBlob? Blob = null);

/// <summary>A log's durable state without its records.</summary>
/// <param name="Id">The log's name.</param>
/// <param name="Epoch">Drawn when the log was created, 1 to 32 of <c>A-Za-z0-9_-</c>; another one means other records.</param>
/// <param name="LastSeq">Number of the last record, 0 when there is none.</param>
/// <param name="Sealed">Nothing is ever appended again.</param>
/// <param name="Head">The owner's durable state.</param>
[GenerateSerializer, Immutable, Alias("holdfast.LogState")]
public sealed record LogState(
    [property: Id(0)] string Id,
    [property: Id(1)] string Epoch,
    [property: Id(2)] long LastSeq,
    [property: Id(3)] bool Sealed,
    [property: Id(4)] ReadOnlyMemory<byte> Head);

/// <summary>A log that was taken over for writing.</summary>
/// <param name="Epoch">See <see cref="LogState.Epoch"/>.</param>
/// <param name="Fence">The fencing token to append under.</param>
/// <param name="LastSeq">Number of the last record.</param>
/// <param name="Sealed">Nothing can be appended.</param>
/// <param name="Head">The owner's durable state.</param>
public sealed record OpenedLog(string Epoch, long Fence, long LastSeq, bool Sealed, ReadOnlyMemory<byte> Head);

/// <summary>One append. What is null stays as it is.</summary>
public sealed record LogAppend
{
    /// <summary>The log's name.</summary>
    public required string Id { get; init; }

    /// <summary>The fencing token that <see cref="ILogStore.OpenAsync"/> gave. Before the first opening nobody may append.</summary>
    public required long Fence { get; init; }

    /// <summary>The number of the last record that the writer knows: compare-and-set.</summary>
    public required long ExpectedLastSeq { get; init; }

    /// <summary>The records; the first is <see cref="ExpectedLastSeq"/> + 1. May be empty.</summary>
    public RecordRun Records { get; init; }

    /// <summary>Keys of some of the records, for their owner to recognise repetitions.</summary>
    public IReadOnlyList<RecordKey> Keys { get; init; } = [];

    /// <summary>
    /// The owner's new durable state. Mind that <c>condition ? bytes : null</c> is an empty state, not none: null becomes an empty
    /// <see cref="ReadOnlyMemory{T}"/> there; write <c>default(ReadOnlyMemory&lt;byte&gt;?)</c>.
    /// </summary>
    public ReadOnlyMemory<byte>? Head { get; init; }

    /// <summary>All tags from now on.</summary>
    public IReadOnlyList<LogTag>? Tags { get; init; }

    /// <summary>A blob to write or replace.</summary>
    public LogBlob? Blob { get; init; }

    /// <summary>Nothing is appended after this.</summary>
    public bool Seal { get; init; }
}

/// <summary>The key that a writer gave a record.</summary>
public readonly record struct RecordKey(long Seq, string Key);

/// <summary>What became of an append.</summary>
public enum AppendOutcome
{
    /// <summary>Stored, durably.</summary>
    Ok,

    /// <summary>Somebody else has opened the log since: step down.</summary>
    Fenced,

    /// <summary>
    /// The last record is not the expected one, and nothing was stored by this call. With <c>LastSeq = expected + n</c> after an append of
    /// n records with unknown outcome, that append had been stored.
    /// </summary>
    Mismatch,

    /// <summary>
    /// The log is sealed, and nothing was stored by this call. After a sealing append with unknown outcome: it had been stored when
    /// <c>LastSeq = expected + n</c>.
    /// </summary>
    Sealed,

    /// <summary>There is no such log.</summary>
    NotFound,
}

/// <summary>The answer to an append.</summary>
/// <param name="Outcome">What became of it. Checked in this order: NotFound, Fenced, Sealed, Mismatch.</param>
/// <param name="LastSeq">The log's last record now.</param>
public readonly record struct AppendResult(AppendOutcome Outcome, long LastSeq);

/// <summary>How much one read may give.</summary>
/// <param name="Records">At most so many records.</param>
/// <param name="Bytes">At most so many bytes, lengths included, unless the first record alone is larger.</param>
public readonly record struct LogLimit(int Records, int Bytes);

/// <summary>Some records of a log.</summary>
/// <param name="Epoch">The log's epoch.</param>
/// <param name="LastSeq">The log's last record at the time of the read; more than the page's last when there is more to read.</param>
/// <param name="Records">The records; empty when there is none after the one asked for.</param>
/// <param name="Keys">The keys of those that have one, in order.</param>
public sealed record LogPage(string Epoch, long LastSeq, RecordRun Records, IReadOnlyList<RecordKey> Keys);

/// <summary>Which logs to list.</summary>
/// <param name="Tags">All of them must be there.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="Cursor">Where the list before ended; null for the start.</param>
/// <param name="OldestFirst">The other way round.</param>
public sealed record LogQuery(IReadOnlyList<LogTag> Tags, int Limit, string? Cursor = null, bool OldestFirst = false);

/// <summary>A page of a list.</summary>
/// <param name="Logs">The logs.</param>
/// <param name="NextCursor">Where to go on; null at the end.</param>
public sealed record LogList(IReadOnlyList<LogState> Logs, string? NextCursor);

/// <summary>A list's cursor that this store did not give.</summary>
public sealed class InvalidListCursorException() : Exception("The list's cursor is not one that this store gave.");

/// <summary>The store did not answer, or not in time. Whether a change was stored is unknown.</summary>
public sealed class LogStoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
