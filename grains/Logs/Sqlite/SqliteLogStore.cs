using Holdfast.Grains.Setup;

using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// Logs in an SQLite file: the embedded default. One thread writes, and puts everything that waits into one commit, for whatever logs;
/// reads go beside it and never wait for it. The folder belongs to one store at a time.
/// </summary>
public sealed class SqliteLogStore : ILogStore, IAsyncDisposable
{
    private readonly FolderLock _lock;
    private readonly WriteQueue _queue;
    private readonly LogWriter _writer;
    private readonly LogCache _cache;
    private readonly ConnectionPool _readers;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Task? _closing;

    private SqliteLogStore(FolderLock folder, SqliteLogOptions options, TimeProvider time, ILogger logger)
    {
        var path = Path.Combine(options.Folder, "holdfast.db");
        (_lock, _logger) = (folder, logger);
        _queue = new WriteQueue(options.MaxQueueBytes, options.CommitDelay, options.CommitSiblings);
        _cache = new LogCache(options.UnsavedBytes, options.CacheBytes);
        _writer = new LogWriter(path, options, _queue, _cache, time, logger);
        _readers = new ConnectionPool(options.Readers, () => new LogConnection(path, options.ReaderCacheBytes, _cache));
        SqliteLogStoreLog.Opened(logger, path, _writer.RecoveredLogs);
    }

    /// <summary>Opens the store in a folder, and makes it where there is none.</summary>
    /// <param name="options">Where, and how.</param>
    /// <param name="time">The clock by which deleted logs are swept away.</param>
    /// <param name="logger">Where commits that fail are reported.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option has no usable value.</exception>
    /// <exception cref="LogStoreSetupException">The folder is in use or not usable, or the file in it is of a newer version.</exception>
    public static SqliteLogStore Open(SqliteLogOptions options, TimeProvider time, ILogger<SqliteLogStore> logger)
    {
        OptionSections.Check(options);
        var folder = FolderLock.Take(options.Folder);
        try
        {
            return new SqliteLogStore(folder, options, time, logger);
        }
        catch (DatabaseException exception)
        {
            folder.Dispose();
            throw new LogStoreSetupException(
                $"The log store in '{options.Folder}' can't be opened: {exception.Message} Look after the disk and the file, or give "
                + $"{nameof(SqliteLogOptions)}.{nameof(SqliteLogOptions.Folder)} another folder.",
                exception);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> CreateAsync(NewLog log, CancellationToken cancellationToken = default)
    {
        LogRules.Check(log);
        return WriteAsync(new CreateOperation(log), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<OpenedLog?> OpenAsync(string id, CancellationToken cancellationToken = default) => WriteAsync(new OpenOperation(id), cancellationToken);

    /// <inheritdoc />
    public ValueTask<AppendResult> AppendAsync(LogAppend append)
    {
        LogRules.Check(append);
        return WriteAsync(new AppendOperation(append), CancellationToken.None);
    }

    /// <inheritdoc />
    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default) => WriteAsync(new DeleteOperation(id), cancellationToken);

    /// <inheritdoc />
    public ValueTask<LogState?> ReadHeadAsync(string id, CancellationToken cancellationToken = default) =>
        _cache.Find(id) is { } log ? new(log.State) : _readers.ReadAsync(id, static (connection, id) => connection.Head(id), cancellationToken);

    /// <inheritdoc />
    public ValueTask<LogPage?> ReadAsync(string id, long after, LogLimit limit, CancellationToken cancellationToken = default)
    {
        LogRules.Check(after, limit);
        return _readers.ReadAsync((id, after, limit), static (connection, it) => connection.Page(it.id, it.after, it.limit), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<ReadOnlyMemory<byte>?> ReadBlobAsync(string id, string name, CancellationToken cancellationToken = default)
    {
        var bytes = await _readers.ReadAsync((id, name), static (connection, it) => connection.Blob(it.id, it.name), cancellationToken);
        return bytes is null ? default(ReadOnlyMemory<byte>?) : bytes;
    }

    /// <inheritdoc />
    public ValueTask<LogList> ListAsync(LogQuery query, CancellationToken cancellationToken = default)
    {
        LogRules.Check(query);
        return _readers.ReadAsync(query, static (connection, query) => connection.List(query), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyDictionary<string, long>> CountAsync(string name, IReadOnlyList<LogTag> tags, CancellationToken cancellationToken = default)
    {
        LogRules.Check(name, tags);
        return await _readers.ReadAsync((name, tags), static (connection, it) => connection.Count(it.name, it.tags), cancellationToken);
    }

    /// <summary>Takes no more changes, commits those that are waiting, brings the file up to date and closes it.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new(_closing ??= CloseAsync());
        }
    }

    private ValueTask<T> WriteAsync<T>(WriteOperation<T> operation, CancellationToken cancellationToken)
    {
        var entered = _queue.EnterAsync(operation, cancellationToken);
        return entered is { IsCompletedSuccessfully: true, Result: true } ? operation.Answer : WaitAsync(entered);

        async ValueTask<T> WaitAsync(ValueTask<bool> entered) =>
            await entered ? await operation.Answer : throw new LogStoreUnavailableException("The log store is closed; nothing was stored.");
    }

    private async Task CloseAsync()
    {
        _queue.Close();
        await _readers.DisposeAsync();
        await _writer.Ended;
        _cache.Clear();
        _writer.Dispose();
        _lock.Dispose();
        SqliteLogStoreLog.Closed(_logger);
    }
}
