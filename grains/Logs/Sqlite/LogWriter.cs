using System.Diagnostics;

using Microsoft.Extensions.Logging;

using SQLitePCL;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// The one thread that writes. It takes all that waits, for whatever logs, does it in one commit, and gives the answers when the commit is done;
/// while it commits, the next ones gather.
/// </summary>
internal sealed partial class LogWriter : IDisposable
{
    // While there is always something to commit, every so many commits a slice of the deleted logs is swept away nevertheless.
    private const int CommitsPerSlice = 16;

    private readonly SqliteLogOptions _options;
    private readonly WriteQueue _queue;
    private readonly ILogger _logger;
    private readonly Database _database;
    private readonly LogTransaction _transaction;
    private readonly Sweeper _sweeper;
    private readonly long _maxWalPages;
    private readonly ITimer _sweepTimer;
    private readonly List<WriteOperation> _group = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _sweepDue;
    private bool _sweepArmed;
    private bool _sweeping;
    private int _commitsSinceSlice;

    // Pages in the write-ahead log that are not copied, when to copy them, and how many it had at all the last time.
    private long _walPages;
    private long _checkpointAt;
    private long _walFrames;

    /// <summary>Opens the file for writing, brings it up to date after a crash, and starts the thread.</summary>
    public LogWriter(string path, SqliteLogOptions options, WriteQueue queue, LogCache cache, TimeProvider time, ILogger logger)
    {
        (_options, _queue, _logger) = (options, queue, logger);
        _database = Database.Open(path, patience: TimeSpan.FromSeconds(5));
        try
        {
            Schema.Prepare(_database, path);
            if (_database.Query("PRAGMA journal_mode=WAL") is var mode && mode != "wal")
            {
                throw new LogStoreSetupException(
                    $"The disk of {path} can't keep a write-ahead log (journal mode {mode}). "
                    + $"Give {nameof(SqliteLogOptions)}.{nameof(SqliteLogOptions.Folder)} a folder on a local disk.");
            }

            _database.Execute($"PRAGMA synchronous={(options.Synchronous == SqliteSync.Full ? "FULL" : "NORMAL")}");
            _database.Execute("PRAGMA wal_autocheckpoint=0");
            _database.Execute("PRAGMA cache_size=-32768");
            _transaction = new LogTransaction(_database, cache);
            _sweeper = new Sweeper(_database);
            RecoveredLogs = _transaction.Recover();
            _database.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE);
            _database.TakePagesWritten();
            _checkpointAt = _maxWalPages = Math.Max(1, options.CheckpointBytes / Schema.PageSize);
            _sweepTimer = time.CreateTimer(
                _ =>
                {
                    _sweepDue = true;
                    queue.Wake();
                },
                null,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
            if (_sweeper.HasWork())
            {
                ArmSweep();
            }
        }
        catch
        {
            _database.Dispose();
            throw;
        }

        new Thread(Run) { Name = "Holdfast log writer", IsBackground = true }.Start();
    }

    /// <summary>How many logs' rows were brought up to date at the start.</summary>
    public int RecoveredLogs { get; }

    /// <summary>Completes when the queue was closed, and all that was in it is done.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Closes the file, after <see cref="Ended"/>. Rows are up to date then, and the write-ahead log is gone.</summary>
    public void Dispose()
    {
        _sweepTimer.Dispose();
        _transaction.Dispose();
        _database.Dispose();
    }

    private void Run()
    {
        while (_queue.Take(_group, _options.MaxCommitBytes, block: !_sweeping))
        {
            var idle = _group.Count == 0;
            if (!idle)
            {
                CommitGroup();
                _group.Clear();
            }

            Housekeep(idle);
        }

        Finish();
        _ended.SetResult();
    }

    private void CommitGroup()
    {
        var start = Stopwatch.GetTimestamp();
        bool deletions;
        try
        {
            _transaction.Begin();
            foreach (var operation in _group)
            {
                operation.Apply(_transaction);
            }

            deletions = _transaction.HasDeletions;
            _transaction.Commit();
            _transaction.Publish();
        }
        catch (Exception exception)
        {
            Discard();
            LogCommitFailed(_logger, exception, _group.Count);
            var unavailable = new LogStoreUnavailableException("The log store could not commit; whether it was stored is unknown.", exception);
            Answers.Give(_group, operation => operation.Fail(unavailable));
            return;
        }

        Answers.Give(_group, static operation => operation.Complete());

        if (deletions)
        {
            ArmSweep();
        }

        LogCommitted(_logger, _group.Count, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private void Discard()
    {
        try
        {
            _transaction.Discard();
        }
        catch (DatabaseException exception)
        {
            // The next commit begins with another attempt.
            LogRollbackFailed(_logger, exception);
        }
    }

    private void Housekeep(bool idle)
    {
        try
        {
            if (_sweepDue)
            {
                (_sweepDue, _sweepArmed, _sweeping) = (false, false, true);
            }

            if (_sweeping && (idle || ++_commitsSinceSlice >= CommitsPerSlice))
            {
                _commitsSinceSlice = 0;
                _sweeping = _sweeper.Slice();
            }

            Checkpoint();
        }
        catch (DatabaseException exception)
        {
            // Nobody waits for it; it is tried again after the next commit, or in a while.
            LogHousekeepingFailed(_logger, exception);
            if (_sweeping)
            {
                _sweeping = false;
                ArmSweep();
            }
        }
    }

    // Copies the write-ahead log into the file, and the next commit begins it anew, unless a reader is in the middle of it: then what can be copied is.
    // Should it grow all the same, wait for the readers. It is done here, between commits, and on this connection: up to 3.51.2 SQLite could lose
    // a commit that began the write-ahead log anew while another connection was copying (sqlite.org/wal.html, "the WAL-reset bug").
    private void Checkpoint()
    {
        _walPages += _database.TakePagesWritten();
        if (_walPages >= _checkpointAt)
        {
            var (frames, copied) = _database.Checkpoint(_walFrames > 8 * _maxWalPages ? raw.SQLITE_CHECKPOINT_RESTART : raw.SQLITE_CHECKPOINT_PASSIVE);
            (_walFrames, _walPages) = (frames, frames - copied);
            _checkpointAt = _walPages + _maxWalPages;
        }
    }

    private void ArmSweep()
    {
        if (!_sweepArmed && !_sweeping)
        {
            _sweepArmed = true;
            _sweepTimer.Change(_options.SweepDelay, Timeout.InfiniteTimeSpan);
        }
    }

    private void Finish()
    {
        try
        {
            _transaction.Begin();
            _transaction.Commit(save: true);
            _transaction.Publish();
            _database.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE);
        }
        catch (DatabaseException exception)
        {
            // All is in the write-ahead log and in redo; the next start does it.
            Discard();
            LogFinishFailed(_logger, exception);
        }
    }
}
