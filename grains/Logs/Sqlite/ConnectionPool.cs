using System.Collections.Concurrent;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>The reading connections: so many at most, made when they are needed. Who finds all in use waits for one.</summary>
internal sealed class ConnectionPool(int size, Func<LogConnection> open) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(size);
    private readonly ConcurrentStack<LogConnection> _idle = new();
    private volatile bool _closed;

    /// <summary>
    /// Reads something. It runs on the caller's thread: a page is a few milliseconds out of the operating system's cache,
    /// less than a hop to another thread and back costs under load.
    /// </summary>
    public async ValueTask<T> ReadAsync<TArgument, T>(TArgument argument, Func<LogConnection, TArgument, T> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        LogConnection? connection = null;
        try
        {
            if (_closed)
            {
                throw new LogStoreUnavailableException("The log store is closed.");
            }

            if (!_idle.TryPop(out connection))
            {
                connection = open();
            }

            var answer = read(connection, argument);
            _idle.Push(connection);
            return answer;
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            if (exception is DatabaseException or ChunkGoneException)
            {
                throw new LogStoreUnavailableException("The log store could not read.", exception);
            }

            throw;
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for the reads that run, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        for (var i = 0; i < size; i++)
        {
            await _free.WaitAsync();
        }

        while (_idle.TryPop(out var connection))
        {
            connection.Dispose();
        }

        _free.Release(size);
    }
}
