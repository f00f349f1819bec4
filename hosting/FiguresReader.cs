using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

using Holdfast.Grains.Monitoring;

using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

/// <summary>
/// Keeps what the monitor shows (<see cref="FigureNames"/>) of this host, to be read at any time. Bounded: of one instrument so many series; those that would
/// be more are not kept.
/// </summary>
public sealed class FiguresReader : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentBag<Instrumented> _instruments = [];

    /// <summary>Listens from now on.</summary>
    /// <param name="meters">The host's: what other hosts in the same process measure is theirs.</param>
    /// <param name="options">How many series are kept.</param>
    public FiguresReader(IMeterFactory meters, IOptions<ProcessOptions> options)
    {
        var maxSeries = options.Value.MaxSeries;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && FigureNames.All.Contains(instrument.Name))
            {
                var kept = new Instrumented(instrument, maxSeries);
                _instruments.Add(kept);
                listener.EnableMeasurementEvents(instrument, kept);
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, kept) => ((Instrumented)kept!).Measure(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, kept) => ((Instrumented)kept!).Measure(value, tags));
        _listener.Start();
    }

    /// <summary>Every series as it stands now.</summary>
    public Figure[] Read()
    {
        _listener.RecordObservableInstruments();
        return [.. _instruments.SelectMany(one => one.Read())];
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private sealed class Instrumented(Instrument instrument, int maxSeries)
    {
        private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
        private readonly bool _lasts = instrument.IsObservable;
        private readonly double[] _bounds = [.. (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? []];

        public void Measure(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var labels = Labels(tags);
            if (_series.TryGetValue(labels, out var series) || (_series.Count < maxSeries && (series = _series.GetOrAdd(labels, new Series(tags, _bounds))) is not null))
            {
                series.Add(value, _lasts);
            }
        }

        public IEnumerable<Figure> Read() => _series.Values.Select(series => series.Read(instrument.Name));

        private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            tags.IsEmpty ? "" : string.Join('\n', tags.ToArray().Select(tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}")));
    }

    private sealed class Series(ReadOnlySpan<KeyValuePair<string, object?>> tags, double[] bounds)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, string> _labels =
            tags.ToArray().ToDictionary(tag => tag.Key, tag => Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "", StringComparer.Ordinal);
        private readonly long[] _within = new long[bounds.Length];
        private long _count;
        private double _sum;

        public void Add(double value, bool lasts)
        {
            lock (_gate)
            {
                _sum = lasts ? value : _sum + value;
                _count++;
                for (var i = 0; i < bounds.Length; i++)
                {
                    _within[i] += value <= bounds[i] ? 1 : 0;
                }
            }
        }

        public Figure Read(string name)
        {
            lock (_gate)
            {
                return new Figure(name, _labels, _sum, _count, bounds, [.. _within]);
            }
        }
    }
}
