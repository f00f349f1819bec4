using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Holdfast.Engine;

/// <summary>What a frame is; its first byte.</summary>
internal enum FrameKind
{
    Request = 1,
    Response,
    Error,
    Ping,
    Pong,

    /// <summary>A silo leaves: send it nothing new.</summary>
    Bye,

    /// <summary>Nothing new will come.</summary>
    ByeHeard,
}

/// <summary>
/// A connection between two nodes: calls go out under a number and are answered under it, both ways.
/// At most once: what was under way when a link broke has an unknown outcome.
/// </summary>
internal abstract class Link : ISwept
{
    private readonly ConcurrentDictionary<long, ICall> _pending = new();
    private readonly Lock _sending = new();
    private readonly TaskCompletionSource _byeHeard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _number;
    private int _incoming;
    private int _heardAt;
    private bool _closed;
    private bool _leaving;

    protected Link(Node node, string peer, SiloAddress? silo)
    {
        Node = node;
        Peer = peer;
        Silo = silo;
        _heardAt = node.Clock.Now;
        node.Clock.Watch(this);
    }

    public Node Node { get; }

    /// <summary>The other node's name.</summary>
    public string Peer { get; }

    /// <summary>The other node's address, when it is a silo.</summary>
    public SiloAddress? Silo { get; }

    /// <summary>It is neither broken nor about to be closed.</summary>
    public bool IsOpen => !_closed && !_leaving;

    public bool IsClosed => _closed;

    /// <summary>The other side said goodbye.</summary>
    public bool IsLeaving => _leaving;

    /// <summary>The other side has answered, at least once.</summary>
    public virtual bool IsConnected => true;

    /// <summary>It is open, and the other side has answered.</summary>
    public bool IsReady => IsOpen && IsConnected;

    /// <summary>Calls of the other side that it still waits for.</summary>
    public int Incoming => Volatile.Read(ref _incoming);

    /// <summary>Completes when the other side said that nothing new will come.</summary>
    public Task ByeHeard => _byeHeard.Task;

    /// <summary>Sends a call. False when the link does not take it: nothing was sent then.</summary>
    public bool TrySend(ICall call)
    {
        var number = Interlocked.Increment(ref _number);
        using var writer = Writer.Rent();
        writer.Varint((uint)FrameKind.Request);
        writer.Varint((ulong)number);
        writer.Fixed32(call.Method.Table.Id);
        writer.Varint((uint)call.Method.Number);
        GrainIdCodec.Write(writer, call.Target);
        writer.Varint((ulong)Math.Max(0, call.Deadline - Node.Clock.Now));
        writer.Varint((uint)call.Hops);
        call.Method.WriteArguments(writer, call.Arguments);
        CheckSize(writer, call.Method);
        lock (_sending)
        {
            if (!IsOpen)
            {
                return false;
            }

            _pending[number] = call;
            Push(writer.Memory);
        }

        return true;
    }

    public void Answer<T>(IncomingCall<T> call, T value)
    {
        using var writer = Writer.Rent();
        Head(writer, FrameKind.Response, call.Number, call.MovedTo);
        call.TypedMethod.Result?.Write(writer, 0, value);
        CheckSize(writer, call.Method);
        Reply(writer);
    }

    public void Answer(long number, SiloAddress? movedTo, Exception exception)
    {
        using var writer = Writer.Rent();
        Head(writer, FrameKind.Error, number, movedTo);
        Exceptions.Write(writer, exception, 0);
        Reply(writer);
    }

    /// <summary>Passes on what another node answered.</summary>
    public void Relay(long number, SiloAddress? movedTo, ReadOnlySpan<byte> payload)
    {
        using var writer = Writer.Rent();
        Head(writer, FrameKind.Response, number, movedTo);
        writer.Raw(payload);
        Reply(writer);
    }

    /// <summary>One call of the other side is off: nobody will answer it.</summary>
    public void Drop() => Interlocked.Decrement(ref _incoming);

    /// <summary>Tells the other side to send nothing new.</summary>
    public void SayBye() => Signal(FrameKind.Bye);

    /// <summary>Breaks the link: what was under way over it has an unknown outcome.</summary>
    public void Close(string reason, Exception? exception = null)
    {
        lock (_sending)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        _byeHeard.TrySetResult();
        Shut();
        Node.Links.Closed(this, reason, exception);
        foreach (var number in _pending.Keys)
        {
            if (_pending.TryRemove(number, out var call))
            {
                call.Fail(Lost(call, reason, exception));
            }
        }
    }

    public bool Sweep(int now)
    {
        foreach (var (number, call) in _pending)
        {
            if (call.Deadline <= now && _pending.TryRemove(number, out _))
            {
                call.TimeOut();
            }
        }

        if (!_closed && now - _heardAt > Node.SilenceLimit)
        {
            Close("nothing was heard from it for too long");
        }
        else if (!_closed && now - _heardAt > Node.SilenceLimit / 4)
        {
            Signal(FrameKind.Ping);
        }

        return !_closed || !_pending.IsEmpty;
    }

    public override string ToString() => Peer;

    /// <summary>Brings a frame on its way; called one at a time. The bytes are only lent.</summary>
    protected abstract void Push(ReadOnlyMemory<byte> frame);

    /// <summary>Frees what lies under the link.</summary>
    protected abstract void Shut();

    /// <summary>Takes a frame from the other side.</summary>
    protected void Take(ReadOnlySpan<byte> frame)
    {
        _heardAt = Node.Clock.Now;
        var reader = new Reader(frame, Node);
        switch ((FrameKind)reader.Varint())
        {
            case FrameKind.Request:
                TakeRequest(ref reader);
                break;
            case FrameKind.Response:
                if (TakeHead(ref reader) is { } answered)
                {
                    answered.Succeed(ref reader);
                }

                break;
            case FrameKind.Error:
                if (TakeHead(ref reader) is { } failed)
                {
                    failed.Fail(ReadFailure(ref reader));
                }

                break;
            case FrameKind.Ping:
                Signal(FrameKind.Pong);
                break;
            case FrameKind.Pong:
                break;
            case FrameKind.Bye:
                _ = TakeByeAsync();
                break;
            case FrameKind.ByeHeard:
                _byeHeard.TrySetResult();
                break;
            default:
                throw Reader.Broken();
        }
    }

    private static void Head(Writer writer, FrameKind kind, long number, SiloAddress? movedTo)
    {
        writer.Varint((uint)kind);
        writer.Varint((ulong)number);
        writer.Text(movedTo?.ToParsableString() ?? "");
    }

    // The call is answered in any case: nobody else knows of it any more.
    private static Exception ReadFailure(ref Reader reader)
    {
        try
        {
            return Exceptions.Read(ref reader, 0);
        }
        catch (Exception e)
        {
            return new SerializerException($"The call failed, and its error could not be read: {e.Message}", e);
        }
    }

    private ICall? TakeHead(ref Reader reader)
    {
        var number = (long)reader.Varint();
        var moved = reader.Bytes();
        if (!_pending.TryRemove(number, out var call))
        {
            return null;
        }

        if (!moved.IsEmpty)
        {
            call.Moved(SiloAddress.FromParsableString(System.Text.Encoding.UTF8.GetString(moved)));
        }

        return call;
    }

    private void TakeRequest(ref Reader reader)
    {
        var number = (long)reader.Varint();
        var table = reader.Fixed32();
        var method = (int)reader.Varint();
        var target = GrainIdCodec.Read(ref reader);
        var deadline = Node.Clock.Now + (int)Math.Min(int.MaxValue / 2, reader.Varint());
        var hops = (int)reader.Varint();
        Interlocked.Increment(ref _incoming);
        ICall? call = null;
        try
        {
            if (Node.Manifest.TableOf(table) is not { } known || method >= known.Methods.Length)
            {
                throw new OrleansMessageRejectionException(string.Create(CultureInfo.InvariantCulture, $"{Node} does not know the interface {table:x8} of {target}."));
            }

            call = known.Methods[method].Receive(new IncomingCall(this, number, target, known.Methods[method].ReadArguments(ref reader), deadline, hops));
            Node.Accept(call);
        }
        catch (Exception e)
        {
            if (call is null)
            {
                Answer(number, null, e);
            }
            else
            {
                call.Fail(e);
            }
        }
    }

    // Those that are there instead must be known before this one is not asked any more.
    private async Task TakeByeAsync()
    {
        await Node.RefreshAsync();
        if (Silo is not null)
        {
            Node.Membership.Apply([new SiloRow(Silo, Node.Membership.NameOf(Silo) ?? Peer, SiloStatus.ShuttingDown)]);
        }

        lock (_sending)
        {
            _leaving = true;
        }

        Signal(FrameKind.ByeHeard);
    }

    private void Signal(FrameKind kind)
    {
        using var writer = Writer.Rent();
        writer.Varint((uint)kind);
        Reply(writer, counted: false);
    }

    private void Reply(Writer writer, bool counted = true)
    {
        if (counted)
        {
            Interlocked.Decrement(ref _incoming);
        }

        lock (_sending)
        {
            if (!_closed)
            {
                Push(writer.Memory);
            }
        }
    }

    private void CheckSize(Writer writer, Method method)
    {
        if (writer.Length > Node.MaxMessage)
        {
            throw new OrleansMessageRejectionException(string.Create(
                CultureInfo.InvariantCulture, $"A message of {method} has {writer.Length} bytes; MessagingOptions.MaxMessageBodySize allows {Node.MaxMessage}."));
        }
    }

    private SiloUnavailableException Lost(ICall call, string reason, Exception? exception)
    {
        var text = $"The connection to {Peer} broke ({reason}) while {call.Method} of {call.Target} was under way. Whether it was executed is not known.{Node.Remark}";
        return exception is null ? new(text) : new(text, exception);
    }
}
