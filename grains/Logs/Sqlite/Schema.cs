using System.Globalization;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// The tables. Appends touch <c>chunk</c> and <c>redo</c> only, both at their end: one commit writes as many pages as its bytes fill,
/// however many logs it is for. Why so: docs/decisions/0001-sqlite-log-layout.md.
/// </summary>
internal static class Schema
{
    /// <summary>Number of this layout.</summary>
    public const int Version = 1;

    /// <summary>Bytes of a page.</summary>
    public const int PageSize = 4096;

    private const int ApplicationId = 0x486F6C64; // "Hold"

    private static readonly string[] Tables =
    [
        // fence, last, bytes, sealed, tail, tags and head are as of the last time when redo was emptied.
        """
        CREATE TABLE log(
          n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL, fence INTEGER NOT NULL, last INTEGER NOT NULL,
          bytes INTEGER NOT NULL, sealed INTEGER NOT NULL, tail INTEGER NOT NULL, tags BLOB NOT NULL, head BLOB NOT NULL)
        """,

        // Runs of records of all logs, as they came. prev, jump: rows of earlier chunks of the same log; last, ending: its records and bytes up to here.
        """
        CREATE TABLE chunk(
          row INTEGER PRIMARY KEY, n INTEGER NOT NULL, depth INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, ending INTEGER NOT NULL,
          size INTEGER NOT NULL, prev INTEGER NOT NULL, jump INTEGER NOT NULL, jump_last INTEGER NOT NULL, jump_ending INTEGER NOT NULL,
          keys BLOB, records BLOB NOT NULL)
        """,

        // What each commit changed in log, packed. Read once, when the store is opened.
        "CREATE TABLE redo(k INTEGER PRIMARY KEY, changes BLOB NOT NULL)",
        "CREATE TABLE tag(name TEXT NOT NULL, value TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(name, value, n)) WITHOUT ROWID",
        "CREATE TABLE blob(n INTEGER NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL, UNIQUE(n, name))",

        // Deleted logs whose chunks and blobs are not yet swept away.
        "CREATE TABLE dead(n INTEGER PRIMARY KEY, tail INTEGER NOT NULL)",

        // The highest fence of any deleted log.
        "CREATE TABLE deleted(fence INTEGER NOT NULL)",
        "INSERT INTO deleted VALUES(0)",
    ];

    /// <summary>Makes the tables in an empty file, and looks whether a filled one has them.</summary>
    /// <exception cref="LogStoreSetupException">The file is something else, or of a newer version.</exception>
    public static void Prepare(Database database, string path)
    {
        var (application, version) = (Number(database, "application_id"), Number(database, "user_version"));
        if (version > Version && application == ApplicationId)
        {
            throw new LogStoreSetupException(
                $"The log store {path} was written by a newer version of Holdfast (layout {version}; this one knows {Version}). "
                + $"Start that version, or give this one another {nameof(SqliteLogOptions)}.{nameof(SqliteLogOptions.Folder)}.");
        }

        if (application == ApplicationId && version == Version)
        {
            return;
        }

        if (database.Query("SELECT name FROM sqlite_master LIMIT 1") is not null)
        {
            throw new LogStoreSetupException(
                $"{path} is a database, but not a log store of Holdfast. Give {nameof(SqliteLogOptions)}.{nameof(SqliteLogOptions.Folder)} another folder.");
        }

        database.Execute($"PRAGMA page_size={PageSize}");
        database.Execute("PRAGMA auto_vacuum=INCREMENTAL");
        database.Execute("PRAGMA journal_mode=WAL");
        database.Execute("BEGIN IMMEDIATE");
        foreach (var table in Tables)
        {
            database.Execute(table);
        }

        database.Execute($"PRAGMA application_id={ApplicationId}");
        database.Execute($"PRAGMA user_version={Version}");
        database.Execute("COMMIT");
    }

    private static long Number(Database database, string pragma) => long.Parse(database.Query($"PRAGMA {pragma}") ?? "0", CultureInfo.InvariantCulture);
}
