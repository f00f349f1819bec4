using Holdfast.Grains.Setup;

namespace Holdfast.Hosting;

/// <summary>What silos and fronts have in common as processes.</summary>
[Section("Process")]
public sealed class ProcessOptions
{
    /// <summary>
    /// How long a process that was asked to end may take, before what is left is cut. Smaller: a stop is over sooner; larger: more ends in good order.
    /// A supervisor's own limit is to be longer by some seconds. Default: 30 s.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long <c>/readyz</c> waits for the store and the cluster. Smaller: a hung one is told of sooner; larger: a slow one counts as ready.
    /// Default: 2 s.
    /// </summary>
    [Bounds("00:00:00.01")]
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Series that <c>/metrics</c> keeps of one metric; what has yet other labels is added up in one more, which has the label
    /// <c>otel_metric_overflow</c>. Smaller: less memory; larger: metrics of plug-ins may have more label values. Default: 200.
    /// </summary>
    [Bounds(1)]
    public int MaxSeries { get; set; } = 200;
}
