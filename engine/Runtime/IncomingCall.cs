using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>What a call that came over a link has, whatever it answers.</summary>
internal sealed record IncomingCall(GrainId Target, object?[] Arguments, int Deadline, int Hops, long Number);

/// <summary>A call that came over a link, and goes back over it.</summary>
internal sealed class IncomingCall<T>(Method<T> method, IncomingCall call) : ICall<T>
{
    public GrainId Target => call.Target;

    public Method Method => method;

    public object?[] Arguments => call.Arguments;

    public int Deadline => call.Deadline;

    public int Hops { get; set; } = call.Hops;

    public bool Interleaves => method.Interleaves;

    public bool KeepsAlive => true;

    public bool IsOver { get; private set; }

    public void Isolate()
    {
        // The arguments were read for this call alone.
    }

    public void Run(ITurnHost host) => method.Run(this, host);

    public void Succeed(T value) => throw new NotSupportedException();

    public void Succeed(ref Reader reader) => throw new NotSupportedException();

    public void Fail(Exception exception) => throw new NotSupportedException();

    public void TimeOut() => IsOver = true;
}
