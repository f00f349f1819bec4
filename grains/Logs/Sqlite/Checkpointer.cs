using SQLitePCL;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database file beside the writer, on a thread and a connection of its own. What is written during
/// a pass remains; the writer copies that itself, which is little, and begins the write-ahead log anew.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    private readonly object _gate = new();
    private readonly Database _database;
    private readonly Action _passed;
    private readonly Action<DatabaseException> _failed;
    private readonly Thread _thread;
    private bool _asked;
    private bool _closed;
    private int? _copied;

    /// <summary>Opens the connection and starts the thread.</summary>
    /// <param name="path">The database file.</param>
    /// <param name="passed">Called on the thread when a pass is done.</param>
    /// <param name="failed">Called on the thread when a pass failed.</param>
    public Checkpointer(string path, Action passed, Action<DatabaseException> failed)
    {
        (_passed, _failed) = (passed, failed);
        _database = Database.Open(path, patience: TimeSpan.Zero);
        _database.Execute("PRAGMA cache_size=-64");
        _thread = new Thread(Run) { Name = "Holdfast log checkpointer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether a pass is asked for or under way.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Asks for a pass.</summary>
    public void Ask()
    {
        lock (_gate)
        {
            (_asked, IsBusy) = (true, true);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>How many pages the pass copied that ended since the last time, or null.</summary>
    public int? TakeCopied()
    {
        lock (_gate)
        {
            (var copied, _copied) = (_copied, null);
            return copied;
        }
    }

    /// <summary>Waits for the pass under way, and closes the connection.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _database.Dispose();
    }

    private void Run()
    {
        while (WaitForWork())
        {
            var copied = Pass();
            lock (_gate)
            {
                (_copied, IsBusy) = (copied, false);
            }

            _passed();
        }
    }

    private bool WaitForWork()
    {
        lock (_gate)
        {
            while (!_asked && !_closed)
            {
                Monitor.Wait(_gate);
            }

            _asked = false;
            return !_closed;
        }
    }

    private int Pass()
    {
        try
        {
            return _database.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE).Copied;
        }
        catch (DatabaseException exception)
        {
            _failed(exception);
            return 0;
        }
    }
}
