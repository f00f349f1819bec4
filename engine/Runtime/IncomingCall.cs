using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>What a call that came over a link has, whatever it answers.</summary>
internal sealed record IncomingCall(Link Link, long Number, GrainId Target, object?[] Arguments, int Deadline, int Hops);

/// <summary>A call that came over a link, and is answered over it.</summary>
internal sealed class IncomingCall<T>(Method<T> method, IncomingCall call) : ICall<T>
{
    private int _over;

    public GrainId Target => call.Target;

    public Method Method => method;

    public Method<T> TypedMethod => method;

    public object?[] Arguments => call.Arguments;

    public int Deadline => call.Deadline;

    public long Number => call.Number;

    public int Hops { get; set; } = call.Hops;

    /// <summary>Where the grain was found, when it was not here.</summary>
    public SiloAddress? MovedTo { get; private set; }

    public bool Interleaves => method.Interleaves;

    public bool KeepsAlive => true;

    public bool IsOver => Volatile.Read(ref _over) != 0;

    public void Isolate()
    {
        // The arguments were read for this call alone.
    }

    public void Run(ITurnHost host) => method.Run(this, host);

    public void Moved(SiloAddress silo)
    {
        MovedTo = silo;
        call.Link.Node.Locator.Note(Target, silo);
    }

    public void Succeed(T value)
    {
        // An answer that cannot be written is followed by its failure, so it counts only once it was sent.
        if (!IsOver)
        {
            call.Link.Answer(this, value);
            Volatile.Write(ref _over, 1);
        }
    }

    public void Succeed(ref Reader reader)
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            call.Link.Relay(Number, MovedTo, reader.Raw(reader.Remaining));
        }
    }

    public void Fail(Exception exception)
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            call.Link.Answer(Number, MovedTo, exception);
        }
    }

    /// <summary>Nobody waits for the answer any more; the caller has its own clock.</summary>
    public void TimeOut()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0)
        {
            call.Link.Drop();
        }
    }
}
