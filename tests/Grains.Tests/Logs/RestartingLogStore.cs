using Holdfast.Grains.Logs.Sqlite;
using Holdfast.Grains.Logs;
using Holdfast.TestSupport;

using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Grains.Tests.Logs;

/// <summary>
/// An SQLite store whose process ends after every few changes, now closing the store and now not: a crash is what the files are at a moment
/// when nothing is being written, opened elsewhere.
/// </summary>
internal sealed class RestartingLogStore : ILogStore, IAsyncDisposable
{
    private const int ChangesPerLife = 17;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly SqliteLogOptions _options;
    private TempFolder _folder = new();
    private SqliteLogStore _store;
    private int _changes;

    public RestartingLogStore(SqliteLogOptions options)
    {
        _options = options;
        _store = Open();
    }

    public ValueTask<bool> CreateAsync(NewLog log, CancellationToken cancellationToken = default) =>
        ChangeAsync(store => store.CreateAsync(log, cancellationToken));

    public ValueTask<OpenedLog?> OpenAsync(string id, CancellationToken cancellationToken = default) =>
        ChangeAsync(store => store.OpenAsync(id, cancellationToken));

    public ValueTask<AppendResult> AppendAsync(LogAppend append) => ChangeAsync(store => store.AppendAsync(append));

    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        ChangeAsync(store => store.DeleteAsync(id, cancellationToken));

    public ValueTask<LogState?> ReadHeadAsync(string id, CancellationToken cancellationToken = default) =>
        DoAsync(store => store.ReadHeadAsync(id, cancellationToken));

    public ValueTask<LogPage?> ReadAsync(string id, long after, LogLimit limit, CancellationToken cancellationToken = default) =>
        DoAsync(store => store.ReadAsync(id, after, limit, cancellationToken));

    public ValueTask<ReadOnlyMemory<byte>?> ReadBlobAsync(string id, string name, CancellationToken cancellationToken = default) =>
        DoAsync(store => store.ReadBlobAsync(id, name, cancellationToken));

    public ValueTask<LogList> ListAsync(LogQuery query, CancellationToken cancellationToken = default) =>
        DoAsync(store => store.ListAsync(query, cancellationToken));

    public ValueTask<IReadOnlyDictionary<string, long>> CountAsync(string name, IReadOnlyList<LogTag> tags, CancellationToken cancellationToken = default) =>
        DoAsync(store => store.CountAsync(name, tags, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
        _gate.Dispose();
    }

    private async ValueTask<T> DoAsync<T>(Func<SqliteLogStore, ValueTask<T>> act)
    {
        await _gate.WaitAsync();
        try
        {
            return await act(_store);
        }
        finally
        {
            _gate.Release();
        }
    }

    private ValueTask<T> ChangeAsync<T>(Func<SqliteLogStore, ValueTask<T>> change) => DoAsync(async store =>
    {
        var answer = await change(store);
        if (++_changes % ChangesPerLife == 0)
        {
            await RestartAsync(crash: _changes % (3 * ChangesPerLife) != 0);
        }

        return answer;
    });

    private async Task RestartAsync(bool crash)
    {
        var copy = new TempFolder();
        if (crash)
        {
            Copy(_folder.Path, copy.Path);
        }

        await _store.DisposeAsync();
        if (!crash)
        {
            Copy(_folder.Path, copy.Path);
        }

        _folder.Dispose();
        _folder = copy;
        _store = Open();
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "holdfast.db*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private SqliteLogStore Open()
    {
        _options.Folder = _folder.Path;
        return SqliteLogStore.Open(_options, TimeProvider.System, NullLogger<SqliteLogStore>.Instance);
    }
}
