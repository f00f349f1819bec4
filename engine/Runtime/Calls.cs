using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>Something that runs as a turn: a call, or a tick of a timer.</summary>
internal interface ITurn
{
    /// <summary>Starts even while another turn is awaiting something.</summary>
    bool Interleaves { get; }

    /// <summary>Shows that the grain is in use.</summary>
    bool KeepsAlive { get; }

    /// <summary>Nobody waits for it any more: when it has not started yet, it never will.</summary>
    bool IsOver { get; }

    /// <summary>Runs on the host's scheduler; the host is told when it has ended.</summary>
    void Run(ITurnHost host);
}

/// <summary>Runs turns one after another.</summary>
internal interface ITurnHost
{
    /// <summary>The object whose method is called.</summary>
    object TargetOf(Method method);

    /// <summary>A turn threw; it has not been answered yet.</summary>
    void Failed(Exception exception);

    /// <summary>A turn has ended.</summary>
    void Ended(ITurn turn);
}

/// <summary>A call on its way: from this process, or from another one.</summary>
internal interface ICall : ITurn
{
    GrainId Target { get; }

    Method Method { get; }

    object?[] Arguments { get; }

    /// <summary>After this tick of the clock nobody waits any more.</summary>
    int Deadline { get; }

    /// <summary>How often it was sent on because the grain was not where it was thought to be.</summary>
    int Hops { get; set; }

    /// <summary>It ran on another silo than where it was sent to.</summary>
    void Moved(SiloAddress silo);

    /// <summary>Copies the arguments, once, where the caller shares them.</summary>
    void Isolate();

    /// <summary>Answers with what came over a link.</summary>
    void Succeed(ref Reader reader);

    void Fail(Exception exception);

    void TimeOut();
}

/// <summary>A call whose answer is a <typeparamref name="T"/>.</summary>
internal interface ICall<in T> : ICall
{
    void Succeed(T value);
}

/// <summary>A call from this process. It is the task that the caller awaits, wherever the call runs.</summary>
internal sealed class LocalCall<T>(Method<T> method, GrainProxy proxy, object?[] arguments)
    : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), ICall<T>
{
    private bool _isolated;

    public GrainId Target => proxy.Id;

    public Method Method => method;

    public object?[] Arguments => arguments;

    public int Deadline { get; private set; }

    public int Hops { get; set; }

    public bool Interleaves => method.Interleaves;

    public bool KeepsAlive => true;

    public bool IsOver => Task.IsCompleted;

    public Task<T> Send()
    {
        var node = proxy.Node;
        Deadline = node.Clock.DeadlineIn(method.Timeout ?? node.ResponseTimeout);
        try
        {
            if (node.Detour is { } detour)
            {
                // The caller must not be able to change the arguments while the call is held up.
                Isolate();
                detour(() => Route(node));
            }
            else
            {
                Route(node);
            }
        }
        catch (Exception e)
        {
            TrySetException(e);
        }

        return Task;
    }

    private void Route(Node node)
    {
        // The activation that answered last time is nearly always the one that answers this time.
        if (proxy.Activation is { } activation)
        {
            Isolate();
            if (activation.Enqueue(this))
            {
                return;
            }
        }

        node.Route(this, proxy);
    }

    public void Isolate()
    {
        if (!_isolated)
        {
            _isolated = true;
            method.CopyArguments(arguments);
        }
    }

    public void Run(ITurnHost host) => method.Run(this, host);

    public void Succeed(T value) => TrySetResult(method.CopyResult(value));

    public void Succeed(ref Reader reader)
    {
        if (method.Result is not { } codec)
        {
            TrySetResult(default!);
            return;
        }

        try
        {
            TrySetResult((T)codec.ReadObject(ref reader)!);
        }
        catch (Exception e)
        {
            TrySetException(e);
        }
    }

    public void Moved(SiloAddress silo) => proxy.Node.Locator.Note(Target, silo);

    public void Fail(Exception exception) => TrySetException(exception);

    public void TimeOut() => TrySetException(proxy.Node.TimedOut(this));
}
