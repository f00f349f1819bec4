namespace Holdfast.WebFront;

/// <summary>Limits and times of a web front.</summary>
public sealed class FrontOptions
{
    /// <summary>How often a peer is pinged, and told to send heartbeats; one that is silent for two intervals is closed. Default: 30 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a feed renews its lease at its task. A lost batch is noticed at the latest then. Default: 3 s.</summary>
    public TimeSpan FeedRenewal { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How soon a feed looks for its task again after it was not found, as when its silo has died; then less and less often, up to
    /// <see cref="FeedRenewal"/>. Smaller: viewers wait less; larger: fewer calls while a silo is replaced. Default: 250 ms.
    /// </summary>
    public TimeSpan FeedRetry { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a feed stays after its last session: a reload finds it warm. Default: 5 s.</summary>
    public TimeSpan FeedLinger { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of the newest events that a feed keeps at hand. Larger: fewer reads for those who lag a little. Default: 1 MiB.</summary>
    public int FeedWindowBytes { get; set; } = 1 << 20;

    /// <summary>Bytes of pages of older events, of all tasks together, least recently used go first. Default: 256 MiB.</summary>
    public long PageCacheBytes { get; set; } = 256L << 20;

    /// <summary>Events per page. Default: 512.</summary>
    public int PageEvents { get; set; } = 512;

    /// <summary>Largest page in bytes, unless one event alone is larger. Default: 256 KiB.</summary>
    public int PageBytes { get; set; } = 256 << 10;

    /// <summary>Most bytes that are written to a socket at once. Smaller: commands are answered sooner on slow sockets. Default: 64 KiB.</summary>
    public int WriteBytes { get; set; } = 64 << 10;

    /// <summary>A merged token is at most so large. Default: 64 KiB.</summary>
    public int MergedBytes { get; set; } = 64 << 10;

    /// <summary>A compact session that is further behind than so many events gets them merged. Default: 64.</summary>
    public int CompactLag { get; set; } = 64;

    /// <summary>How often a session's grain is told that its connection lives. Default: 10 s.</summary>
    public TimeSpan SessionTouch { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a grain call for a viewer may take before the viewer is told to come back. Default: 10 s.</summary>
    public TimeSpan AttachTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a closing socket is read on, so that its peer sees the close and not a reset. Default: 2 s.</summary>
    public TimeSpan CloseWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest time that <c>wait=</c> may ask for. Default: 30 s.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest text frame from a client in bytes. Default: 64 KiB.</summary>
    public int MaxFrameBytes { get; set; } = 64 << 10;

    /// <summary>Commands per second that a session may send. Default: 20.</summary>
    public double CommandsPerSecond { get; set; } = 20;

    /// <summary>Commands that a session may send at once. Default: 50.</summary>
    public int CommandBurst { get; set; } = 50;

    /// <summary>Answers that may wait for one socket; then its commands wait. Default: 64.</summary>
    public int MaxAnswers { get; set; } = 64;

    /// <summary>
    /// Viewers on this front; beyond, they are told to come back. A connection to a task is one, a live list, a stream of figures, and a long poll
    /// while it waits, the last one of a viewer for <see cref="PollLinger"/> more. Larger: more memory, some 20 kB each.
    /// Default: 50,000.
    /// </summary>
    public int MaxSessions { get; set; } = 50_000;

    /// <summary>
    /// Workers that may wait for a task on this front at once; beyond, they are told to come back, unless there is a task for them at that moment.
    /// Each asks the queues of its kinds every 2 s. Default: 10,000.
    /// </summary>
    public int MaxWaitingWorkers { get; set; } = 10_000;

    /// <summary>Batches of workers that may wait for one task's log; more are refused until it follows. Larger: more memory for a slow store. Default: 8.</summary>
    public int MaxWaitingAppends { get; set; } = 8;

    /// <summary>Largest request body in bytes. Default: 8 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 8 << 20;

    /// <summary>Largest answer to a poll in bytes. Default: 1 MiB.</summary>
    public int PollBytes { get; set; } = 1 << 20;

    /// <summary>How long a long poll counts as a viewer after its end. Default: 30 s.</summary>
    public TimeSpan PollLinger { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a quiet SSE stream sends a comment, so that no proxy takes it for dead. Default: 15 s.</summary>
    public TimeSpan SseComment { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an <c>EventSource</c> waits before it comes back. Default: 1 s.</summary>
    public TimeSpan SseRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>At a drain, viewers are told to come back after a time spread over this. Default: 5 s.</summary>
    public TimeSpan DrainSpread { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a drain may take before what is left is cut. Default: 10 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the live list and the monitor's figures are sent at most. Default: 1 s.</summary>
    public TimeSpan LivePeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Different lists that live streams may show on this front at once: one for each filter, however many look. Who asks for one more is told to
    /// come back. Larger: more reads of the store, up to two a <see cref="LivePeriod"/> and list. Default: 100.
    /// </summary>
    public int MaxLiveLists { get; set; } = 100;

    /// <summary>How often a live list is looked at when no notice came. Default: 5 s.</summary>
    public TimeSpan LiveRefresh { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often the front subscribes anew to the notices that tasks have changed: a subscription may be lost with a silo, and then lists are up to
    /// <see cref="LiveRefresh"/> behind. Also the longest time between two tries while it fails. Shorter: more calls. Default: 30 s.
    /// </summary>
    public TimeSpan NoticeRenewal { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Origins besides our own and loopback that pages may come from, as <c>https://app.example.com</c>. Default: none.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Host names besides loopback by which this front may be called. Default: none.</summary>
    public IList<string> AllowedHosts { get; } = [];
}
