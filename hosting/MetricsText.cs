using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

using Holdfast.Grains.Monitoring;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

/// <summary>
/// Listens to the product's meters and renders them in Prometheus' text format (version 0.0.4). Histograms are kept as counts in fixed buckets.
/// Bounded: a metric that keeps making up label values gets no further series, and one warning says so.
/// </summary>
public sealed partial class MetricsText : IDisposable
{
    private static readonly double[] Buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>The text's content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Family> _families = new(StringComparer.Ordinal);

    private readonly int _maxSeries;
    private readonly ILogger _logger;

    /// <summary>Listens from now on.</summary>
    /// <param name="meters">The host's: what other hosts in the same process measure is theirs.</param>
    /// <param name="options">How many series are kept.</param>
    /// <param name="logger">Hears of metrics that have more.</param>
    public MetricsText(IMeterFactory meters, IOptions<ProcessOptions> options, ILogger<MetricsText> logger)
    {
        (_maxSeries, _logger) = (options.Value.MaxSeries, logger);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Meter.Name.StartsWith("Holdfast.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>(Measured);
        _listener.Start();
    }

    /// <summary>What the monitor's series show now.</summary>
    public Figure[] Read()
    {
        _listener.RecordObservableInstruments();
        return [.. _families.Where(pair => FigureNames.All.Contains(pair.Key)).SelectMany(pair => pair.Value.Series.Values.Select(series => series.Read(pair.Key, pair.Value.Kind)))];
    }

    /// <summary>Everything, as text.</summary>
    public string Render()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var (name, family) in _families.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var shown = family.Kind == "counter" ? name + "_total" : name;
            text.Append("# HELP ").Append(shown).Append(' ').AppendLine(family.Help);
            text.Append("# TYPE ").Append(shown).Append(' ').AppendLine(family.Kind);
            foreach (var (labels, series) in family.Series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                series.Render(text, shown, labels, family.Kind);
            }
        }

        return text.Replace("\r\n", "\n").ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) => Measure(instrument, value, tags);

    private void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var family = _families.GetOrAdd(instrument.Name, static (_, made) => new Family(KindOf(made), made.Description ?? made.Name), instrument);
        var labels = Labels(tags);
        if (!family.Series.TryGetValue(labels, out var series))
        {
            if (family.Series.Count >= _maxSeries)
            {
                if (family.FillsUp())
                {
                    Full(_logger, instrument.Name, _maxSeries);
                }

                return;
            }

            series = family.Series.GetOrAdd(labels, new Series(tags));
        }

        series.Add(value, family.Kind);
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> or Counter<double> or Counter<int> or ObservableCounter<long> => "counter",
        Histogram<double> or Histogram<long> => "histogram",
        _ => "gauge",
    };

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            var escaped = Convert.ToString(value, CultureInfo.InvariantCulture)?.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"").Append(escaped).Append('"');
        }

        return text.ToString();
    }

    private sealed record Family(string Kind, string Help)
    {
        private int _full;

        public ConcurrentDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);

        /// <summary>True once.</summary>
        public bool FillsUp() => Interlocked.Exchange(ref _full, 1) == 0;
    }

    private sealed class Series(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        private readonly Lock _gate = new();
        private readonly long[] _buckets = new long[Buckets.Length];
        private readonly Dictionary<string, string> _tags =
            tags.ToArray().ToDictionary(tag => tag.Key, tag => Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "", StringComparer.Ordinal);
        private long _count;
        private double _sum;

        public Figure Read(string name, string kind)
        {
            lock (_gate)
            {
                return new Figure(name, _tags, _sum, _count, kind == "histogram" ? Buckets : [], kind == "histogram" ? [.. _buckets] : []);
            }
        }

        public void Add(double value, string kind)
        {
            lock (_gate)
            {
                _sum = kind == "gauge" ? value : _sum + value;
                _count++;
                if (kind != "histogram")
                {
                    return;
                }

                for (var i = 0; i < Buckets.Length; i++)
                {
                    _buckets[i] += value <= Buckets[i] ? 1 : 0;
                }
            }
        }

        public void Render(StringBuilder text, string name, string labels, string kind)
        {
            lock (_gate)
            {
                if (kind != "histogram")
                {
                    Line(text, name, labels, _sum);
                    return;
                }

                for (var i = 0; i < Buckets.Length; i++)
                {
                    Line(text, name + "_bucket", Join(labels, $"le=\"{Buckets[i].ToString(CultureInfo.InvariantCulture)}\""), _buckets[i]);
                }

                Line(text, name + "_bucket", Join(labels, "le=\"+Inf\""), _count);
                Line(text, name + "_sum", labels, _sum);
                Line(text, name + "_count", labels, _count);
            }
        }

        private static string Join(string labels, string more) => labels.Length == 0 ? more : labels + "," + more;

        private static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
            {
                text.Append('{').Append(labels).Append('}');
            }

            text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }
    }
}
