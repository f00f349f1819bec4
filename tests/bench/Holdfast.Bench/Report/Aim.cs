namespace Holdfast.Bench.Report;

/// <summary>What a figure is to be, against the baseline of the same run where there is one.</summary>
internal sealed record Aim(string Scenario, string Measure, string Text, Func<Row, bool?> IsMet)
{
    /// <summary>All aims.</summary>
    public static IReadOnlyList<Aim> All { get; } =
    [
        new("fanout", "flood: deliveries", "at least 0.5 x", row => row.Ratio is { } ratio ? ratio >= 0.5 : null),
        new("replay", "plain: deliveries", "at least 0.5 x", row => row.Ratio is { } ratio ? ratio >= 0.5 : null),
        new("many", "paced: deliveries", "40,000 /s", row => row.Holdfast is { } rate ? rate >= 39_000 : null),
        new("many", "paced: latency p99", "under 50 ms", row => row.Holdfast is { } latency ? latency < 50 : null),
        new("idle", "resident memory per connection", "at most 1.3 x", row => row.Ratio is { } ratio ? ratio <= 1.3 : null),
        new("storm", "until all are back", "at most 2 x", row => row.Ratio is { } ratio ? ratio <= 2 : null),
    ];
}
