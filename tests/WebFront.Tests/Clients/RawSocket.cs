using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

using Holdfast.TestSupport;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>A frame as it came.</summary>
internal sealed record RawFrame(bool Fin, int Opcode, byte[] Payload)
{
    public const int Continuation = 0;
    public const int TextOpcode = 1;
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    public string Text => Encoding.UTF8.GetString(Payload);

    public int CloseCode => Payload.Length < 2 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(Payload);
}

/// <summary>A bare TCP connection: for what no well-behaved client would send, and for looking at what really comes back.</summary>
internal sealed class RawSocket : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawSocket(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket, ownsSocket: true));

    /// <summary>What came between the opening and the close, frame by frame.</summary>
    public List<RawFrame> Frames { get; } = [];

    /// <summary>Connects.</summary>
    /// <param name="address">The front.</param>
    /// <param name="receiveBuffer">Bytes that the system keeps for a peer that does not read.</param>
    public static async Task<RawSocket> ConnectAsync(Uri address, int receiveBuffer = 0)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(address.Host, address.Port).ForAsync("a TCP connection");
        return new RawSocket(socket);
    }

    /// <summary>Connects and opens a WebSocket.</summary>
    public static async Task<RawSocket> OpenAsync(Uri address, string path, int receiveBuffer = 0, params string[] headers)
    {
        var socket = await ConnectAsync(address, receiveBuffer);
        var head = await socket.HandshakeAsync(path, headers);
        Assert.StartsWith("HTTP/1.1 101", head, StringComparison.Ordinal);
        return socket;
    }

    /// <summary>Sends the opening of a WebSocket and gives the head of the answer.</summary>
    public async Task<string> HandshakeAsync(string path, params string[] headers)
    {
        string[] lines =
        [
            $"GET {path} HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", .. headers,
        ];
        await WriteAsync(string.Join("\r\n", lines) + "\r\n\r\n");
        return await HeadAsync();
    }

    /// <summary>Sends bytes.</summary>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes).AsTask().ForAsync("bytes are sent");

    /// <summary>Sends text.</summary>
    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads the head of an answer, blank line included.</summary>
    public async Task<string> HeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _stream.ReadAsync(one).AsTask().ForAsync("the head of an answer") == 0)
            {
                break;
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>Reads an answer with a length: status and body.</summary>
    public async Task<(int Status, string Body)> AnswerAsync()
    {
        var head = await HeadAsync();
        if (head.Length == 0)
        {
            return (0, "");
        }

        var length = head.Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(line => int.Parse(line["Content-Length:".Length..], CultureInfo.InvariantCulture)).FirstOrDefault();
        var body = new byte[length];
        await _stream.ReadExactlyAsync(body).AsTask().ForAsync("the body of an answer");
        return (int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture), Encoding.UTF8.GetString(body));
    }

    /// <summary>Sends a frame, as wrong as one likes.</summary>
    public Task FrameAsync(int opcode, ReadOnlySpan<byte> payload, bool fin = true, bool masked = true, int reserved = 0, ulong? claimed = null)
    {
        var length = claimed ?? (ulong)payload.Length;
        var frame = new List<byte> { (byte)((fin ? 0x80 : 0) | (reserved << 4) | opcode) };
        var mask = (byte)(masked ? 0x80 : 0);
        Span<byte> bytes = stackalloc byte[8];
        if (length < 126)
        {
            frame.Add((byte)(mask | (byte)length));
        }
        else if (length <= ushort.MaxValue)
        {
            frame.Add((byte)(mask | 126));
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)length);
            frame.AddRange(bytes[..2]);
        }
        else
        {
            frame.Add((byte)(mask | 127));
            BinaryPrimitives.WriteUInt64BigEndian(bytes, length);
            frame.AddRange(bytes);
        }

        ReadOnlySpan<byte> key = [0x11, 0x22, 0x33, 0x44];
        if (masked)
        {
            frame.AddRange(key);
        }

        for (var i = 0; i < payload.Length; i++)
        {
            frame.Add(masked ? (byte)(payload[i] ^ key[i % 4]) : payload[i]);
        }

        return WriteAsync(frame.ToArray());
    }

    /// <summary>Sends a text message.</summary>
    public Task TextAsync(string text) => FrameAsync(RawFrame.TextOpcode, Encoding.UTF8.GetBytes(text));

    /// <summary>The next frame; null when the connection has ended, in good order or not.</summary>
    public async Task<RawFrame?> NextAsync(string step)
    {
        var head = new byte[2];
        if (!await FillAsync(head, step))
        {
            return null;
        }

        Assert.True((head[1] & 0x80) == 0, "A server's frames are not masked.");
        Assert.True((head[0] & 0x70) == 0, "No extension was agreed on.");
        ulong length = (byte)(head[1] & 0x7F);
        if (length >= 126)
        {
            var more = new byte[length == 126 ? 2 : 8];
            await _stream.ReadExactlyAsync(more).AsTask().ForAsync(step);
            length = more.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(more) : BinaryPrimitives.ReadUInt64BigEndian(more);
        }

        var payload = new byte[length];
        await _stream.ReadExactlyAsync(payload).AsTask().ForAsync(step);
        var frame = new RawFrame((head[0] & 0x80) != 0, head[0] & 0x0F, payload);
        Frames.Add(frame);
        return frame;
    }

    /// <summary>Reads up to a frame that fulfils a condition.</summary>
    public async Task<RawFrame> UntilAsync(string step, Func<RawFrame, bool> wanted)
    {
        while (await NextAsync(step) is { } frame)
        {
            if (wanted(frame))
            {
                return frame;
            }
        }

        throw new InvalidOperationException($"The connection ended before: {step}. Frames: {string.Join("\n", Frames.Select(frame => frame.Text))}");
    }

    /// <summary>Reads up to a text message that holds a text.</summary>
    public Task<RawFrame> UntilTextAsync(string text) => UntilAsync($"a message with {text}", frame => frame.Opcode == RawFrame.TextOpcode && frame.Text.Contains(text, StringComparison.Ordinal));

    /// <summary>Reads up to the close, and checks that <c>closing</c> came right before it and says the same.</summary>
    public async Task<Message> AssertClosedAsync(int code, string reason)
    {
        var close = await UntilAsync($"the close with {code}", frame => frame.Opcode == RawFrame.Close);
        Assert.True(close.CloseCode == code, $"Closed with {close.CloseCode}: {string.Join("\n", Frames.Select(frame => frame.Text))}");
        var closing = new Message(Frames[^2].Text);
        Assert.Equal(("closing", code, reason), (closing.Type, closing.Json.GetProperty("code").GetInt32(), closing.Text("reason")));
        return closing;
    }

    /// <summary>Sends FIN: nothing more comes from here.</summary>
    public void SayNoMore() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Resets the connection.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>True when the other side ended the connection in good order.</summary>
    public async Task<bool> IsEndedAsync()
    {
        var rest = new byte[4096];
        while (true)
        {
            var read = await _stream.ReadAsync(rest).AsTask().ForAsync("the end of the connection");
            if (read == 0)
            {
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<bool> FillAsync(byte[] bytes, string step)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var read = await _stream.ReadAsync(bytes.AsMemory(at)).AsTask().ForAsync(step);
            if (read == 0)
            {
                return false;
            }

            at += read;
        }

        return true;
    }
}
