using SQLitePCL;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>SQLite said no.</summary>
/// <param name="code">Its extended result code.</param>
/// <param name="message">Its words.</param>
internal sealed class DatabaseException(int code, string message) : Exception(message)
{
    /// <summary>SQLite's extended result code.</summary>
    public int Code { get; } = code;
}

/// <summary>
/// One connection to a database file, for one thread at a time, straight on SQLite's own interface: per append that is half of
/// what the ADO.NET layer takes (docs/decisions/0001-sqlite-log-layout.md).
/// </summary>
internal sealed class Database : IDisposable
{
    private const int PagesWritten = 9; // SQLITE_DBSTATUS_CACHE_WRITE
    private readonly sqlite3 _handle;
    private readonly List<Statement> _statements = [];

    static Database() => Batteries_V2.Init();

    private Database(sqlite3 handle) => _handle = handle;

    /// <summary>Opens a file, and makes it where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="patience">How long a statement waits for a lock that another connection holds.</param>
    public static Database Open(string path, TimeSpan patience)
    {
        var code = raw.sqlite3_open_v2(path, out var handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new Database(handle);
        try
        {
            database.Check(code);
            database.Check(raw.sqlite3_extended_result_codes(handle, 1));
            database.Check(raw.sqlite3_busy_timeout(handle, (int)patience.TotalMilliseconds));
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Whether a transaction is open.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>The row that the last insertion made.</summary>
    public long LastInsertedRow => raw.sqlite3_last_insert_rowid(_handle);

    /// <summary>Prepares a statement; it lives as long as the connection.</summary>
    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
        var statement = new Statement(this, handle);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Runs a statement once.</summary>
    public void Execute(string sql) => Query(sql);

    /// <summary>Runs a statement once and gives the first column of its first row, or null.</summary>
    public string? Query(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var handle));
        using var statement = new Statement(this, handle);
        var answer = statement.Step() ? statement.Text(0) : null;
        while (answer is not null && statement.Step())
        {
            // A pragma may have more rows, and is done only when all have been fetched.
        }

        return answer;
    }

    /// <summary>Copies the write-ahead log into the database file.</summary>
    /// <returns>How many frames the write-ahead log has, and how many of them are copied.</returns>
    public (int Frames, int Copied) Checkpoint(int mode)
    {
        Check(raw.sqlite3_wal_checkpoint_v2(_handle, "main", mode, out var frames, out var copied), busyIsFine: true);
        return (frames, copied);
    }

    /// <summary>How many pages this connection has written since the last time.</summary>
    public int TakePagesWritten()
    {
        Check(raw.sqlite3_db_status(_handle, PagesWritten, out var pages, out _, 1));
        return pages;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _handle.Dispose();
    }

    internal void Check(int code, bool busyIsFine = false)
    {
        if (code != raw.SQLITE_OK && !(busyIsFine && (code & 0xFF) == raw.SQLITE_BUSY))
        {
            throw new DatabaseException(code, $"SQLite says '{raw.sqlite3_errmsg(_handle).utf8_to_string()}' (code {code}).");
        }
    }
}
