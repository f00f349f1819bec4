using System.Buffers;
using System.IO.Pipelines;

namespace Holdfast.Engine;

/// <summary>A link over a socket: one pump writes whatever has gathered meanwhile, one loop reads.</summary>
internal sealed class TcpLink(Node node, Introduction peer) : Link(node, peer.Name, peer.Silo), IThreadPoolWorkItem
{
    private const int MaxKept = 1024 * 1024;

    private readonly int _maxGathered = node.Options.MaxLinkBytes;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _shut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ArrayBufferWriter<byte> _gathering = new();
    private ArrayBufferWriter<byte> _writing = new();
    private PipeWriter? _output;
    private bool _pumping;

    public override bool IsConnected => _output is not null;

    /// <summary>Completes when the link is closed and what was to be written has been.</summary>
    public Task Shutdown => _shut.Task;

    /// <summary>Reads frames until the connection ends. What gathered before is written now.</summary>
    public async Task RunAsync(IDuplexPipe pipe)
    {
        lock (_gate)
        {
            _output = pipe.Output;
            Wake();
        }

        try
        {
            await ReadAsync(pipe.Input);
            Close("the other end closed it");
        }
        catch (Exception e)
        {
            Close("reading failed: " + e.Message, e);
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = PumpAsync();

    protected override void Push(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            Handshake.Put(_gathering, frame.Span);
            if (_gathering.WrittenCount <= _maxGathered)
            {
                Wake();
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static link => link.Close("it takes nothing more: too much waits for it (Engine:MaxLinkBytes)"), this, preferLocal: false);
    }

    protected override void Shut()
    {
        lock (_gate)
        {
            if (!_pumping)
            {
                _shut.TrySetResult();
            }
        }
    }

    private void Wake()
    {
        if (!_pumping && _output is not null && _gathering.WrittenCount > 0)
        {
            _pumping = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_gathering.WrittenCount == 0)
                    {
                        _pumping = false;
                        break;
                    }

                    (_gathering, _writing) = (_writing, _gathering);
                }

                await _output!.WriteAsync(_writing.WrittenMemory);
                if (_writing.Capacity > MaxKept)
                {
                    _writing = new();
                }
                else
                {
                    _writing.ResetWrittenCount();
                }
            }
        }
        catch (Exception e)
        {
            Close("writing failed: " + e.Message, e);
            _shut.TrySetResult();
        }

        if (IsClosed)
        {
            _shut.TrySetResult();
        }
    }

    private async Task ReadAsync(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            while (Handshake.TryTake(ref buffer, Node.MaxMessage + 1024, out var frame))
            {
                if (frame.IsSingleSegment)
                {
                    Take(frame.FirstSpan);
                }
                else
                {
                    TakeCopy(frame);
                }
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || IsClosed)
            {
                return;
            }
        }
    }

    private void TakeCopy(ReadOnlySequence<byte> frame)
    {
        var bytes = ArrayPool<byte>.Shared.Rent((int)frame.Length);
        try
        {
            frame.CopyTo(bytes);
            Take(bytes.AsSpan(0, (int)frame.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
