using System.Buffers;
using System.Buffers.Binary;
using System.Text.Unicode;

using Holdfast.Grains;
using Holdfast.WebFront.Problems;

namespace Holdfast.WebFront.Transports.WebSockets;

/// <summary>What a client sent.</summary>
internal enum ClientFrameKind
{
    /// <summary>A whole text message.</summary>
    Text,

    /// <summary>A ping, to be answered with the same bytes.</summary>
    Ping,

    /// <summary>The answer to a ping of ours.</summary>
    Pong,

    /// <summary>The client closes.</summary>
    Close,

    /// <summary>The connection ended without a close.</summary>
    End,
}

/// <summary>One frame from a client; the payload is valid until the next is read.</summary>
internal readonly record struct ClientFrame(ClientFrameKind Kind, ReadOnlyMemory<byte> Payload);

/// <summary>A client broke RFC 6455, or one of our limits.</summary>
internal sealed class FrameException(string code, string message) : Exception(message)
{
    public Refusal Refusal { get; } = new(code, message);
}

/// <summary>
/// Reads RFC 6455 frames of a client: masked, text only, messages up to a limit. Holds no buffer while the client is silent, as most of them are
/// most of the time.
/// </summary>
internal sealed class FrameReader(Stream stream, int maxMessage) : IDisposable
{
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private byte[]? _message;
    private int _messageLength;
    private bool _fragmented;

    /// <summary>The next message or control frame.</summary>
    /// <exception cref="FrameException">The client broke the rules.</exception>
    public async ValueTask<ClientFrame> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!await FillAsync(2, cancellationToken).ConfigureAwait(false))
            {
                return new ClientFrame(ClientFrameKind.End, default);
            }

            if (IsProxysGoodbye())
            {
                return new ClientFrame(ClientFrameKind.End, default);
            }

            var (fin, opcode) = ReadFirst();
            var lengthCode = _buffer![_start + 1] & 0x7F;
            var header = 2 + LengthBytes(lengthCode) + 4;
            if (!await FillAsync(header, cancellationToken).ConfigureAwait(false))
            {
                return new ClientFrame(ClientFrameKind.End, default);
            }

            var length = ReadLength(lengthCode, opcode);
            if (!await FillAsync(header + length, cancellationToken).ConfigureAwait(false))
            {
                return new ClientFrame(ClientFrameKind.End, default);
            }

            var payload = _buffer.AsMemory(_start + header, length);
            Unmask(payload.Span, _buffer.AsSpan(_start + header - 4, 4));
            if (opcode == 8)
            {
                // As long as it is not taken, it is there to be skipped to.
                CheckClose(payload.Span);
            }

            _start += header + length;
            if (Take(fin, opcode, payload) is { } frame)
            {
                return frame;
            }
        }
    }

    /// <summary>
    /// Throws away what still comes, whatever it is, until the peer's close or the end of the connection. Where a broken rule has made the bounds of
    /// frames unknown, that is for the caller's time limit to end.
    /// </summary>
    public async ValueTask SkipToCloseAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(2, cancellationToken).ConfigureAwait(false))
        {
            var (isClose, masked, code) = ((_buffer![_start] & 0x0F) == 8, (_buffer[_start + 1] & 0x80) != 0, _buffer[_start + 1] & 0x7F);
            var header = 2 + LengthBytes(code) + (masked ? 4 : 0);
            if (!await FillAsync(header, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            var left = Length(code);
            _start += header;
            while (left > 0)
            {
                if (!await FillAsync(1, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }

                var here = (int)Math.Min(left, (ulong)(_end - _start));
                _start += here;
                left -= (ulong)here;
            }

            if (isClose)
            {
                return;
            }
        }
    }

    /// <summary>Gives the buffers back.</summary>
    public void Dispose()
    {
        Release(ref _buffer);
        Release(ref _message);
    }

    /// <summary>
    /// A close without a mask is no client's: Caddy up to 2.6.2 sends one when it reloads (github.com/caddyserver/caddy/pull/5199). The client behind
    /// it has done nothing wrong and is to come back, so this is a connection that ends, and no breach of the protocol.
    /// </summary>
    private bool IsProxysGoodbye() => _buffer![_start] == 0x88 && (_buffer[_start + 1] & 0x80) == 0;

    private (bool Fin, int Opcode) ReadFirst()
    {
        var first = _buffer![_start];
        if ((first & 0x70) != 0)
        {
            throw new FrameException(FrontCodes.ProtocolError, "A frame has reserved bits set, and no extension was agreed on.");
        }

        if ((_buffer[_start + 1] & 0x80) == 0)
        {
            throw new FrameException(FrontCodes.ProtocolError, "A client's frames have to be masked.");
        }

        var (fin, opcode) = ((first & 0x80) != 0, first & 0x0F);
        if (opcode == 2)
        {
            throw new FrameException(FrontCodes.BinaryFrame, "Commands are text frames with one JSON object each; binary frames mean nothing here.");
        }

        if (opcode is (> 2 and < 8) or > 10 || (opcode >= 8 && (!fin || (_buffer[_start + 1] & 0x7F) > 125)) || (opcode == 0) != _fragmented && opcode < 8)
        {
            throw new FrameException(FrontCodes.ProtocolError, "A frame breaks RFC 6455.");
        }

        return (fin, opcode);
    }

    private int ReadLength(int code, int opcode)
    {
        var length = Length(code);
        var room = (ulong)(maxMessage - (opcode < 8 ? _messageLength : 0));
        return length <= room ? (int)length
            : throw new FrameException(FrontCodes.FrameTooLarge, $"A message is at most {maxMessage} bytes.");
    }

    private static int LengthBytes(int code) => code == 126 ? 2 : code == 127 ? 8 : 0;

    private ulong Length(int code) => code switch
    {
        126 => BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start + 2)),
        127 => BinaryPrimitives.ReadUInt64BigEndian(_buffer.AsSpan(_start + 2)),
        _ => (ulong)code,
    };

    private ClientFrame? Take(bool fin, int opcode, ReadOnlyMemory<byte> payload)
    {
        switch (opcode)
        {
            case 8:
                return new ClientFrame(ClientFrameKind.Close, payload);
            case 9:
                return new ClientFrame(ClientFrameKind.Ping, payload);
            case 10:
                return new ClientFrame(ClientFrameKind.Pong, payload);
        }

        if (fin && !_fragmented)
        {
            return Text(payload);
        }

        _message ??= ArrayPool<byte>.Shared.Rent(maxMessage);
        payload.CopyTo(_message.AsMemory(_messageLength));
        _messageLength += payload.Length;
        _fragmented = !fin;
        if (!fin)
        {
            return null;
        }

        var whole = _message.AsMemory(0, _messageLength);
        _messageLength = 0;
        return Text(whole);
    }

    private static ClientFrame Text(ReadOnlyMemory<byte> payload) =>
        Utf8.IsValid(payload.Span) ? new ClientFrame(ClientFrameKind.Text, payload)
            : throw new FrameException(FrontCodes.InvalidUtf8, "A text frame is not UTF-8.");

    private static void CheckClose(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == 1 || (payload.Length > 2 && !Utf8.IsValid(payload[2..])))
        {
            throw new FrameException(FrontCodes.ProtocolError, "A close frame is malformed.");
        }

        var code = payload.Length == 0 ? 1000 : BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (code is < 1000 or 1004 or 1005 or 1006 or (> 1014 and < 3000) or > 4999)
        {
            throw new FrameException(FrontCodes.ProtocolError, $"{code} is no close code.");
        }
    }

    private static void Unmask(Span<byte> payload, ReadOnlySpan<byte> mask)
    {
        var key = BinaryPrimitives.ReadUInt32LittleEndian(mask);
        var at = 0;
        for (; at + 4 <= payload.Length; at += 4)
        {
            var slice = payload[at..];
            BinaryPrimitives.WriteUInt32LittleEndian(slice, BinaryPrimitives.ReadUInt32LittleEndian(slice) ^ key);
        }

        for (; at < payload.Length; at++)
        {
            payload[at] ^= mask[at & 3];
        }
    }

    /// <summary>Makes sure that so many bytes are there. False: the connection has ended.</summary>
    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            if (_start == _end)
            {
                // Nothing half-read: wait without a buffer.
                (_start, _end) = (0, 0);
                Release(ref _buffer);
                if (!_fragmented)
                {
                    Release(ref _message);
                }

                await stream.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            }

            MakeRoom(count);
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }

    private void MakeRoom(int count)
    {
        if (_buffer is { } buffer && buffer.Length - _start >= count && _end < buffer.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(count, SmallBuffer));
        _buffer?.AsSpan(_start, _end - _start).CopyTo(larger);
        (_start, _end) = (0, _end - _start);
        Release(ref _buffer);
        _buffer = larger;
    }

    private static void Release(ref byte[]? buffer)
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }

    private const int SmallBuffer = 1024;
}
