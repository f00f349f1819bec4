using Holdfast.Grains.Logs.Sqlite;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tests.Logs.Contract;
using Holdfast.TestSupport;

using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Grains.Tests.Logs;

public sealed class SqliteLogStoreTests : LogStoreContract
{
    private readonly TempFolder _folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override ValueTask<ILogStore> OpenStoreAsync() =>
        new(SqliteLogStore.Open(new SqliteLogOptions { Folder = _folder.Path }, TimeProvider.System, NullLogger<SqliteLogStore>.Instance));
}

/// <summary>The same with no memory to spare: rows are saved, logs forgotten, deleted ones swept away and the write-ahead log copied all the time.</summary>
public sealed class SqliteLogStoreWithoutMemoryTests : LogStoreContract
{
    private readonly TempFolder _folder = new();

    protected override int ModelRuns => 60;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override ValueTask<ILogStore> OpenStoreAsync()
    {
        var options = new SqliteLogOptions
        {
            Folder = _folder.Path,
            Synchronous = SqliteSync.Normal,
            MaxQueueBytes = 1,
            MaxCommitBytes = 1,
            Readers = 1,
            ReaderCacheBytes = 1,
            CheckpointBytes = 100_000,
            UnsavedBytes = 1000,
            CacheBytes = 1000,
            SweepDelay = TimeSpan.Zero,
        };
        return new(SqliteLogStore.Open(options, TimeProvider.System, NullLogger<SqliteLogStore>.Instance));
    }
}

/// <summary>The same over many restarts and crashes.</summary>
public sealed class SqliteLogStoreOverRestartsTests : LogStoreContract
{
    protected override int ModelRuns => 60;

    protected override ValueTask<ILogStore> OpenStoreAsync() => new(new RestartingLogStore(new SqliteLogOptions { Synchronous = SqliteSync.Normal }));
}
