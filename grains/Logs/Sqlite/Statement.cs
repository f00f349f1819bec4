using SQLitePCL;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>A prepared statement of one connection. Parameters count from 1, columns from 0.</summary>
internal sealed class Statement(Database database, sqlite3_stmt handle) : IDisposable
{
    /// <summary>Sets a parameter.</summary>
    public Statement Set(int parameter, long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, parameter, value));
        return this;
    }

    /// <summary>Sets a parameter.</summary>
    public Statement Set(int parameter, string value)
    {
        database.Check(raw.sqlite3_bind_text(handle, parameter, value));
        return this;
    }

    /// <summary>Sets a parameter. SQLite makes a copy, which lasts until <see cref="Forget"/>.</summary>
    public Statement Set(int parameter, ReadOnlySpan<byte> value)
    {
        database.Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, parameter, 0) : raw.sqlite3_bind_blob(handle, parameter, value));
        return this;
    }

    /// <summary>Sets a parameter to NULL.</summary>
    public Statement SetNull(int parameter)
    {
        database.Check(raw.sqlite3_bind_null(handle, parameter));
        return this;
    }

    /// <summary>Begins to run; the statement is at rest again when the answer is disposed of. Rows come by <see cref="Step"/>.</summary>
    public Running Run() => new(this);

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        database.Check(code == raw.SQLITE_DONE ? raw.SQLITE_OK : code);
        return false;
    }

    /// <summary>Runs a statement that has no rows.</summary>
    public void Execute()
    {
        using (Run())
        {
            Step();
        }
    }

    /// <summary>A column of the present row.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(handle, column);

    /// <summary>A column of the present row.</summary>
    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    /// <summary>A column of the present row, in SQLite's own memory: good until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    /// <summary>Lets go of the copies of large parameters.</summary>
    public void Forget() => raw.sqlite3_clear_bindings(handle);

    /// <inheritdoc />
    public void Dispose() => handle.Dispose();

    /// <summary>A statement that is running.</summary>
    internal readonly ref struct Running(Statement statement)
    {
        /// <summary>Brings the statement to rest.</summary>
        public void Dispose() => statement.Reset();
    }

    // What sqlite3_reset answers is the last step's error once more.
    private void Reset() => _ = raw.sqlite3_reset(handle);
}
