using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>
/// Groups concepts that follow each other into stages: of two to seven, along the chapters where there are any, else where the subject changes.
/// The grouping with the lowest cost is found exactly, by dynamic programming.
/// </summary>
internal static class StageGrouping
{
    /// <summary>Most concepts of a stage.</summary>
    public const int Most = 7;

    private const double CutInsideChapter = 1.2;
    private const double DeeperCut = 0.6;
    private const double MixedChapters = 1;
    private const double ChangeOfSubject = 0.4;

    private static readonly double[] CostOfSize = [0, 1_000, 0.8, 0.1, 0, 0.1, 0.5, 0.9];

    /// <summary>How many concepts each stage has, in order.</summary>
    public static int[] Group(IReadOnlyList<Piece> pieces, Cohesion cohesion, Work work)
    {
        var count = pieces.Count;
        var (cut, keep) = BoundaryCosts(pieces, cohesion);
        var best = new double[count + 1];
        var size = new int[count + 1];
        for (var end = 1; end <= count; end++)
        {
            best[end] = double.MaxValue;
            var inside = 0.0;
            for (var n = 1; n <= Math.Min(Most, end); n++)
            {
                work.Add(1);
                var start = end - n;
                if (n > 1) inside += keep[start + 1];
                var cost = Math.Round(best[start] + CostOfSize[n] + inside + (start > 0 ? cut[start] : 0), 6);
                if (cost < best[end]) (best[end], size[end]) = (cost, n);
            }
        }

        var sizes = new List<int>();
        for (var end = count; end > 0; end -= size[end]) sizes.Add(size[end]);
        sizes.Reverse();
        return [.. sizes];
    }

    /// <summary>What it costs to put a boundary between two concepts, and not to.</summary>
    private static (double[] Cut, double[] Keep) BoundaryCosts(IReadOnlyList<Piece> pieces, Cohesion cohesion)
    {
        var depths = new int[pieces.Count];
        for (var i = 1; i < depths.Length; i++) depths[i] = pieces[i - 1].Last.CommonWith(pieces[i].First).Depth;
        var top = depths.Length > 1 ? depths.Skip(1).Min() : 0;
        var chapterSize = new int[pieces.Count];
        for (int i = 0, start = 0; i < depths.Length; i++)
        {
            if (i > 0 && depths[i] == top) start = i;
            for (var j = start; j <= i; j++) chapterSize[j] = i - start + 1;
        }

        var (cut, keep) = (new double[pieces.Count], new double[pieces.Count]);
        for (var i = 1; i < depths.Length; i++)
        {
            var change = pieces[i].FirstSentence < pieces[i].EndSentence ? cohesion.DepthBefore(pieces[i].FirstSentence) : 0;
            cut[i] = Math.Min(depths[i] - top, 2) * DeeperCut + (depths[i] > top ? CutInsideChapter - DeeperCut : 0) - (ChangeOfSubject * change / 2);
            var whole = (chapterSize[i] > 1 ? 0.5 : 0) + (chapterSize[i - 1] > 1 ? 0.5 : 0);
            keep[i] = depths[i] == top ? MixedChapters * whole : 0;
        }

        return (cut, keep);
    }
}
