using System.Collections.Concurrent;
using System.Threading.Channels;

using Holdfast.Grains.Logs;

namespace Holdfast.TestSupport.Logs;

/// <summary>A store whose appends wait until a test has decided what becomes of them.</summary>
/// <param name="inner">The real store.</param>
public sealed class HeldLogStore(ILogStore inner) : ILogStore
{
    private readonly Channel<HeldAppend> _arrived = Channel.CreateUnbounded<HeldAppend>();

    /// <summary>Which appends are held; all others go through at once.</summary>
    public Func<LogAppend, bool> Holds { get; set; } = static _ => false;

    /// <summary>While true every call fails, as if the store were away.</summary>
    public bool Away { get; set; }

    /// <summary>How often records were read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Every list that was asked for.</summary>
    public IReadOnlyCollection<LogQuery> Lists => _lists;

    /// <summary>How often logs were counted.</summary>
    public int Counts => Volatile.Read(ref _counts);

    private readonly ConcurrentQueue<LogQuery> _lists = new();

    private int _counts;

    private int _reads;

    /// <summary>The next append that is held.</summary>
    public Task<HeldAppend> NextAsync(string step) => _arrived.Reader.ReadAsync().AsTask().ForAsync(step);

    /// <inheritdoc />
    public async ValueTask<AppendResult> AppendAsync(LogAppend append)
    {
        ThrowIfAway();
        if (!Holds(append))
        {
            return await inner.AppendAsync(append);
        }

        var held = new HeldAppend(append);
        _arrived.Writer.TryWrite(held);
        var fault = await held.Decision;
        if (fault == LogFault.LostBeforeCommit)
        {
            throw new LogStoreUnavailableException("The line was cut on the way there.");
        }

        var answer = await inner.AppendAsync(append);
        return fault == LogFault.LostAfterCommit ? throw new LogStoreUnavailableException("The line was cut on the way back.") : answer;
    }

    /// <inheritdoc />
    public ValueTask<bool> CreateAsync(NewLog log, CancellationToken cancellationToken = default) => Through(() => inner.CreateAsync(log, cancellationToken));

    /// <inheritdoc />
    public ValueTask<OpenedLog?> OpenAsync(string id, CancellationToken cancellationToken = default) => Through(() => inner.OpenAsync(id, cancellationToken));

    /// <inheritdoc />
    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default) => Through(() => inner.DeleteAsync(id, cancellationToken));

    /// <inheritdoc />
    public ValueTask<LogState?> ReadHeadAsync(string id, CancellationToken cancellationToken = default) => Through(() => inner.ReadHeadAsync(id, cancellationToken));

    /// <inheritdoc />
    public ValueTask<LogPage?> ReadAsync(string id, long after, LogLimit limit, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _reads);
        return Through(() => inner.ReadAsync(id, after, limit, cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask<ReadOnlyMemory<byte>?> ReadBlobAsync(string id, string name, CancellationToken cancellationToken = default)
    {
        // Never at once: no store on a disk or behind a line answers so.
        await Task.Yield();
        return await Through(() => inner.ReadBlobAsync(id, name, cancellationToken));
    }

    /// <inheritdoc />
    public ValueTask<LogList> ListAsync(LogQuery query, CancellationToken cancellationToken = default)
    {
        _lists.Enqueue(query);
        return Through(() => inner.ListAsync(query, cancellationToken));
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyDictionary<string, long>> CountAsync(string name, IReadOnlyList<LogTag> tags, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _counts);
        return Through(() => inner.CountAsync(name, tags, cancellationToken));
    }

    private ValueTask<T> Through<T>(Func<ValueTask<T>> call)
    {
        ThrowIfAway();
        return call();
    }

    private void ThrowIfAway()
    {
        if (Away)
        {
            throw new LogStoreUnavailableException("The store is away.");
        }
    }
}

/// <summary>An append that waits for a test's decision.</summary>
public sealed class HeldAppend(LogAppend append)
{
    private readonly TaskCompletionSource<LogFault> _decision = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is to be appended.</summary>
    public LogAppend Append => append;

    internal Task<LogFault> Decision => _decision.Task;

    /// <summary>Lets it go, on a good line or a bad one.</summary>
    public void Release(LogFault fault = LogFault.None) => _decision.TrySetResult(fault);
}
