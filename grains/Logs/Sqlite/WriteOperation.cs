using System.Threading.Tasks.Sources;

namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>One change on its way to the writer, and the caller who waits for it.</summary>
internal abstract class WriteOperation
{
    /// <summary>About how many bytes it brings.</summary>
    public abstract long Size { get; }

    /// <summary>Does it, on the writer's thread, within a commit.</summary>
    public abstract void Apply(LogTransaction transaction);

    /// <summary>The commit is done: gives the caller his answer.</summary>
    public abstract void Complete();

    /// <summary>The commit failed.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>
/// A change with an answer, which is awaited once. The caller's continuation runs where <see cref="WriteOperation.Complete"/> is called; the writer
/// calls it on the thread pool, for many changes one after the other.
/// </summary>
internal abstract class WriteOperation<T> : WriteOperation, IValueTaskSource<T>
{
    private ManualResetValueTaskSourceCore<T> _answered;
    private T _answer = default!;

    /// <summary>The answer, when the commit is done.</summary>
    public ValueTask<T> Answer => new(this, _answered.Version);

    /// <inheritdoc />
    public override void Apply(LogTransaction transaction) => _answer = Do(transaction);

    /// <inheritdoc />
    public override void Complete() => _answered.SetResult(_answer);

    /// <inheritdoc />
    public override void Fail(Exception exception) => _answered.SetException(exception);

    /// <inheritdoc />
    T IValueTaskSource<T>.GetResult(short token) => _answered.GetResult(token);

    /// <inheritdoc />
    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _answered.GetStatus(token);

    /// <inheritdoc />
    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answered.OnCompleted(continuation, state, token, flags);

    /// <summary>Does it.</summary>
    protected abstract T Do(LogTransaction transaction);
}

/// <summary>See <see cref="ILogStore.CreateAsync"/>.</summary>
internal sealed class CreateOperation(NewLog log) : WriteOperation<bool>
{
    public override long Size => 1000 + log.Head.Length + (log.Blob?.Bytes.Length ?? 0);

    protected override bool Do(LogTransaction transaction) => transaction.Create(log);
}

/// <summary>See <see cref="ILogStore.OpenAsync"/>.</summary>
internal sealed class OpenOperation(string id) : WriteOperation<OpenedLog?>
{
    public override long Size => 500;

    protected override OpenedLog? Do(LogTransaction transaction) => transaction.Open(id);
}

/// <summary>See <see cref="ILogStore.AppendAsync"/>.</summary>
internal sealed class AppendOperation(LogAppend append) : WriteOperation<AppendResult>
{
    public override long Size => 500 + append.Records.Bytes.Length + (append.Head?.Length ?? 0) + (append.Blob?.Bytes.Length ?? 0);

    protected override AppendResult Do(LogTransaction transaction) => transaction.Append(append);
}

/// <summary>See <see cref="ILogStore.DeleteAsync"/>.</summary>
internal sealed class DeleteOperation(string id) : WriteOperation<bool>
{
    public override long Size => 500;

    protected override bool Do(LogTransaction transaction) => transaction.Delete(id);
}
