using Holdfast.Grains.Monitoring;

namespace Holdfast.Grains.Tests.Monitoring;

/// <summary>Several processes' figures as if they were one's.</summary>
public sealed class FigureSumsTests
{
    private static readonly FigureSums Sums = new(
    [
        new NodeFigures("n_1", [Figure("opened", 3, ("transport", "ws"), ("code", "1")), Figure("lag", 7), Histogram([0.1, 1], [2, 5], 6)]),
        new NodeFigures("n_2", [Figure("opened", 2, ("transport", "sse")), Figure("opened", 4, ("transport", "ws"), ("code", "2")), Figure("lag", 9), Histogram([0.5, 1], [1, 1], 1)]),
    ]);

    [Fact]
    public void CountersAndGauges_AreAddedUp_ByTheLabelsAskedFor()
    {
        Assert.Equal((9, 16, 9), (Sums.Total("opened"), Sums.Total("lag"), Sums.Largest("lag")));
        Assert.Equal(["sse 2", "ws 7"], Sums.By("opened", "transport").Select(one => $"{one.Values[0]} {one.Sum}"));
        Assert.Equal([" 2", "1 3", "2 4"], Sums.By("opened", "code").Select(one => $"{one.Values[0]} {one.Sum}"));
    }

    [Fact]
    public void Histograms_AreAddedUp_WhereverTheirBoundsAre()
    {
        var all = Sums.Histogram("append");
        Assert.Equal(7, all.Count);
        Assert.Equal([(0.1, 2), (0.5, 3), (1, 6)], all.Within);
    }

    [Fact]
    public void WhatNobodyMeasures_IsNothing()
    {
        Assert.Equal((0, 0, 0), (Sums.Total("none"), Sums.Largest("none"), Sums.Histogram("none").Count));
        Assert.Empty(Sums.By("none", "transport"));
        Assert.Empty(Sums.Histogram("none").Within);
    }

    private static Figure Figure(string name, double value, params (string Name, string Value)[] labels) =>
        new(name, labels.ToDictionary(label => label.Name, label => label.Value), value, 1, [], []);

    private static Figure Histogram(double[] bounds, long[] within, long count) => new("append", [], 1, count, bounds, within);
}
