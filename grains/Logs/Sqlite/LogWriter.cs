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

    // A writer that is as fast as the checkpointer does the rest itself after so many passes.
    private const int MaxPasses = 3;

    private readonly SqliteLogOptions _options;
    private readonly WriteQueue _queue;
    private readonly ILogger _logger;
    private readonly Database _database;
    private readonly LogTransaction _transaction;
    private readonly Sweeper _sweeper;
    private readonly Checkpointer _checkpointer;
    private readonly long _maxWalPages;
    private readonly ITimer _sweepTimer;
    private readonly List<WriteOperation> _group = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _sweepDue;
    private bool _sweepArmed;
    private bool _sweeping;
    private int _commitsSinceSlice;

    // Pages in the write-ahead log that are not copied, and all that are in it.
    private long _walPages;
    private long _walFrames;
    private int _passes;

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
                throw new LogStoreSetupException($"The disk of {path} can't keep a write-ahead log (journal mode {mode}). Give {nameof(SqliteLogOptions)}.{nameof(SqliteLogOptions.Folder)} a folder on a local disk.");
            }

            _database.Execute($"PRAGMA synchronous={(options.Synchronous == SqliteSync.Full ? "FULL" : "NORMAL")}");
            _database.Execute("PRAGMA wal_autocheckpoint=0");
            _database.Execute("PRAGMA cache_size=-32768");
            _transaction = new LogTransaction(_database, cache);
            _sweeper = new Sweeper(_database);
            RecoveredLogs = _transaction.Recover();
            _database.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE);
            _database.TakePagesWritten();
            _maxWalPages = options.CheckpointBytes / Schema.PageSize;
            _checkpointer = new Checkpointer(path, queue.Wake, exception => LogHousekeepingFailed(logger, exception));
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
        _checkpointer.Dispose();
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
            foreach (var operation in _group)
            {
                operation.Fail(new LogStoreUnavailableException("The log store could not commit; whether it was stored is unknown.", exception));
            }

            return;
        }

        foreach (var operation in _group)
        {
            operation.Complete();
        }

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

    private void Checkpoint()
    {
        _walPages += _database.TakePagesWritten();
        if (_checkpointer.TakeCopied() is { } copied)
        {
            if (_walPages - copied < _maxWalPages / 4 || ++_passes == MaxPasses)
            {
                FinishCheckpoint();
            }
            else
            {
                _checkpointer.Ask();
            }
        }
        else if (_walPages > _maxWalPages && !_checkpointer.IsBusy)
        {
            _checkpointer.Ask();
        }
    }

    // When all is copied, the next commit begins the write-ahead log anew, unless a reader is in the middle of it. Should it grow all the same,
    // wait for the readers.
    private void FinishCheckpoint()
    {
        _passes = 0;
        var (frames, copied) = _database.Checkpoint(_walFrames > 8 * _maxWalPages ? raw.SQLITE_CHECKPOINT_RESTART : raw.SQLITE_CHECKPOINT_PASSIVE);
        (_walFrames, _walPages) = (frames, frames - copied);
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
