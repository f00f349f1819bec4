using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace Holdfast.Bench.Servers;

/// <summary>
/// What Holdfast is compared with: the least that can be written with Kestrel and <see cref="WebSocket"/>. Lists of encoded events in memory, and a
/// loop per viewer that sends what comes after its position. Nothing is durable, nobody is known, nothing is checked.
/// </summary>
internal static class BaselineServer
{
    /// <summary>Runs.</summary>
    public static async Task<int> RunAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [], ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var topics = new ConcurrentDictionary<string, Topic>(StringComparer.Ordinal);
        var publisher = new Publisher();
        await using var app = builder.Build();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30) });
        app.MapPut("/topics/{name}", (string name) =>
        {
            topics[name] = new Topic(name);
            publisher.Add(name, topics[name]);
        });
        app.Map("/ws/{name}", async (HttpContext http, string name) =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await ViewAsync(socket, topics[name], After(http.Request.Query["after"]), http.RequestAborted);
        });
        app.MapPublisher(publisher);
        return await ServerControl.ServeAsync(app);
    }

    private static long? After(string? cursor) => cursor is null ? null : long.Parse(cursor, CultureInfo.InvariantCulture);

    private static async Task ViewAsync(WebSocket socket, Topic topic, long? after, CancellationToken aborted)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var reading = ReadAsync(socket, ended);
        try
        {
            var next = (int)(after ?? topic.Count);
            var history = topic.Count;
            await SendAsync(history);
            await socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"type":"caught_up","cursor":"{{next}}"}"""), WebSocketMessageType.Text, true, ended.Token);
            while (true)
            {
                await topic.WaitAsync(next).WaitAsync(ended.Token);
                await SendAsync(topic.Count);
            }

            async Task SendAsync(int end)
            {
                for (; next < end; next++)
                {
                    await socket.SendAsync(topic[next], WebSocketMessageType.Text, true, ended.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The viewer has gone.
        }

        await reading;
    }

    private static async Task ReadAsync(WebSocket socket, CancellationTokenSource ended)
    {
        var buffer = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), ended.Token)).MessageType != WebSocketMessageType.Close)
            {
                // Viewers have nothing to say.
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The viewer has gone.
        }

        await ended.CancelAsync();
    }

    /// <summary>A list of events, encoded once, and a signal for whoever waits for the next one.</summary>
    private sealed class Topic(string name) : ITopic
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private byte[][] _events = new byte[16][];
        private volatile int _count;

        public int Count => _count;

        public ReadOnlyMemory<byte> this[int index] => Volatile.Read(ref _events)[index];

        public Task WaitAsync(int next)
        {
            lock (_gate)
            {
                return _count > next ? Task.CompletedTask : _news.Task;
            }
        }

        public ValueTask AppendAsync(string[] texts)
        {
            TaskCompletionSource news;
            lock (_gate)
            {
                foreach (var text in texts)
                {
                    if (_count == _events.Length)
                    {
                        var larger = new byte[_count * 2][];
                        _events.CopyTo(larger, 0);
                        Volatile.Write(ref _events, larger);
                    }

                    _events[_count] = Encode(_count + 1, text);
                    _count++;
                }

                news = _news;
                _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            news.SetResult();
            return ValueTask.CompletedTask;
        }

        public ValueTask FlushAsync() => ValueTask.CompletedTask;

        private byte[] Encode(int seq, string text) => Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"type":"token","task_id":"{{{name}}}","seq":{{{seq}}},"ts":"{{{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ}}}","data":{"channel":"main","delta":"{{{text}}}"}}"""));
    }
}
