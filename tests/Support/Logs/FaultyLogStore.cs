using Holdfast.Grains.Logs;

namespace Holdfast.TestSupport.Logs;

/// <summary>What happens to one change on its way to a store.</summary>
public enum LogFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The change does not arrive, and its maker is not told so.</summary>
    LostBeforeCommit,

    /// <summary>The change is stored, and its maker is not told so.</summary>
    LostAfterCommit,
}

/// <summary>A store over a bad line: it hands everything to <paramref name="inner"/>, and loses what <paramref name="next"/> says.</summary>
/// <param name="inner">The real store.</param>
/// <param name="next">Asked once for every change.</param>
public sealed class FaultyLogStore(ILogStore inner, Func<LogFault> next) : ILogStore
{
    /// <inheritdoc />
    public ValueTask<bool> CreateAsync(NewLog log, CancellationToken cancellationToken = default) => Change(() => inner.CreateAsync(log, cancellationToken));

    /// <inheritdoc />
    public ValueTask<OpenedLog?> OpenAsync(string id, CancellationToken cancellationToken = default) => Change(() => inner.OpenAsync(id, cancellationToken));

    /// <inheritdoc />
    public ValueTask<AppendResult> AppendAsync(LogAppend append) => Change(() => inner.AppendAsync(append));

    /// <inheritdoc />
    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default) => Change(() => inner.DeleteAsync(id, cancellationToken));

    /// <inheritdoc />
    public ValueTask<LogState?> ReadHeadAsync(string id, CancellationToken cancellationToken = default) => inner.ReadHeadAsync(id, cancellationToken);

    /// <inheritdoc />
    public ValueTask<LogPage?> ReadAsync(string id, long after, LogLimit limit, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(id, after, limit, cancellationToken);

    /// <inheritdoc />
    public ValueTask<ReadOnlyMemory<byte>?> ReadBlobAsync(string id, string name, CancellationToken cancellationToken = default) =>
        inner.ReadBlobAsync(id, name, cancellationToken);

    /// <inheritdoc />
    public ValueTask<LogList> ListAsync(LogQuery query, CancellationToken cancellationToken = default) => inner.ListAsync(query, cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyDictionary<string, long>> CountAsync(string name, IReadOnlyList<LogTag> tags, CancellationToken cancellationToken = default) =>
        inner.CountAsync(name, tags, cancellationToken);

    private async ValueTask<T> Change<T>(Func<ValueTask<T>> change)
    {
        var fault = next();
        if (fault == LogFault.LostBeforeCommit)
        {
            throw new LogStoreUnavailableException("The line was cut on the way there.");
        }

        var answer = await change();
        return fault == LogFault.LostAfterCommit ? throw new LogStoreUnavailableException("The line was cut on the way back.") : answer;
    }
}
