using StackExchange.Redis;

namespace Holdfast.Grains.Logs.Redis;

/// <summary>The connection to Redis, which the driver keeps up, and a time limit for everything that is asked over it.</summary>
internal sealed class RedisLink : IAsyncDisposable
{
    private readonly RedisLogOptions _options;
    private readonly TimeProvider _time;
    private readonly ConnectionMultiplexer _connection;

    /// <summary>Connects, without waiting for Redis to be there.</summary>
    public RedisLink(RedisLogOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _connection = ConnectionMultiplexer.Connect(options.Parse());
        Database = _connection.GetDatabase();
    }

    /// <summary>What commands are given to.</summary>
    public IDatabase Database { get; }

    /// <summary>Whether this is a Redis Cluster: what one script touches has to be in one slot.</summary>
    public bool HasSlots => _connection.GetServers().Any(server => server.ServerType == ServerType.Cluster);

    /// <summary>Asks Redis, for a limited time. An answer takes no turn of the grain that asks; only what the grain does with it does.</summary>
    /// <exception cref="LogStoreUnavailableException">Redis, or the way to it, failed: the outcome is unknown.</exception>
    public async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().WaitAsync(_options.OperationTimeout, _time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            throw new LogStoreUnavailableException("Redis did not answer, or not in time.", e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
