using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>
/// Finds the sentences that say most of what a text says: TextRank, after R. Mihalcea and P. Tarau, "TextRank: Bringing order into text", EMNLP 2004.
/// Sentences recommend each other by the terms that they share; PageRank says which ones are recommended most.
/// </summary>
/// <remarks>
/// Comparing every sentence with every other one takes time with the square of their number. So at most <see cref="Window"/> are compared at once:
/// longer texts are ranked window by window, and the best of each window once more among themselves.
/// </remarks>
internal static class TextRank
{
    /// <summary>Most sentences that are compared with each other.</summary>
    public const int Window = 128;

    private const int BestOfWindow = 12;
    private const double Damping = 0.85;
    private const double Settled = 1e-5;
    private const int MostRounds = 40;

    /// <summary>The best sentences with their scores (1 for the best), in document order; at most <see cref="Window"/>.</summary>
    public static List<(int Sentence, double Score)> Rank(AnalysedText text, IReadOnlyList<int> sentences, Work work)
    {
        while (sentences.Count > Window)
        {
            var winners = new List<int>();
            foreach (var window in sentences.Chunk(Window))
                winners.AddRange(RankWindow(text, window, work).OrderByDescending(one => one.Score).ThenBy(one => one.Sentence).Take(BestOfWindow).Select(one => one.Sentence).Order());
            sentences = winners;
        }

        return RankWindow(text, sentences, work);
    }

    private static List<(int Sentence, double Score)> RankWindow(AnalysedText text, IReadOnlyList<int> sentences, Work work)
    {
        var terms = sentences.Select(sentence => DistinctTerms(text, sentence)).ToArray();
        var (weights, sums) = Compare(terms, work);
        var scores = Recommend(weights, sums, work);
        var best = scores.Length == 0 ? 1 : scores.Max();
        return [.. sentences.Select((sentence, i) => (sentence, Math.Round(scores[i] / best, 6)))];
    }

    private static int[] DistinctTerms(AnalysedText text, int sentence)
    {
        var terms = text.TermsOf(sentence).ToArray();
        Array.Sort(terms);
        return [.. terms.Distinct()];
    }

    /// <summary>
    /// How similar sentences are: the number of terms that both have, over the logarithms of their lengths; with one added to the lengths,
    /// so that sentences of one term don't divide by nothing.
    /// </summary>
    private static (double[,] Weights, double[] Sums) Compare(int[][] terms, Work work)
    {
        var weights = new double[terms.Length, terms.Length];
        var sums = new double[terms.Length];
        for (var i = 0; i < terms.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                work.Add(1 + ((terms[i].Length + terms[j].Length) / 4));
                var common = Common(terms[i], terms[j]);
                if (common == 0) continue;
                var weight = common / (Math.Log(1 + terms[i].Length) + Math.Log(1 + terms[j].Length));
                weights[i, j] = weights[j, i] = weight;
                sums[i] += weight;
                sums[j] += weight;
            }
        }

        return (weights, sums);
    }

    private static int Common(int[] a, int[] b)
    {
        var (i, j, common) = (0, 0, 0);
        while (i < a.Length && j < b.Length)
        {
            if (a[i] == b[j]) (i, j, common) = (i + 1, j + 1, common + 1);
            else if (a[i] < b[j]) i++;
            else j++;
        }

        return common;
    }

    private static double[] Recommend(double[,] weights, double[] sums, Work work)
    {
        var count = sums.Length;
        var scores = new double[count];
        var next = new double[count];
        Array.Fill(scores, 1);
        for (var round = 0; round < MostRounds; round++)
        {
            work.Add((count * count / 4) + 1);
            var change = 0.0;
            for (var i = 0; i < count; i++)
            {
                var received = 0.0;
                for (var j = 0; j < count; j++)
                    if (weights[j, i] > 0) received += weights[j, i] / sums[j] * scores[j];
                next[i] = 1 - Damping + (Damping * received);
                change = Math.Max(change, Math.Abs(next[i] - scores[i]));
            }

            (scores, next) = (next, scores);
            if (change < Settled) break;
        }

        return scores;
    }
}
