using System.Runtime.InteropServices;

using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>
/// Where a text changes its subject: TextTiling, after M. Hearst, "TextTiling: Segmenting text into multi-paragraph subtopic passages",
/// Computational Linguistics 23(1), 1997. Between any two sentences, the words of the sentences before and after are compared;
/// the deeper the valley between the peaks around it, the likelier a new subject begins there.
/// </summary>
internal sealed class Cohesion
{
    private const int Window = 8;
    private const int FarthestPeak = 40;

    private readonly double[] _depth;

    private Cohesion(double[] depth) => _depth = depth;

    /// <summary>How deep the valley before a sentence is, 0 to 2.</summary>
    public double DepthBefore(int sentence) => _depth[sentence];

    /// <summary>Measures a text. The two windows slide, so that each term is counted in and out of each once.</summary>
    public static Cohesion Of(AnalysedText text, Work work)
    {
        var count = text.Sentences.Length;
        var similarity = new double[count + 1];
        var windows = new Windows();
        for (var i = 0; i < Math.Min(Window, count); i++) windows.Right(text.TermsOf(i), 1);
        for (var gap = 1; gap < count; gap++)
        {
            work.Add(4 * text.Sentences[gap - 1].TermCount);
            windows.Right(text.TermsOf(gap - 1), -1);
            windows.Left(text.TermsOf(gap - 1), 1);
            if (gap - 1 + Window < count) windows.Right(text.TermsOf(gap - 1 + Window), 1);
            if (gap - 1 - Window >= 0) windows.Left(text.TermsOf(gap - 1 - Window), -1);
            similarity[gap] = windows.Cosine;
        }

        var depth = new double[count + 1];
        for (var gap = 1; gap < count; gap++)
            depth[gap] = Math.Round(Peak(similarity, gap, -1, count) + Peak(similarity, gap, 1, count) - (2 * similarity[gap]), 6);
        return new Cohesion(depth);
    }

    private static double Peak(double[] similarity, int gap, int step, int count)
    {
        var peak = similarity[gap];
        for (var i = gap + step; i > 0 && i < count && Math.Abs(i - gap) <= FarthestPeak && similarity[i] >= peak; i += step) peak = similarity[i];
        return peak;
    }

    /// <summary>How often each term stands on both sides, with the sums that the cosine needs kept up to date.</summary>
    private sealed class Windows
    {
        private readonly Dictionary<int, (int Left, int Right)> _counts = [];
        private long _dot;
        private long _left;
        private long _right;

        public double Cosine => _left == 0 || _right == 0 ? 0 : Math.Round(_dot / Math.Sqrt((double)_left * _right), 6);

        public void Left(ReadOnlySpan<int> terms, int by)
        {
            foreach (var term in terms)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, term, out _);
                _dot += by * count.Right;
                _left += (2 * by * count.Left) + 1;
                count.Left += by;
                if (count is (0, 0)) _counts.Remove(term);
            }
        }

        public void Right(ReadOnlySpan<int> terms, int by)
        {
            foreach (var term in terms)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, term, out _);
                _dot += by * count.Left;
                _right += (2 * by * count.Right) + 1;
                count.Right += by;
                if (count is (0, 0)) _counts.Remove(term);
            }
        }
    }
}
