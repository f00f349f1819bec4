using System.Text;

namespace Holdfast.Bench.Report;

/// <summary>The results for people.</summary>
internal static class Table
{
    /// <summary>As text.</summary>
    public static string Of(BenchResults results, BenchOptions options)
    {
        var text = new StringBuilder();
        text.AppendLine($"{"",-9} {"medians of " + options.Repeat,-42} {"baseline",14} {"Holdfast",14} {"",-3} {"ratio",6}");
        var scenario = "";
        foreach (var row in results.Rows())
        {
            var verdict = row.Aim is null ? "" : options.Quick ? $"  {row.Aim}" : $"  {row.Aim}: {row.Met switch { true => "met", false => "MISSED", null => "not judged" }}";
            text.AppendLine($"{(row.Scenario == scenario ? "" : row.Scenario),-9} {row.Measure,-42} {Number(row.Baseline),14} {Number(row.Holdfast),14} {row.Unit,-3} {row.Ratio,6:0.00}{verdict}");
            scenario = row.Scenario;
        }

        if (options.Quick)
        {
            text.AppendLine().AppendLine("A quick run shows that everything works; its figures mean nothing.");
        }

        text.AppendLine().Append(results.Violations.Count == 0 ? "Every viewer saw every event once and in order." : "VIOLATIONS\n  " + string.Join("\n  ", results.Violations));
        return text.ToString();
    }

    private static string Number(double? value) => value switch
    {
        null => "",
        < 10 => $"{value:0.00}",
        < 1000 => $"{value:0.0}",
        _ => $"{value:#,0}",
    };
}
