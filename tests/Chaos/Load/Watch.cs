using System.Buffers;
using System.Net;
using System.Net.ServerSentEvents;
using System.Net.WebSockets;
using System.Text.Json;

using Holdfast.Chaos.Judging;

namespace Holdfast.Chaos.Load;

/// <summary>How a viewer watches.</summary>
internal enum WatchTransport
{
    /// <summary>One message per frame, or several.</summary>
    WebSocket,

    /// <summary>Server-sent events.</summary>
    EventStream,

    /// <summary>Long poll.</summary>
    Poll,
}

/// <summary>Where a viewer begins.</summary>
internal enum WatchFrom
{
    /// <summary>At the first event.</summary>
    Start,

    /// <summary>With a cursor that somebody gave it, in the middle of the log.</summary>
    Middle,

    /// <summary>With what happens from now on.</summary>
    Live,
}

/// <summary>How a viewer watches.</summary>
/// <param name="Transport">Over what.</param>
/// <param name="From">Where it begins.</param>
/// <param name="Compact">Whether it asks for tokens to be merged.</param>
internal sealed record WatchStyle(WatchTransport Transport, WatchFrom From, bool Compact);

/// <summary>
/// A viewer that comes back until it has seen the end: on any entry, with its cursor. What a connection's end says is believed: <c>stop</c> before the
/// task's end is a fault.
/// </summary>
/// <param name="record">Gets what it sees.</param>
/// <param name="style">How it watches.</param>
/// <param name="entries">Where it may come in; it picks one at random each time.</param>
/// <param name="http">For everything but sockets.</param>
/// <param name="random">Its own.</param>
internal sealed class Watch(ViewerRecord record, WatchStyle style, IReadOnlyList<Uri> entries, HttpClient http, Random random)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(8);
    private volatile CancellationTokenSource? _connection;
    private volatile bool _connected;
    private string? _session;

    /// <summary>Whether a front is talking to it.</summary>
    public bool Connected => _connected;

    /// <summary>Drops the connection without a word; the viewer comes back.</summary>
    public void Cut()
    {
        try
        {
            _connection?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself at this moment.
        }
    }

    /// <summary>Watches to the task's end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!record.Finished && record.Faults.Count == 0 && !cancellationToken.IsCancellationRequested)
        {
            using (var connection = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                _connection = connection;
                record.Connections++;
                try
                {
                    await ConnectAsync(entries[random.Next(entries.Count)], connection);
                }
                catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException or System.Net.Sockets.SocketException)
                {
                    // The network, or whoever cut it: come back.
                }

                (_connection, _connected) = (null, false);
            }

            if (!record.Finished)
            {
                await CleanUpAsync(cancellationToken);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 600)), TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private string Query => (record.Cursor is { } cursor ? "after=" + cursor : $"include_history={(style.From == WatchFrom.Start ? "true" : "false")}") + Compact;

    private string Compact => style.Compact ? "&compact=true" : "";

    /// <summary>Now and then it leaves as a page does that is closed: its session is over, and nothing else.</summary>
    private async Task CleanUpAsync(CancellationToken cancellationToken)
    {
        if (_session is not { } session || random.Next(4) > 0)
        {
            return;
        }

        _session = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectLimit);
        try
        {
            using var body = new StringContent($$"""{"session_id":"{{session}}"}""");
            using var answer = await http.PostAsync(new Uri(entries[random.Next(entries.Count)], "/api/v1/cleanup"), body, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // A beacon is not repeated.
        }
    }

    private Task ConnectAsync(Uri entry, CancellationTokenSource connection) => style.Transport switch
    {
        WatchTransport.WebSocket => SocketAsync(entry, connection),
        WatchTransport.EventStream => StreamAsync(entry, connection),
        _ => PollAsync(entry, connection),
    };

    private async Task SocketAsync(Uri entry, CancellationTokenSource connection)
    {
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        var address = new Uri(new UriBuilder(entry) { Scheme = "ws" }.Uri, $"/api/v1/ws/{record.Task}?{Query}" + (random.Next(2) == 0 ? "&batch=true" : "")
            + (_session is not null && random.Next(2) == 0 ? "&session_id=" + _session : ""));
        connection.CancelAfter(ConnectLimit);
        await socket.ConnectAsync(address, connection.Token);
        connection.CancelAfter(Silence);
        var beating = BeatAsync(socket, connection.Token);
        try
        {
            await ReceiveAsync(socket, connection);
        }
        finally
        {
            await connection.CancelAsync();
            await beating;
        }
    }

    private async Task ReceiveAsync(ClientWebSocket socket, CancellationTokenSource connection)
    {
        var message = new ArrayBufferWriter<byte>();
        var buffer = new byte[16 << 10];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), connection.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            connection.CancelAfter(Silence);
            message.Write(buffer.AsSpan(0, received.Count));
            if (!received.EndOfMessage)
            {
                continue;
            }

            using var json = JsonDocument.Parse(message.WrittenMemory);
            foreach (var one in json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement.EnumerateArray().ToArray() : [json.RootElement])
            {
                Take(one);
            }

            message.ResetWrittenCount();
        }
    }

    private static async Task BeatAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var heartbeat = """{"type":"heartbeat","timestamp":1}"""u8.ToArray();
        try
        {
            while (true)
            {
                await Task.Delay(Heartbeat, TimeProvider.System, cancellationToken);
                await socket.SendAsync(heartbeat, WebSocketMessageType.Text, true, cancellationToken);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The connection is over: its reader knows why.
        }
    }

    private async Task StreamAsync(Uri entry, CancellationTokenSource connection)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(entry, $"/api/v1/tasks/{record.Task}/events?{Query}"));
        request.Headers.Accept.ParseAdd("text/event-stream");
        connection.CancelAfter(ConnectLimit);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, connection.Token);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            await RefusedAsync(answer, connection.Token);
            return;
        }

        connection.CancelAfter(Silence * 2);
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(connection.Token)).EnumerateAsync(connection.Token))
        {
            connection.CancelAfter(Silence * 2);
            using var json = JsonDocument.Parse(item.Data);
            if (item.EventType == "refused")
            {
                Verdict(json.RootElement, item.Data);
                return;
            }

            Take(json.RootElement);
        }
    }

    private async Task PollAsync(Uri entry, CancellationTokenSource connection)
    {
        while (!record.Finished)
        {
            connection.CancelAfter(Silence);
            var after = record.Cursor is { } cursor ? "&after=" + cursor : "";
            using var answer = await http.GetAsync(new Uri(entry, $"/api/v1/tasks/{record.Task}/events?wait=5s&limit=200{after}{Compact}"), connection.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                await RefusedAsync(answer, connection.Token);
                return;
            }

            using var page = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(connection.Token));
            _connected = true;
            record.Epoch(page.RootElement.GetProperty("epoch").GetString()!);
            if (page.RootElement.GetProperty("reset").ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
            {
                record.Fault("a page was reset, though no record was lost");
                return;
            }

            foreach (var one in page.RootElement.GetProperty("events").EnumerateArray())
            {
                record.Add(one);
            }
        }
    }

    private async Task RefusedAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (answer.StatusCode is HttpStatusCode.BadGateway && text.Length == 0)
        {
            // The proxy found nobody.
            return;
        }

        if (answer.Content.Headers.ContentType?.MediaType is "application/problem+json")
        {
            using var json = JsonDocument.Parse(text);
            Verdict(json.RootElement, text);
        }
        else if ((int)answer.StatusCode < 500)
        {
            record.Fault($"answered {(int)answer.StatusCode}: {text}");
        }
    }

    private void Verdict(JsonElement said, string text)
    {
        if (said.GetProperty("retry").GetString() == "stop" && !record.Finished)
        {
            record.Fault($"told to stop before the end (connection {record.Connections}): {text}");
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("seq", out _))
        {
            record.Add(message);
            return;
        }

        switch (message.GetProperty("type").GetString())
        {
            case "connected":
                _connected = true;
                _session = message.GetProperty("session_id").GetString();
                record.Epoch(message.GetProperty("epoch").GetString()!);
                break;
            case "current_status":
                // The terminal event is given to everybody.
                var (last, over) = (message.GetProperty("last_seq").GetInt64(), message.GetProperty("finished_at").ValueKind != JsonValueKind.Null);
                record.Begin(over ? last - 1 : last);
                break;
            case "history_reset":
                record.Fault($"the history was reset, though no record was lost: {message.GetRawText()}");
                break;
            case "closing":
                Verdict(message, message.GetRawText());
                break;
        }
    }
}
