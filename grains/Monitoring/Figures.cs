namespace Holdfast.Grains.Monitoring;

/// <summary>What one series of a process's instruments shows.</summary>
/// <param name="Name">The instrument's.</param>
/// <param name="Labels">The series' labels.</param>
/// <param name="Sum">A counter's count, a gauge's value, or all that a histogram has measured added up.</param>
/// <param name="Count">How many values came.</param>
/// <param name="Bounds">A histogram's bounds, ascending; else empty.</param>
/// <param name="Within">How many values were at most as large as each bound.</param>
[GenerateSerializer, Immutable, Alias("holdfast.Figure")]
public sealed record Figure(
    [property: Id(0)] string Name,
    [property: Id(1)] Dictionary<string, string> Labels,
    [property: Id(2)] double Sum,
    [property: Id(3)] long Count,
    [property: Id(4)] double[] Bounds,
    [property: Id(5)] long[] Within);

/// <summary>What one process measures.</summary>
/// <param name="Node">Drawn at its start.</param>
/// <param name="Figures">All its series.</param>
[GenerateSerializer, Immutable, Alias("holdfast.NodeFigures")]
public sealed record NodeFigures([property: Id(0)] string Node, [property: Id(1)] Figure[] Figures);

/// <summary>What a histogram has measured.</summary>
/// <param name="Count">How many values.</param>
/// <param name="Sum">All of them added up.</param>
/// <param name="Within">How many were at most so large; bounds ascend.</param>
public sealed record HistogramReading(long Count, double Sum, IReadOnlyList<(double Bound, long Count)> Within);

/// <summary>The figures of several processes as if they were one.</summary>
public sealed class FigureSums
{
    private readonly ILookup<string, Figure> _series;

    /// <summary>Takes what they measured.</summary>
    public FigureSums(IEnumerable<NodeFigures> nodes) => _series = nodes.SelectMany(node => node.Figures).ToLookup(figure => figure.Name, StringComparer.Ordinal);

    /// <summary>A counter or gauge, everything added up; 0 where nobody has it.</summary>
    public double Total(string name) => _series[name].Sum(figure => figure.Sum);

    /// <summary>The largest value of a gauge; 0 where nobody has it.</summary>
    public double Largest(string name) => _series[name].Select(figure => figure.Sum).DefaultIfEmpty().Max();

    /// <summary>A counter or gauge by these labels, the other labels added up.</summary>
    /// <returns>The labels' values, in the order asked for, and the sum of each such combination; in the order of the values.</returns>
    public IReadOnlyList<(IReadOnlyList<string> Values, double Sum)> By(string name, params IReadOnlyList<string> labels) =>
    [
        .. _series[name]
            .Select(figure => (Values: labels.Select(label => figure.Labels.GetValueOrDefault(label, "")).ToArray(), figure.Sum))
            .GroupBy(one => string.Join('\n', one.Values), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => ((IReadOnlyList<string>)group.First().Values, group.Sum(one => one.Sum))),
    ];

    /// <summary>A histogram, everything added up. Where bounds differ, a value counts at the next one that its series has.</summary>
    public HistogramReading Histogram(string name)
    {
        var all = _series[name].ToList();
        var bounds = all.SelectMany(figure => figure.Bounds).Distinct().Order();
        return new HistogramReading(
            all.Sum(figure => figure.Count), all.Sum(figure => figure.Sum), [.. bounds.Select(bound => (bound, all.Sum(figure => Within(figure, bound))))]);
    }

    private static long Within(Figure figure, double bound) => Array.FindLastIndex(figure.Bounds, own => own <= bound) is >= 0 and var at ? figure.Within[at] : 0;
}
