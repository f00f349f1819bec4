using Microsoft.Extensions.Logging;

using StackExchange.Redis;

namespace Holdfast.Grains.Logs.Redis;

/// <summary>
/// The connection to Redis. The driver connects again by itself, but after cuts at unlucky moments it has been seen not to, for ever: a connection that
/// gives nothing but failures for <see cref="RedisLogOptions.ReplaceAfter"/> is replaced by a new one, one at a time.
/// </summary>
internal sealed partial class RedisLink : IAsyncDisposable
{
    private readonly RedisLogOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile ConnectionMultiplexer _connection;
    private volatile IDatabase _database;
    private long _failingSince;
    private int _replacing;
    private int _stopped;

    /// <summary>Connects, without waiting for Redis to be there.</summary>
    public RedisLink(RedisLogOptions options, TimeProvider time, ILogger logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _connection = ConnectionMultiplexer.Connect(options.Parse());
        _database = _connection.GetDatabase();
    }

    /// <summary>What commands are given to. Not to be kept.</summary>
    public IDatabase Database => _database;

    /// <summary>Asks Redis, for a limited time. An answer takes no turn of the grain that asks; only what the grain does with it does.</summary>
    /// <exception cref="LogStoreUnavailableException">Whatever Redis and the way to it did wrong: the outcome is unknown.</exception>
    public async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            var answer = await ask().WaitAsync(_options.OperationTimeout, _time).ConfigureAwait(false);
            Answered();
            return answer;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            if (e is RedisServerException)
            {
                // It can't now, as while it loads or its disk is full; but it has answered.
                Answered();
            }
            else
            {
                Failed();
            }

            throw new LogStoreUnavailableException("Redis did not answer, or not in time.", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A store is known by several names, and disposed of under each.
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            await _connection.CloseAsync();
            _connection.Dispose();
        }
    }

    private void Answered()
    {
        if (Volatile.Read(ref _failingSince) != 0)
        {
            Volatile.Write(ref _failingSince, 0);
        }
    }

    private void Failed()
    {
        var since = Interlocked.CompareExchange(ref _failingSince, _time.GetTimestamp(), 0);
        if (since != 0 && _time.GetElapsedTime(since) >= _options.ReplaceAfter && Interlocked.Exchange(ref _replacing, 1) == 0)
        {
            _ = ReplaceAsync();
        }
    }

    private async Task ReplaceAsync()
    {
        try
        {
            var next = await ConnectionMultiplexer.ConnectAsync(_options.Parse());
            if (Volatile.Read(ref _stopped) != 0)
            {
                next.Dispose();
                return;
            }

            var before = _connection;
            (_connection, _database) = (next, next.GetDatabase());
            Replaced(_logger, _options.ReplaceAfter);
            await before.CloseAsync(allowCommandsToComplete: false);
            before.Dispose();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            NotReplaced(_logger, e);
        }
        finally
        {
            Volatile.Write(ref _failingSince, 0);
            Volatile.Write(ref _replacing, 0);
        }
    }
}
