using Holdfast.Grains.Feeds;
using Holdfast.Grains.Monitoring;
using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.Hosting;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Live;
using Microsoft.Extensions.Options;

namespace Holdfast.WebFront.Viewers;

/// <summary>What everything on a front shares: its id, its feeds and connections, the way to the grains, the clock.</summary>
internal sealed class FrontContext
{
    public FrontContext(
        IClusterClient grains, ILogReader logs, LocalFeeds local, PageCache pages, IOptions<FrontOptions> options,
        TimeProvider clock, FrontMetrics metrics, ILoggerFactory loggers)
    {
        (Grains, Logs, Options, Clock, Metrics) = (grains, logs, options.Value, clock, metrics);
        Logger = loggers.CreateLogger("Holdfast.WebFront");
        Feeds = new FeedDirectory(new FeedContext(Id, grains, local, pages, Options, clock, Logger), logs);
        (Viewers, WaitingWorkers) = (new Places(Options.MaxSessions), new Places(Options.MaxWaitingWorkers));
        StartedAt = clock.GetUtcNow();
        metrics.Observe(FigureNames.Connections, "Viewers' connections on this front now.", () => Connections.Count);
        metrics.Observe(FigureNames.Slow, "Viewers that lag by more than Front:CompactLag events now.", () => Connections.All.Count(one => one.Lag > Options.CompactLag));
        metrics.Observe(FigureNames.LargestLag, "Events by which the slowest viewer lags now.", () => Connections.All.Select(one => one.Lag).DefaultIfEmpty().Max());
        metrics.Observe(FigureNames.Feeds, "Tasks that this front watches now.", () => Feeds.All.Count);
        metrics.Observe(FigureNames.PageCacheBytes, "Bytes of older events in memory.", () => pages.Bytes);
    }

    /// <summary>This front's id, drawn at its start.</summary>
    public string Id { get; } = NewId.Front();

    public DateTimeOffset StartedAt { get; }

    public IGrainFactory Grains { get; }

    public ILogReader Logs { get; }

    public FrontOptions Options { get; }

    public TimeProvider Clock { get; }

    public FrontMetrics Metrics { get; }

    public ILogger Logger { get; }

    public FeedDirectory Feeds { get; }

    public ConnectionRegistry Connections { get; } = new();

    /// <summary>The places of viewers, whichever way they come: <see cref="FrontOptions.MaxSessions"/> of them.</summary>
    public Places Viewers { get; }

    /// <summary>The places of workers that wait for a task: <see cref="FrontOptions.MaxWaitingWorkers"/> of them.</summary>
    public Places WaitingWorkers { get; }

    /// <summary>Whether the store answers those who look at tasks here.</summary>
    public Outage Store { get; } = new();

    /// <summary>Whether the grains do.</summary>
    public Outage Cluster { get; } = new();

    /// <summary>Set when the front is going away: nobody new is let in.</summary>
    public bool Draining { get; set; }

    /// <summary>Notes what is away.</summary>
    /// <param name="reason">How it shows.</param>
    /// <returns>The level at which to say so.</returns>
    public LogLevel Away(Exception reason) => reason switch
    {
        LogStoreUnavailableException => Store.Failed(),
        TimeoutException or OrleansException => Cluster.Failed(),
        _ => LogLevel.Warning,
    };
}
