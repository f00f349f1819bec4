using Holdfast.Grains.Setup;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>When a commit of the SQLite store counts as stored.</summary>
public enum SqliteSync
{
    /// <summary>When it is on the disk: a power cut loses nothing that was acknowledged.</summary>
    Full,

    /// <summary>
    /// When the operating system has it: a killed process loses nothing, a power cut may lose the last seconds of acknowledged appends.
    /// Spares one flush per commit.
    /// </summary>
    Normal,
}

/// <summary>How the SQLite log store is set up. In the embedded host <c>Holdfast:Data</c> decides where it is.</summary>
[Section("Sqlite")]
public sealed class SqliteLogOptions
{
    /// <summary>The folder that the store has for itself; it is made where there is none. It must be on a local disk. Default: <c>Holdfast:Data</c>, or <c>./data</c>.</summary>
    [Bounds(1)]
    public string Folder { get; set; } = "./data";

    /// <summary>When a commit counts as stored: see <see cref="SqliteSync"/>. Default: <see cref="SqliteSync.Full"/>.</summary>
    public SqliteSync Synchronous { get; set; } = SqliteSync.Full;

    /// <summary>
    /// How many bytes of changes wait for the writer at most. When it is full, callers wait for room. Smaller: less memory when the disk is slow;
    /// larger: bursts are taken in whole. Default: 64 MiB.
    /// </summary>
    [Bounds(1)]
    public long MaxQueueBytes { get; set; } = 64 << 20;

    /// <summary>
    /// How many bytes of changes go into one commit at most. Smaller: a change waits less long behind others' large ones; larger: fewer flushes.
    /// Default: 8 MiB.
    /// </summary>
    [Bounds(1)]
    public long MaxCommitBytes { get; set; } = 8 << 20;

    /// <summary>
    /// Least time between the beginnings of two commits while <see cref="CommitSiblings"/> changes or more wait. Smaller: each waits less; larger: fewer
    /// flushes, and less work per change. Default: 5 ms.
    /// </summary>
    [Bounds("00:00:00", "00:00:01")]
    public TimeSpan CommitDelay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// So many changes have to wait for <see cref="CommitDelay"/> to count. Smaller: it counts under less load; larger: only under more. Default: 8.
    /// </summary>
    [Bounds(1)]
    public int CommitSiblings { get; set; } = 8;

    /// <summary>
    /// How many reads run at the same time; more wait. Each has a connection of its own with <see cref="ReaderCacheBytes"/> of memory. Smaller: less
    /// memory; larger: those who are far behind wait less for each other. Default: 4.
    /// </summary>
    [Bounds(1, 1000)]
    public int Readers { get; set; } = 4;

    /// <summary>
    /// Memory of each reading connection for pages of the file. Smaller: more comes from the operating system's cache; larger: reads of the same
    /// pages cost less. Default: 4 MiB.
    /// </summary>
    [Bounds(1)]
    public long ReaderCacheBytes { get; set; } = 4 << 20;

    /// <summary>
    /// Size of the write-ahead log at which it is copied into the database file, between two commits. Smaller: commits wait less long for
    /// the copy; larger: what is written several times is copied once. Default: 4 MiB.
    /// </summary>
    [Bounds(1)]
    public long CheckpointBytes { get; set; } = 4 << 20;

    /// <summary>
    /// How many bytes of changed heads and positions are kept before they are written to their logs' rows together. Smaller: shorter starts after
    /// a crash; larger: fewer writes for logs that change often. Default: 16 MiB.
    /// </summary>
    [Bounds(1)]
    public long UnsavedBytes { get; set; } = 16 << 20;

    /// <summary>
    /// Memory for the heads and positions of the logs in use. Smaller: logs are looked up on disk more often; larger: more logs are known without.
    /// Default: 64 MiB.
    /// </summary>
    [Bounds(1)]
    public long CacheBytes { get; set; } = 64 << 20;

    /// <summary>
    /// How long deleted logs' records stay before they are swept away, so that many are swept together: pages that they share are then written
    /// once. Smaller: the space is free earlier; larger: fewer writes. Default: 1 minute.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan SweepDelay { get; set; } = TimeSpan.FromMinutes(1);
}
