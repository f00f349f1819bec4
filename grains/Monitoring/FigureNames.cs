using System.Collections.Frozen;

namespace Holdfast.Grains.Monitoring;

/// <summary>The instruments that the monitor reads: these are what a process reports.</summary>
public static class FigureNames
{
    /// <summary>Histogram, seconds: an append, from its start until it is stored.</summary>
    public const string Appends = "holdfast_append_seconds";

    /// <summary>Counter: events stored.</summary>
    public const string EventsAppended = "holdfast_events_appended";

    /// <summary>Counter: tries that went on after an interruption.</summary>
    public const string Interrupted = "holdfast_tasks_interrupted";

    /// <summary>Gauge: generators that run.</summary>
    public const string GeneratorsRunning = "holdfast_generators_running";

    /// <summary>Gauge: tasks that silos write.</summary>
    public const string TasksOwned = "holdfast_tasks_owned";

    /// <summary>Gauge: tasks that external workers have.</summary>
    public const string WorkerLeases = "holdfast_worker_leases";

    /// <summary>Gauge: viewers' connections.</summary>
    public const string Connections = "holdfast_connections";

    /// <summary>Counter by transport: connections that began.</summary>
    public const string Opened = "holdfast_connections_opened";

    /// <summary>Counter by transport, code and verdict: connections that ended.</summary>
    public const string Closed = "holdfast_connections_closed";

    /// <summary>Counter by outcome: viewers that came with a cursor.</summary>
    public const string Returned = "holdfast_cursors_returned";

    /// <summary>Counter: event messages written to viewers.</summary>
    public const string Delivered = "holdfast_messages_delivered";

    /// <summary>Counter: events that were about to be left out; must stay 0.</summary>
    public const string Gaps = "holdfast_gaps";

    /// <summary>Gauge: clients that poll.</summary>
    public const string Polling = "holdfast_viewers_polling";

    /// <summary>Gauge: viewers that lag.</summary>
    public const string Slow = "holdfast_viewers_slow";

    /// <summary>Gauge: events by which the slowest viewer lags.</summary>
    public const string LargestLag = "holdfast_viewers_largest_lag";

    /// <summary>Gauge: tasks that fronts watch.</summary>
    public const string Feeds = "holdfast_feeds";

    /// <summary>Gauge: bytes of older events in memory.</summary>
    public const string PageCacheBytes = "holdfast_page_cache_bytes";

    /// <summary>All of them.</summary>
    public static FrozenSet<string> All { get; } = FrozenSet.Create(
        StringComparer.Ordinal,
        Appends, EventsAppended, Interrupted, GeneratorsRunning, TasksOwned, WorkerLeases, Connections, Opened, Closed, Returned, Delivered, Gaps, Polling, Slow, LargestLag, Feeds, PageCacheBytes);
}
