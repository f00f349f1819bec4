using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Holdfast.Hosting;

/// <summary>
/// Listens to the product's meters and renders them in Prometheus' text format (version 0.0.4). Histograms are kept as counts in fixed buckets.
/// Bounded: a meter that keeps making up label values gets no further series.
/// </summary>
public sealed class MetricsText : IDisposable
{
    private static readonly double[] Buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>The text's content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Family> _families = new(StringComparer.Ordinal);

    /// <summary>Listens from now on.</summary>
    public MetricsText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Holdfast.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>(Measured);
        _listener.Start();
    }

    /// <summary>The current value of a counter or gauge, all labels added up.</summary>
    public double Total(string name) => _families.TryGetValue(name, out var family) ? family.Series.Values.Sum(series => series.Sum) : 0;

    /// <summary>The current values of a counter or gauge by these labels, of the other labels added up.</summary>
    /// <returns>The labels' values, in the order asked for, and the sum of each such combination; in no order.</returns>
    public IReadOnlyList<(IReadOnlyList<string> Values, double Sum)> By(string name, params IReadOnlyList<string> labels)
    {
        var sums = new Dictionary<string, (IReadOnlyList<string> Values, double Sum)>(StringComparer.Ordinal);
        foreach (var series in _families.TryGetValue(name, out var family) ? family.Series.Values : [])
        {
            string[] values = [.. labels.Select(label => series.Tags.GetValueOrDefault(label, ""))];
            var key = string.Join('\n', values);
            sums[key] = (values, sums.GetValueOrDefault(key).Sum + series.Sum);
        }

        return [.. sums.Values];
    }

    /// <summary>What a histogram has measured so far, all labels added up; null when it has measured nothing here.</summary>
    public HistogramReading? Histogram(string name) =>
        !_families.TryGetValue(name, out var family) ? null
            : family.Series.Values.Select(series => series.Read()).Aggregate((one, other) => new HistogramReading(
                one.Count + other.Count, one.Sum + other.Sum, [.. one.UpTo.Zip(other.UpTo, (a, b) => (a.Bound, a.Count + b.Count))]));

    /// <summary>Reads the observable instruments.</summary>
    public void Collect() => _listener.RecordObservableInstruments();

    /// <summary>Everything, as text.</summary>
    public string Render()
    {
        Collect();
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
            if (family.Series.Count >= MaxSeries)
            {
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

    private const int MaxSeries = 200;

    private sealed record Family(string Kind, string Help)
    {
        public ConcurrentDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Series(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        private readonly Lock _gate = new();
        private readonly long[] _buckets = new long[Buckets.Length];
        private long _count;

        public IReadOnlyDictionary<string, string> Tags { get; } =
            tags.ToArray().ToDictionary(tag => tag.Key, tag => Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "", StringComparer.Ordinal);

        public double Sum { get; private set; }

        public HistogramReading Read()
        {
            lock (_gate)
            {
                return new HistogramReading(_count, Sum, [.. Buckets.Zip(_buckets)]);
            }
        }

        public void Add(double value, string kind)
        {
            lock (_gate)
            {
                Sum = kind == "gauge" ? value : Sum + value;
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
                    Line(text, name, labels, Sum);
                    return;
                }

                for (var i = 0; i < Buckets.Length; i++)
                {
                    Line(text, name + "_bucket", Join(labels, $"le=\"{Buckets[i].ToString(CultureInfo.InvariantCulture)}\""), _buckets[i]);
                }

                Line(text, name + "_bucket", Join(labels, "le=\"+Inf\""), _count);
                Line(text, name + "_sum", labels, Sum);
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

/// <summary>What a histogram has measured.</summary>
/// <param name="Count">How many values.</param>
/// <param name="Sum">All of them added up.</param>
/// <param name="UpTo">How many were at most so large; bounds ascend.</param>
public sealed record HistogramReading(long Count, double Sum, IReadOnlyList<(double Bound, long Count)> UpTo);
