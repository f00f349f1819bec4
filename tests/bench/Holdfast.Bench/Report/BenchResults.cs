using Holdfast.Bench.Servers;

namespace Holdfast.Bench.Report;

/// <summary>One measured value.</summary>
internal sealed record Figure(string Scenario, string Measure, string Unit, ServerKind Server, int Repetition, double Value);

/// <summary>All that was measured.</summary>
internal sealed class BenchResults
{
    /// <summary>The values, in the order in which they came.</summary>
    public List<Figure> Figures { get; } = [];

    /// <summary>Whatever a viewer saw that it must not see.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Adds a value.</summary>
    public void Add(Figure figure)
    {
        Figures.Add(figure);
        Console.WriteLine($"  {figure.Server,-9}{figure.Measure,-45}{figure.Value,14:#,0.##} {figure.Unit}");
    }

    /// <summary>The medians, and the verdict of the aim that there may be.</summary>
    public IEnumerable<Row> Rows() => Figures.GroupBy(figure => (figure.Scenario, figure.Measure)).Select(group =>
    {
        var baseline = group.Where(figure => figure.Server == ServerKind.Baseline).ToDictionary(figure => figure.Repetition, figure => figure.Value);
        var holdfast = group.Where(figure => figure.Server == ServerKind.Holdfast).ToDictionary(figure => figure.Repetition, figure => figure.Value);
        var ratio = Median([.. holdfast.Where(one => baseline.GetValueOrDefault(one.Key) != 0).Select(one => one.Value / baseline[one.Key])]);
        var row = new Row(group.Key.Scenario, group.Key.Measure, group.First().Unit, Median(baseline.Values), Median(holdfast.Values), ratio, null, null);
        return Aim.All.FirstOrDefault(aim => aim.Scenario == row.Scenario && aim.Measure == row.Measure) is { } aim
            ? row with { Aim = aim.Text, Met = aim.IsMet(row) } : row;
    });

    private static double? Median(ICollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}

/// <summary>One line of the table: medians, the median of the repetitions' ratios, and the verdict.</summary>
internal sealed record Row(string Scenario, string Measure, string Unit, double? Baseline, double? Holdfast, double? Ratio, string? Aim, bool? Met);
