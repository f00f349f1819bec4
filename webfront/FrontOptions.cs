using Holdfast.Grains.Setup;

namespace Holdfast.WebFront;

/// <summary>Limits and times of a web front.</summary>
[Section("Front")]
public sealed class FrontOptions
{
    /// <summary>
    /// How often a peer is pinged, and told to send heartbeats; one that is silent for two intervals is closed. Smaller: dead sockets are found
    /// sooner; larger: less traffic from very many idle viewers. Default: 30 s.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a feed renews its lease at its task, and the front its own. Smaller: a lost batch of a quiet task is noticed sooner; larger: fewer
    /// calls for very many watched tasks. Default: 3 s.
    /// </summary>
    [Bounds("00:00:00.01")]
    public TimeSpan FeedRenewal { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How soon a feed looks for its task again after it was not found, as when its silo has died; then less and less often, up to
    /// <see cref="FeedRenewal"/>. Smaller: viewers wait less; larger: fewer calls while a silo is replaced. Default: 250 ms.
    /// </summary>
    [Bounds("00:00:00.01")]
    public TimeSpan FeedRetry { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a feed stays after its last session. Smaller: less memory for what nobody watches; larger: a reload finds it warm. Default: 5 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan FeedLinger { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Bytes of the newest events that a feed keeps at hand. Smaller: less memory per watched task; larger: fewer reads for those who lag a little.
    /// Default: 1 MiB.
    /// </summary>
    [Bounds(0)]
    public int FeedWindowBytes { get; set; } = 1 << 20;

    /// <summary>
    /// Bytes of pages of older events, of all tasks together, least recently used go first. Smaller: less memory; larger: more replays without the
    /// store. Default: 256 MiB.
    /// </summary>
    [Bounds(0)]
    public long PageCacheBytes { get; set; } = 256L << 20;

    /// <summary>Events per page. Smaller: less is read that nobody asked for; larger: fewer reads for a replay. Default: 512.</summary>
    [Bounds(1, 100_000)]
    public int PageEvents { get; set; } = 512;

    /// <summary>
    /// Largest page in bytes, unless one event alone is larger. Smaller: the first events of a replay come sooner; larger: fewer reads. Default: 256 KiB.
    /// </summary>
    [Bounds(1024)]
    public int PageBytes { get; set; } = 256 << 10;

    /// <summary>
    /// Most bytes that are written to a socket at once. Smaller: commands are answered sooner on slow sockets; larger: fewer writes. Default: 64 KiB.
    /// </summary>
    [Bounds(1024)]
    public int WriteBytes { get; set; } = 64 << 10;

    /// <summary>
    /// A merged token is at most so large. Smaller: compact replays begin to show sooner on slow sockets; larger: they have fewer messages. Default: 64 KiB.
    /// </summary>
    [Bounds(1024)]
    public int MergedBytes { get; set; } = 64 << 10;

    /// <summary>
    /// A compact session that is further behind than so many events gets them merged. Smaller: those who lag catch up with fewer messages; larger:
    /// they see more tokens as they were written. Default: 64.
    /// </summary>
    [Bounds(0)]
    public int CompactLag { get; set; } = 64;

    /// <summary>
    /// How often a session's grain is told that its connection lives; several times within <c>Sessions:Silence</c>. Smaller: the list of sessions is
    /// fresher; larger: fewer calls for very many viewers. Default: 10 s.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan SessionTouch { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a grain call for a viewer may take before the viewer is told to come back. Smaller: viewers try another front sooner; larger: slow
    /// silos are waited for. Default: 10 s.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan AttachTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a closing connection is read on, so that its peer sees the close and not a reset. Smaller: dead peers hold their sockets for less
    /// long; larger: slow ones still hear why. Default: 2 s.
    /// </summary>
    [Bounds("00:00:00.01")]
    public TimeSpan CloseWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Longest time that <c>wait=</c> may ask for. Smaller: gets through proxies with short time-outs; larger: fewer polls of quiet tasks. Default: 30 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Largest text frame from a client in bytes. Smaller: less memory that a peer can claim; larger: longer commands, as of reviews. Default: 64 KiB.
    /// </summary>
    [Bounds(1024)]
    public int MaxFrameBytes { get; set; } = 64 << 10;

    /// <summary>
    /// Commands per second that a session may send. Smaller: one client can ask less of the silos; larger: busier clients stay connected. Default: 20.
    /// </summary>
    [Bounds(0.1)]
    public double CommandsPerSecond { get; set; } = 20;

    /// <summary>
    /// Commands that a session may send at once. Smaller and larger: as with <see cref="CommandsPerSecond"/>, for moments. Default: 50.
    /// </summary>
    [Bounds(1)]
    public int CommandBurst { get; set; } = 50;

    /// <summary>
    /// Answers that may wait for one socket; then its commands wait. Smaller: less memory for peers that do not read; larger: bursts of commands are
    /// taken in on slow sockets. Default: 64.
    /// </summary>
    [Bounds(1)]
    public int MaxAnswers { get; set; } = 64;

    /// <summary>
    /// Viewers on this front; beyond, they are told to come back. A connection to a task is one, a live list, a stream of figures, and a long poll
    /// while it waits, the last one of a viewer for <see cref="PollLinger"/> more. Smaller: memory is kept for those who are there; larger: more are
    /// let in, some 20 kB each. With 0 nobody is. Default: 50,000.
    /// </summary>
    [Bounds(0)]
    public int MaxSessions { get; set; } = 50_000;

    /// <summary>
    /// Workers that may wait for a task on this front at once; beyond, they are told to come back, unless there is a task for them at that moment.
    /// Smaller: fewer calls, as each asks the queues of its kinds every 2 s; larger: more are let in. Default: 10,000.
    /// </summary>
    [Bounds(0)]
    public int MaxWaitingWorkers { get; set; } = 10_000;

    /// <summary>
    /// Batches of workers that may wait for one task's log; more are refused until it follows. Smaller: workers are told sooner to wait; larger: more
    /// memory for a slow store. Default: 8.
    /// </summary>
    [Bounds(1)]
    public int MaxWaitingAppends { get; set; } = 8;

    /// <summary>Largest request body in bytes. Smaller: less memory that a caller can claim; larger: larger inputs and results. Default: 8 MiB.</summary>
    [Bounds(1024)]
    public int MaxBodyBytes { get; set; } = 8 << 20;

    /// <summary>
    /// Largest answer to a poll in bytes, unless one event alone is larger. Smaller: less memory for each; larger: fewer polls for a long history.
    /// Default: 1 MiB.
    /// </summary>
    [Bounds(1024)]
    public int PollBytes { get; set; } = 1 << 20;

    /// <summary>
    /// How long a long poll counts as a viewer after its end. Smaller: one who has gone is noticed sooner; larger: slow ones do not count as gone
    /// between two polls. Default: 30 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan PollLinger { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a quiet SSE stream sends a comment. Smaller: no proxy takes it for dead; larger: less traffic from very many quiet streams. Default: 15 s.
    /// </summary>
    [Bounds("00:00:00.01")]
    public TimeSpan SseComment { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long an <c>EventSource</c> waits before it comes back. Smaller: shorter gaps; larger: fronts are not stormed after a cut. Default: 1 s.
    /// </summary>
    [Bounds("00:00:00.01")]
    public TimeSpan SseRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// At a drain, viewers are told to come back after a time spread over this. Smaller: a restart is over sooner; larger: the other fronts are not
    /// stormed. Default: 5 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan DrainSpread { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a drain may take before what is left is cut. Smaller: a stop is over sooner; larger: slow viewers hear that they are to come back.
    /// Default: 10 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often the live list and the monitor's figures are sent at most. Smaller: fresher pages; larger: fewer listings of the store, one for each
    /// that watches. Default: 1 s.
    /// </summary>
    [Bounds("00:00:00.001")]
    public TimeSpan LivePeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Different lists that live streams may show on this front at once: one for each filter, however many look. Who asks for one more is told to
    /// come back. Smaller: fewer reads of the store, up to two a <see cref="LivePeriod"/> and list; larger: more filters. Default: 100.
    /// </summary>
    [Bounds(0)]
    public int MaxLiveLists { get; set; } = 100;

    /// <summary>
    /// How often a live list is looked at, and the monitor counts tasks, when no notice came: notices can be lost. Smaller: what was missed shows sooner;
    /// larger: fewer listings of the store. Default: 5 s.
    /// </summary>
    [Bounds("00:00:00.01")]
    public TimeSpan LiveRefresh { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Connections that wait to be accepted; whoever finds no place tries again a second later. Smaller: less is promised than can be kept; larger:
    /// storms of reconnects find room. The system's own limit holds, too, on Linux <c>net.core.somaxconn</c>. Default: 4,096.
    /// </summary>
    [Bounds(1)]
    public int MaxWaitingConnections { get; set; } = 4096;

    /// <summary>
    /// How often the front subscribes anew to the notices that tasks have changed: a subscription may be lost with a silo, and then lists are up to
    /// <see cref="LiveRefresh"/> behind. Also the longest time between two tries while it fails. Smaller: it is back sooner; larger: fewer calls.
    /// Default: 30 s.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan NoticeRenewal { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Origins besides our own and loopback that pages may come from, as <c>https://app.example.com</c>. Default: none.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Host names besides loopback by which this front may be called. Default: none.</summary>
    public IList<string> AllowedHosts { get; } = [];
}
