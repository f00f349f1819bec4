using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

using Holdfast.TestSupport;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>Watches over a WebSocket, as a browser does.</summary>
internal sealed class WebSocketViewer : Viewer
{
    private readonly ClientWebSocket _socket;
    private readonly Queue<Message> _frame = new();
    private readonly byte[] _buffer = new byte[16 << 10];

    private WebSocketViewer(ClientWebSocket socket) => _socket = socket;

    /// <summary>The close code of the server; null while the socket is open or when it was cut.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    /// <summary>The socket.</summary>
    public ClientWebSocket Socket => _socket;

    /// <summary>Messages in the largest frame so far.</summary>
    public int LargestFrame { get; private set; }

    /// <summary>The session that the server gave; known after <c>connected</c>.</summary>
    public string SessionId => Transcript.The("connected").Text("session_id")!;

    /// <summary>Connects to a task.</summary>
    public static Task<WebSocketViewer> WatchAsync(Api api, string task, string query = "include_history=true") => OpenAsync(api, $"/api/v1/ws/{task}?{query}");

    /// <summary>Connects to any path.</summary>
    public static async Task<WebSocketViewer> OpenAsync(Api api, string path, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        configure?.Invoke(socket.Options);
        await socket.ConnectAsync(new Uri(new UriBuilder(api.Address) { Scheme = "ws" }.Uri, path), CancellationToken.None).ForAsync("the upgrade");
        return new WebSocketViewer(socket);
    }

    /// <summary>Sends a command.</summary>
    public Task SendAsync(object command) => SendTextAsync(JsonSerializer.Serialize(command));

    /// <summary>Sends any text.</summary>
    public Task SendTextAsync(string text) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None).ForAsync("a command is sent");

    /// <summary>Sends a command and waits for its answer, which has its id.</summary>
    public async Task<Message> AskAsync(string command, int id)
    {
        await SendTextAsync(command);
        return await UntilAsync($"the answer to {command}", message => message.Json.TryGetProperty("id", out var got) && got.ValueKind == JsonValueKind.Number && got.GetInt32() == id);
    }

    /// <summary>Reads to the close, closes in turn, and checks the code and what <c>closing</c> said of it.</summary>
    public async Task<Message> AssertClosedAsync(int code, string reason, string retry)
    {
        await ToEndAsync($"the close with {code}");
        Assert.True(CloseCode == code, $"Closed with {CloseCode}: {Transcript}");
        var closing = Transcript.Messages[^1];
        Assert.Equal(("closing", code, reason, retry), (closing.Type, closing.Json.GetProperty("code").GetInt32(), closing.Text("reason"), closing.Text("retry")));
        return closing;
    }

    /// <summary>Says goodbye as RFC 6455 says.</summary>
    public Task CloseAsync() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).ForAsync("the close handshake");

    /// <inheritdoc/>
    public override void Cut() => _socket.Abort();

    /// <inheritdoc/>
    protected override void Release() => _socket.Dispose();

    /// <inheritdoc/>
    protected override async Task<Message?> ReceiveAsync()
    {
        if (_frame.Count == 0 && !await ReceiveFrameAsync())
        {
            return null;
        }

        return _frame.Dequeue();
    }

    private async Task<bool> ReceiveFrameAsync()
    {
        var text = new ArrayBufferWriter<byte>();
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer, CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                try
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                }
                catch (WebSocketException)
                {
                    // The server waited for as long as it does; its close has come.
                }

                return false;
            }

            Assert.Equal(WebSocketMessageType.Text, received.MessageType);
            text.Write(_buffer.AsSpan(0, received.Count));
            if (received.EndOfMessage)
            {
                break;
            }
        }

        var json = Encoding.UTF8.GetString(text.WrittenSpan);
        if (json.StartsWith('['))
        {
            var messages = JsonElement.Parse(json).EnumerateArray().Select(one => new Message(one.GetRawText())).ToList();
            messages.ForEach(_frame.Enqueue);
            LargestFrame = Math.Max(LargestFrame, messages.Count);
            return true;
        }

        LargestFrame = Math.Max(LargestFrame, 1);
        _frame.Enqueue(new Message(json));
        return true;
    }
}
