using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

using Holdfast.Bench.Servers;

namespace Holdfast.Bench.Load;

/// <summary>
/// Viewers of one server: one thread reads them all, checks that each sees every event once and in order, and notes how long events took.
/// </summary>
internal sealed class Swarm : IDisposable
{
    private const int Connectors = 4;
    private static readonly byte[] PongFrame = [0x8A, 0x80, 0, 0, 0, 0];

    private readonly BenchServer _server;
    private readonly Viewer[] _viewers;
    private readonly Epoll _epoll = new();
    private readonly Thread _thread;
    private readonly ConcurrentQueue<Action> _orders = new();
    private readonly byte[] _buffer = new byte[1 << 20];
    private volatile bool _stopped;
    private volatile int _caughtUp;
    private long _events;
    private long _frames;
    private long _violations;
    private long _lastEventAt;
    private long _mark = long.MaxValue;
    private int _rounds;
    private volatile int _marked;

    /// <summary>Viewers that are not connected yet, spread over the topics.</summary>
    public Swarm(BenchServer server, IReadOnlyList<string> topics, int viewers)
    {
        _server = server;
        _viewers = [.. Enumerable.Range(0, viewers).Select(i => new Viewer(i, topics[i % topics.Count]))];
        _thread = new Thread(Read) { Name = "viewers", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How long events took from their publication, while <see cref="Timing"/> is on.</summary>
    public Histogram Latency { get; } = new();

    /// <summary>Whether latencies are noted.</summary>
    public bool Timing { get; set; }

    /// <summary>From now on each viewer notes when it gets the first event that was published later than this.</summary>
    public void Mark(long at)
    {
        _marked = 0;
        foreach (var viewer in _viewers)
        {
            viewer.MarkedAt = 0;
        }

        Volatile.Write(ref _mark, at);
    }

    /// <summary>Waits until every viewer has noted it.</summary>
    public Task MarkedAsync() => WaitAsync(() => _marked >= _viewers.Length, "every viewer has had a new event");

    /// <summary>Events received by all viewers together; merged ones count as what they hold.</summary>
    public long Events => Volatile.Read(ref _events);

    /// <summary>Frames received by all viewers together.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Gaps, repetitions, disorder and connections that ended without being asked to.</summary>
    public long Violations => Volatile.Read(ref _violations);

    /// <summary>The first of them, in words.</summary>
    public string? FirstViolation { get; private set; }

    /// <summary>When the last event came.</summary>
    public long LastEventAt => Volatile.Read(ref _lastEventAt);

    /// <summary>The viewers.</summary>
    public IReadOnlyList<Viewer> Viewers => _viewers;

    /// <summary>Connects all viewers. Complete when each has been told that it has all there was.</summary>
    public async Task ConnectAsync(ViewerStart start, bool compact = false)
    {
        _caughtUp = 0;
        _rounds++;
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Connectors).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = Interlocked.Increment(ref next); i < _viewers.Length; i = Interlocked.Increment(ref next))
                {
                    Connect(_viewers[i], start, compact);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        await WaitAsync(() => _caughtUp >= _viewers.Length, "every viewer has caught up");
    }

    /// <summary>Cuts all connections at once, without a word.</summary>
    public Task CutAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _orders.Enqueue(() =>
        {
            foreach (var viewer in _viewers)
            {
                Close(viewer);
            }

            done.SetResult();
        });
        return done.Task;
    }

    /// <summary>Waits until so many events have come, to all viewers together.</summary>
    public Task ReceivedAsync(long events) => WaitAsync(() => Events >= events, $"{events} events have come; {Events} had at first");

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        foreach (var viewer in _viewers)
        {
            Close(viewer);
        }

        _epoll.Dispose();
    }

    private async Task WaitAsync(Func<bool> condition, string what)
    {
        var (since, seen) = (Stopwatch.GetTimestamp(), Events + _caughtUp);
        while (!condition())
        {
            if (Events + _caughtUp is var now && now != seen)
            {
                (since, seen) = (Stopwatch.GetTimestamp(), now);
            }

            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(30))
            {
                throw new TimeoutException($"Nothing has come from {_server.Kind} for 30 s, and it is not yet true that {what}: {Events} events, {_caughtUp} caught up, {Violations} violations ({FirstViolation}).");
            }

            await Task.Delay(2);
        }
    }

    private void Connect(Viewer viewer, ViewerStart start, bool compact)
    {
        var query = start switch
        {
            ViewerStart.Live => "",
            ViewerStart.History => _server.Kind == ServerKind.Baseline ? "?after=0" : "?include_history=true",
            _ => $"?after={viewer.CursorPrefix}{viewer.Last.ToString(CultureInfo.InvariantCulture)}" + (viewer.Session is { } session ? $"&session_id={session}" : ""),
        };
        if (compact)
        {
            query += "&compact=true";
        }

        var path = (_server.Kind == ServerKind.Baseline ? "/ws/" : "/api/v1/ws/") + viewer.Topic + query;
        viewer.Last = start switch { ViewerStart.Live => -1, ViewerStart.History => 0, _ => viewer.Last };
        (viewer.IsOpen, viewer.CaughtUpAt, viewer.Rest) = (false, 0, null);
        viewer.Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        // Whoever comes back may do so anywhere.
        var front = _server.FrontOf(viewer.Index + _rounds);
        viewer.Socket.Connect(front.EndPoint);
        viewer.Socket.Send(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {front.Address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n"));
        viewer.Fd = (int)viewer.Socket.Handle;
        _epoll.Watch(viewer.Fd, viewer.Index);
    }

    private void Read()
    {
        while (!_stopped)
        {
            var ready = _epoll.Wait(5);
            for (var i = 0; i < ready; i++)
            {
                var viewer = _viewers[_epoll.Ready(i)];
                if (viewer.Fd >= 0)
                {
                    Receive(viewer);
                }
            }

            while (_orders.TryDequeue(out var order))
            {
                order();
            }
        }
    }

    private void Receive(Viewer viewer)
    {
        var kept = 0;
        if (viewer.Rest is { } rest)
        {
            rest.CopyTo(_buffer, 0);
            (viewer.Rest, kept) = (null, rest.Length);
        }

        var read = Epoll.Receive(viewer.Fd, _buffer.AsSpan(kept));
        if (read is 0 or -2)
        {
            Violated(viewer, "the server ended the connection");
            Close(viewer);
            return;
        }

        var bytes = _buffer.AsSpan(0, kept + Math.Max(0, read));
        var now = Stopwatch.GetTimestamp();
        if (!viewer.IsOpen && !TryOpen(viewer, ref bytes))
        {
            viewer.Rest = bytes.ToArray();
            return;
        }

        while (Frame.TryRead(bytes, out var opcode, out var payload, out var size))
        {
            Take(viewer, opcode, payload, now);
            bytes = bytes[size..];
        }

        if (bytes.Length > 0)
        {
            viewer.Rest = bytes.ToArray();
        }
    }

    private bool TryOpen(Viewer viewer, ref Span<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        if (!bytes.StartsWith("HTTP/1.1 101 "u8))
        {
            Violated(viewer, $"the server answered {Encoding.ASCII.GetString(bytes[..Math.Min(40, bytes.Length)])}");
        }

        viewer.IsOpen = true;
        bytes = bytes[(end + 4)..];
        return true;
    }

    private void Take(Viewer viewer, int opcode, ReadOnlySpan<byte> payload, long now)
    {
        switch (opcode)
        {
            case 1 when Frame.TrySeq(payload, out var first, out var last):
                if (first != viewer.Last + 1 && viewer.Last >= 0)
                {
                    Violated(viewer, $"event {first} came after event {viewer.Last}");
                }

                if (Timing && Frame.PublishedAt(payload) is > 0 and var published)
                {
                    Latency.Add(now - published);
                }

                if (viewer.MarkedAt == 0 && Volatile.Read(ref _mark) is var mark && mark < long.MaxValue && Frame.PublishedAt(payload) > mark)
                {
                    viewer.MarkedAt = now;
                    _marked++;
                }

                viewer.Last = last;
                _events += last - first + 1;
                _frames++;
                _lastEventAt = now;
                break;
            case 1:
                TakeControl(viewer, payload, now);
                break;
            case 8:
                Violated(viewer, "the server closed");
                break;
            case 9:
                viewer.Socket!.Send(PongFrame);
                break;
        }
    }

    private void TakeControl(Viewer viewer, ReadOnlySpan<byte> message, long now)
    {
        viewer.Session ??= Frame.Text(message, "\"session_id\":\""u8);
        if (message.StartsWith("{\"type\":\"error\""u8) || message.StartsWith("{\"type\":\"closing\""u8))
        {
            Violated(viewer, $"the server said {Encoding.UTF8.GetString(message)}");
        }

        if (!message.StartsWith("{\"type\":\"caught_up\""u8))
        {
            return;
        }

        var cursor = Frame.Text(message, "\"cursor\":\""u8)!;
        var number = cursor.LastIndexOf(':') + 1;
        viewer.CursorPrefix = cursor[..number];
        var last = long.Parse(cursor.AsSpan(number), CultureInfo.InvariantCulture);
        if (viewer.Last >= 0 && viewer.Last != last)
        {
            Violated(viewer, $"history ended at event {last}, and event {viewer.Last} was the last to come");
        }

        (viewer.Last, viewer.CaughtUpAt) = (last, now);
        _caughtUp++;
    }

    private void Close(Viewer viewer)
    {
        if (viewer.Socket is { } socket)
        {
            _epoll.Forget(viewer.Fd);
            socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
            (viewer.Socket, viewer.Fd, viewer.Rest) = (null, -1, null);
        }
    }

    private void Violated(Viewer viewer, string what)
    {
        FirstViolation ??= $"viewer {viewer.Index} of {viewer.Topic}: {what}";
        Volatile.Write(ref _violations, _violations + 1);
    }
}

/// <summary>Where viewers begin.</summary>
internal enum ViewerStart
{
    /// <summary>With what happens from now on.</summary>
    Live,

    /// <summary>With the first event.</summary>
    History,

    /// <summary>After the last event that they saw.</summary>
    Resume,
}
