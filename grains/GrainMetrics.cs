using System.Diagnostics.Metrics;

using Holdfast.Grains.Generators;
using Holdfast.Grains.Recovery;

namespace Holdfast.Grains;

/// <summary>The silo's own figures, as instruments of the meter <c>Holdfast.Grains</c>.</summary>
internal sealed class GrainMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _appended;
    private readonly Counter<long> _ended;

    public GrainMetrics(IMeterFactory meters, TaskOwnership ownership, GeneratorPlaces places)
    {
        _meter = meters.Create("Holdfast.Grains");
        _appended = _meter.CreateCounter<long>("holdfast_events_appended", description: "Events that were stored.");
        _ended = _meter.CreateCounter<long>("holdfast_tasks_ended", description: "Tasks that ended, by status.");
        _meter.CreateObservableGauge("holdfast_tasks_owned", () => (long)ownership.Count, description: "Tasks that this silo writes.");
        _meter.CreateObservableGauge("holdfast_generators_running", () => (long)places.Running, description: "Generators that run on this silo.");
    }

    public void Appended(int events) => _appended.Add(events);

    public void Ended(string status) => _ended.Add(1, new KeyValuePair<string, object?>("status", status));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
