using Holdfast.Grains.Monitoring;
using System.Diagnostics.Metrics;

namespace Holdfast.WebFront.Live;

/// <summary>The front's own figures, as instruments of the meter <c>Holdfast.WebFront</c>.</summary>
internal sealed class FrontMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Holdfast.WebFront";

    private readonly Meter _meter;
    private readonly Counter<long> _opened;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _returned;
    private readonly Counter<long> _gaps;

    public FrontMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _opened = _meter.CreateCounter<long>(FigureNames.Opened, description: "Viewers' connections that were attached.");
        _closed = _meter.CreateCounter<long>(FigureNames.Closed, description: "Viewers' connections that ended, by close code and verdict.");
        _returned = _meter.CreateCounter<long>(FigureNames.Returned, description: "Viewers that came with a cursor, by what became of it: resumed, reset to the first event, or told to stop.");
        _gaps = _meter.CreateCounter<long>(FigureNames.Gaps, description: "Events that were about to be left out of a viewer's stream. Must stay 0.");
        _delivered = _meter.CreateCounter<long>(FigureNames.Delivered, description: "Event messages written to viewers.");
    }

    public void Opened(string transport) => _opened.Add(1, new KeyValuePair<string, object?>("transport", transport));

    public void Closed(string transport, int code, bool stop) => _closed.Add(
        1,
        new KeyValuePair<string, object?>("transport", transport),
        new KeyValuePair<string, object?>("code", code),
        new KeyValuePair<string, object?>("verdict", stop ? "stop" : "reconnect"));

    public void Delivered(int messages) => _delivered.Add(messages);

    /// <summary>A viewer came with a cursor.</summary>
    public void Returned(ReturnOutcome outcome) => _returned.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString().ToLowerInvariant()));

    public void Gap() => _gaps.Add(1);

    /// <summary>Figures that are read when they are asked for.</summary>
    public void Observe(string name, string description, Func<long> read) => _meter.CreateObservableGauge(name, read, description: description);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}

/// <summary>What became of a viewer that came with a cursor.</summary>
internal enum ReturnOutcome
{
    /// <summary>It went on where it was.</summary>
    Resumed,

    /// <summary>Its log is another one now: it began anew.</summary>
    Reset,

    /// <summary>It was told to stop: there is no such task any more, or it may not.</summary>
    Refused,
}
