using System.Diagnostics.Metrics;

using Holdfast.Grains.Monitoring;

namespace Holdfast.Grains.Tasks;

/// <summary>Figures of tasks on this silo, as instruments of the meter <c>Holdfast.Grains</c>.</summary>
public sealed class TaskMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Holdfast.Grains";

    private static readonly InstrumentAdvice<double> AppendBuckets = new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };

    private readonly Meter _meter;
    private readonly Counter<long> _events;
    private readonly Histogram<double> _append;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _interrupted;
    private int _leases;

    /// <summary>Makes the instruments.</summary>
    public TaskMetrics(IMeterFactory meters, Generators.GeneratorPlaces places, TaskOwnership ownership)
    {
        _meter = meters.Create(MeterName);
        _events = _meter.CreateCounter<long>(FigureNames.EventsAppended, description: "Events stored by this silo.");
        _append = _meter.CreateHistogram<double>(FigureNames.Appends, "s", "From an append's start until it is stored.", advice: AppendBuckets);
        _ended = _meter.CreateCounter<long>("holdfast_tasks_ended", description: "Tasks that ended on this silo, by kind and status.");
        _interrupted = _meter.CreateCounter<long>(FigureNames.Interrupted, description: "Tries that went on on this silo after an interruption.");
        _meter.CreateObservableGauge(FigureNames.GeneratorsRunning, () => (long)places.Running, description: "Generators that run on this silo now.");
        _meter.CreateObservableGauge(FigureNames.WorkerLeases, () => (long)Volatile.Read(ref _leases), description: "Tasks of this silo that external workers have now.");
        _meter.CreateObservableGauge(FigureNames.TasksOwned, () => (long)ownership.Count, description: "Tasks that this silo writes.");
    }

    /// <summary>An append was stored.</summary>
    public void Stored(int events, TimeSpan took)
    {
        _events.Add(events);
        _append.Record(took.TotalSeconds);
    }

    /// <summary>A task has ended.</summary>
    public void Ended(string kind, GenerationStatus status) =>
        _ended.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("status", status.Wire()));

    /// <summary>A try goes on after an interruption.</summary>
    public void Interrupted() => _interrupted.Add(1);

    /// <summary>An external worker has one task more, or one less.</summary>
    public void Leased(bool more) => Interlocked.Add(ref _leases, more ? 1 : -1);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
