using Holdfast.Grains.Logs;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>A reader whose answers, while they are held, are those of the moment of the question and come when a test lets them.</summary>
internal sealed class LateReader(ILogReader inner) : ILogReader
{
    private TaskCompletionSource? _held;

    /// <summary>How often records were read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    private int _reads;

    /// <summary>Holds the answers to reads of records from now on.</summary>
    public void Hold() => _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets them go.</summary>
    public void Release()
    {
        _held?.SetResult();
        _held = null;
    }

    public async ValueTask<LogPage?> ReadAsync(string id, long after, LogLimit limit, CancellationToken cancellationToken = default)
    {
        var held = _held;
        var page = await inner.ReadAsync(id, after, limit, cancellationToken);
        Interlocked.Increment(ref _reads);
        if (held is not null)
        {
            await held.Task;
        }

        return page;
    }

    public ValueTask<LogState?> ReadHeadAsync(string id, CancellationToken cancellationToken = default) => inner.ReadHeadAsync(id, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> ReadBlobAsync(string id, string name, CancellationToken cancellationToken = default) =>
        inner.ReadBlobAsync(id, name, cancellationToken);

    public ValueTask<LogList> ListAsync(LogQuery query, CancellationToken cancellationToken = default) => inner.ListAsync(query, cancellationToken);

    public ValueTask<IReadOnlyDictionary<string, long>> CountAsync(string name, IReadOnlyList<LogTag> tags, CancellationToken cancellationToken = default) =>
        inner.CountAsync(name, tags, cancellationToken);
}
