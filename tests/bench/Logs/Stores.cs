using System.Diagnostics;

using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs.Redis;
using Holdfast.Grains.Logs.Sqlite;
using Holdfast.Grains.Logs;
using Holdfast.TestSupport;

using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.LogBench;

/// <summary>A store that is measured, with whatever it needs.</summary>
internal sealed class Stores : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private RedisServer? _redis;

    /// <summary>The store.</summary>
    public ILogStore Store { get; private set; } = new MemoryLogStore();

    /// <summary>Opens a new one.</summary>
    /// <param name="kind"><c>memory</c>, <c>sqlite</c>, <c>sqlite-normal</c> or <c>redis</c>.</param>
    public static async Task<Stores> OpenAsync(string kind)
    {
        var stores = new Stores();
        switch (kind)
        {
            case "memory":
                break;
            case "redis":
                stores._redis = await RedisServer.StartAsync();
                stores.Store = RedisLogStore.Open(new RedisLogOptions { Configuration = stores._redis.Configuration }, TimeProvider.System, NullLogger<RedisLogStore>.Instance);
                break;
            default:
                stores.Store = stores.OpenSqlite(kind);
                break;
        }

        return stores;
    }

    /// <summary>Opens the same files.</summary>
    public SqliteLogStore OpenSqlite(string kind) => SqliteLogStore.Open(
        new SqliteLogOptions { Folder = _folder.Path, Synchronous = kind == "sqlite-normal" ? SqliteSync.Normal : SqliteSync.Full },
        TimeProvider.System,
        NullLogger<SqliteLogStore>.Instance);

    /// <summary>Processor time that its Redis has spent.</summary>
    public TimeSpan RedisCpu()
    {
        if (_redis is not { Id: { } id })
        {
            return default;
        }

        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Store is IAsyncDisposable store)
        {
            await store.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _folder.Dispose();
    }
}
