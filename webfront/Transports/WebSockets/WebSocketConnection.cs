using System.Buffers;
using System.Buffers.Binary;

using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Sessions;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Transports.WebSockets;

/// <summary>
/// A viewer's WebSocket. Everything that leaves goes through the connection's one loop; the reader only leaves answers for it. Event frames are
/// written as they are in the log: no encoding, no framing here.
/// </summary>
internal sealed class WebSocketConnection : ViewerConnection
{
    private static readonly byte[] PingFrame = [0x89, 0x00];

    private readonly HttpContext _http;
    private readonly Stream _stream;
    private readonly FrameReader _reader;
    private readonly bool _batch;
    private readonly string _principal;
    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _answers = new(0);
    private ArrayBufferWriter<byte>? _staged;
    private TaskCompletionSource? _answersTaken;
    private Task _reading = Task.CompletedTask;
    private volatile TaskCompletionSource? _answering;
    private CommandBudget _budget;
    private long _heardAt;
    private long _pingedAt;
    private long _writingSince;
    private bool _pingDue;
    private int _peerClose;

    public WebSocketConnection(FrontContext front, ViewerRequest request, bool batch, HttpContext http, Stream stream)
        : base(front, request, "ws")
    {
        (_http, _stream, _batch, _principal) = (http, stream, batch, request.Principal);
        _reader = new FrameReader(stream, front.Options.MaxFrameBytes);
        _heardAt = _pingedAt = front.Clock.GetTimestamp();
        _budget = new CommandBudget(front.Options.CommandsPerSecond, front.Options.CommandBurst, _heardAt);
    }

    /// <summary>Serves the socket to its end.</summary>
    public async Task ServeSocketAsync()
    {
        _reading = ReadAsync();
        await RunAsync(_http.RequestAborted).ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _reader.Dispose();
    }

    /// <inheritdoc/>
    public override void Tick()
    {
        base.Tick();
        var interval = Front.Options.HeartbeatInterval;
        if (Ending is null && Front.Clock.GetElapsedTime(Volatile.Read(ref _heardAt)) >= interval * 2)
        {
            End(new ViewerEnd(CloseCodes.HeartbeatMissed, "heartbeat_missed", false, TimeSpan.Zero));
        }
        else if (Front.Clock.GetElapsedTime(_pingedAt) >= interval)
        {
            _pingedAt = Front.Clock.GetTimestamp();
            Volatile.Write(ref _pingDue, true);
            Wake();
        }
    }

    /// <inheritdoc/>
    protected override ValueTask SendControlAsync(ControlMessage message)
    {
        RecordFrame.Write(Staged, message.Json.Span);
        return FlushIfLargeAsync();
    }

    /// <inheritdoc/>
    protected override ValueTask SendEventsAsync(FeedSlice slice, string epoch)
    {
        if (_batch && slice.Messages > 1)
        {
            BatchFrames.Write(Staged, slice, Front.Options.WriteBytes);
            return FlushIfLargeAsync();
        }

        if (_staged is not { WrittenCount: > 0 })
        {
            return WriteAsync(slice.Frames);
        }

        _staged.Write(slice.Frames.Span);
        return FlushIfLargeAsync();
    }

    /// <inheritdoc/>
    protected override ValueTask SendGatheredAsync()
    {
        if (_answers.Count == 0 && !Volatile.Read(ref _pingDue))
        {
            return ValueTask.CompletedTask;
        }

        if (Interlocked.Exchange(ref _pingDue, false))
        {
            Staged.Write(PingFrame);
        }

        TaskCompletionSource? taken;
        lock (_gate)
        {
            while (_answers.TryDequeue(out var answer))
            {
                Staged.Write(answer.Span);
            }

            (taken, _answersTaken) = (_answersTaken, null);
        }

        taken?.SetResult();
        return FlushAsync();
    }

    /// <inheritdoc/>
    protected override async ValueTask FlushAsync()
    {
        if (_staged is { WrittenCount: > 0 } staged)
        {
            await WriteAsync(staged.WrittenMemory).ConfigureAwait(false);

            // Most sockets say little besides events: keep no buffer for them.
            _staged = null;
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask FinishAsync(ViewerEnd end)
    {
        using var limit = new CancellationTokenSource(Patience(end), Front.Clock);
        try
        {
            if (!end.Silent)
            {
                await AnswerOutstandingAsync(limit.Token).ConfigureAwait(false);
                if (end.Because is { } refusal)
                {
                    await SendControlAsync(ControlMessages.Error(refusal, fatal: true)).ConfigureAwait(false);
                }

                await SendControlAsync(ControlMessages.Closing(end)).ConfigureAwait(false);
                CloseFrame.Write(Staged, end.Code, end.Reason);
                await FlushAsync().AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
            }
            else if (_peerClose != 0)
            {
                CloseFrame.Write(Staged, _peerClose, "");
                await FlushAsync().AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
            }

            // Read and discard until the peer has closed, too: else it would see a reset and not the close.
            await _reading.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        finally
        {
            if (!_reading.IsCompleted)
            {
                Cut();
            }
        }
    }

    /// <inheritdoc/>
    protected override void Cut() => _http.Abort();

    private ArrayBufferWriter<byte> Staged => _staged ??= new ArrayBufferWriter<byte>(512);

    private ValueTask FlushIfLargeAsync() => _staged is { } staged && staged.WrittenCount >= Front.Options.WriteBytes ? FlushAsync() : ValueTask.CompletedTask;

    /// <summary>The only place where this socket is written to. A write that had to wait and went through shows that the peer reads.</summary>
    private ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var writing = _stream.WriteAsync(bytes);
        return writing.IsCompletedSuccessfully ? writing : WaitAsync(writing);

        async ValueTask WaitAsync(ValueTask pending)
        {
            _writingSince = Front.Clock.GetTimestamp();
            await pending.ConfigureAwait(false);
            if (Front.Clock.GetElapsedTime(_writingSince) > TimeSpan.FromSeconds(1))
            {
                Volatile.Write(ref _heardAt, Front.Clock.GetTimestamp());
            }
        }
    }

    /// <summary>Reads until the peer closes or goes. Leaves answers for the loop, and sends nothing.</summary>
    private async Task ReadAsync()
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                var frame = await _reader.ReadAsync(_http.RequestAborted).ConfigureAwait(false);
                Volatile.Write(ref _heardAt, Front.Clock.GetTimestamp());
                switch (frame.Kind)
                {
                    case ClientFrameKind.End:
                        End(Gone);
                        return;
                    case ClientFrameKind.Close:
                        _peerClose = frame.Payload.Length < 2 ? CloseCodes.Normal : BinaryPrimitives.ReadUInt16BigEndian(frame.Payload.Span);
                        End(new ViewerEnd(_peerClose, "closed_by_peer", false) { Silent = true });
                        return;
                    case ClientFrameKind.Ping:
                        await AnswerAsync(Pong(frame.Payload)).ConfigureAwait(false);
                        break;
                    case ClientFrameKind.Pong:
                        RttMs = Front.Clock.GetElapsedTime(_pingedAt).TotalMilliseconds;
                        break;
                    default:
                        await HandleAsync(frame.Payload).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (FrameException e)
        {
            End(ViewerEnd.Of(e.Refusal));
            await DiscardAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            End(Gone);
        }
        catch (Exception e)
        {
            ViewerLog.Faulted(Front.Logger, Request.TaskId, SessionId, e);
            End(ViewerEnd.Of(new Refusal(FrontCodes.Internal, "Something went wrong here; come back with your cursor.")));
        }
    }

    /// <summary>After a broken frame nothing more is taken; it is still read, so that the peer sees our close.</summary>
    private async Task DiscardAsync()
    {
        try
        {
            await _reader.SkipToCloseAsync(_http.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The peer has gone.
        }
    }

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> payload)
    {
        // What is said before 'connected' is heard after it.
        await WhenBegunAsync().WaitAsync(_http.RequestAborted).ConfigureAwait(false);
        if (Ending is not null)
        {
            return;
        }

        if (!_budget.TryTake(Front.Clock))
        {
            var wait = TimeSpan.FromSeconds(1);
            End(ViewerEnd.Of(new Refusal(FrontCodes.TooFast, $"At most {Front.Options.CommandsPerSecond} commands a second; come back with your cursor.", null, wait)));
            return;
        }

        var (command, refusal, id) = CommandReader.Read(payload);
        _answering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var answer = refusal is not null ? ControlMessages.Error(refusal, fatal: false, id) : await AnswerToAsync(command!).ConfigureAwait(false);
            if (answer is { } message)
            {
                await AnswerAsync(Frame(message)).ConfigureAwait(false);
            }
        }
        finally
        {
            _answering.SetResult();
            _answering = null;
        }
    }

    /// <summary>A command that ends the task ends the stream, too, and its answer may come after that: it still belongs before the goodbye.</summary>
    private async ValueTask AnswerOutstandingAsync(CancellationToken limit)
    {
        await SendGatheredAsync().AsTask().WaitAsync(limit).ConfigureAwait(false);
        if (_answering is { } answering)
        {
            // Not for long: the goodbye matters more.
            await answering.Task.WaitAsync(Front.Options.CloseWait / 4, Front.Clock, limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await SendGatheredAsync().AsTask().WaitAsync(limit).ConfigureAwait(false);
    }

    private async ValueTask<ControlMessage?> AnswerToAsync(Command command)
    {
        switch (command)
        {
            case Command.Heartbeat heartbeat:
                return ControlMessages.HeartbeatAck(heartbeat.Timestamp, Front.Clock.GetUtcNow(), CursorText, HeadSeq, heartbeat.Id);
            case Command.Ack:
                return ControlMessages.Ok(command.Id);
            case Command.Bye:
                End(new ViewerEnd(CloseCodes.Normal, "bye", true));
                return null;
        }

        try
        {
            switch (command)
            {
                case Command.Cancel cancel:
                    return Answer(await Grain.CancelAsync(cancel.Reason, _principal).ConfigureAwait(false), command.Id);
                case Command.Review review:
                    var decided = new ReviewDecided(review.ReviewId, review.Decision, review.Comment, review.Edits, _principal);
                    return Answer(await Grain.ReviewAsync(decided).ConfigureAwait(false), command.Id);
                default:
                    return await StatusAsync(command.Id).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException and not IOException)
        {
            var level = Front.Away(e);
            ViewerLog.CommandFailed(Front.Logger, level, Request.TaskId, SessionId, e);
            return ControlMessages.Error(new Refusal(FrontCodes.Unavailable, "The task did not answer; send the command again."), fatal: false, command.Id);
        }
    }

    private ITaskGrain Grain => Front.Grains.GetGrain<ITaskGrain>(Request.TaskId);

    private static ControlMessage Answer(TaskReply reply, CommandId id) =>
        reply.Refusal is { } refusal ? ControlMessages.Error(refusal, fatal: false, id) : ControlMessages.Ok(id);

    /// <summary>Leaves an answer for the loop. A peer that sends commands and does not read has its commands wait.</summary>
    private async ValueTask AnswerAsync(ReadOnlyMemory<byte> frame)
    {
        while (true)
        {
            Task taken;
            lock (_gate)
            {
                if (_answers.Count < Front.Options.MaxAnswers)
                {
                    _answers.Enqueue(frame);
                    break;
                }

                _answersTaken ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                taken = _answersTaken.Task;
            }

            await taken.WaitAsync(_http.RequestAborted).ConfigureAwait(false);
        }

        Wake();
    }

    private static byte[] Frame(ControlMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(message.Json.Length + RecordFrame.MaxHeader);
        RecordFrame.Write(buffer, message.Json.Span);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Pong(ReadOnlyMemory<byte> payload)
    {
        var frame = new byte[2 + payload.Length];
        (frame[0], frame[1]) = (0x8A, (byte)payload.Length);
        payload.CopyTo(frame.AsMemory(2));
        return frame;
    }
}
