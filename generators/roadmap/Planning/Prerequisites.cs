using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>
/// Which concepts a concept rests on: those before it whose titles it speaks of. What is needed through another one is left out,
/// so the answer is short, and it never has a circle since it only ever points back.
/// </summary>
internal static class Prerequisites
{
    private const int Most = 3;
    private const double LeastCoverage = 0.6;

    /// <summary>For each concept the numbers of those that it requires, in order.</summary>
    public static int[][] Find(AnalysedText text, IReadOnlyList<Piece> pieces, IReadOnlyList<string> titles, Work work)
    {
        var titleTerms = titles.Select(title => TermsOf(text, title)).ToArray();
        var uses = Count(text, pieces, titleTerms, work);
        var rarity = Rarity(uses);
        var introducedBy = new Dictionary<int, int>();
        for (var i = 0; i < titleTerms.Length; i++)
            foreach (var term in titleTerms[i]) introducedBy.TryAdd(term, i);

        var required = new int[pieces.Count][];
        var reach = new HashSet<int>[pieces.Count];
        for (var b = 0; b < required.Length; b++)
        {
            var candidates = new List<(int Concept, double Strength)>();
            for (var a = 0; a < b; a++)
            {
                work.Add(titleTerms[a].Count);
                if (Strength(a, titleTerms[a], uses[b], rarity, introducedBy) is > 0 and var strength) candidates.Add((a, strength));
            }

            required[b] = Reduce(candidates, reach);
            reach[b] = [.. required[b]];
            foreach (var a in required[b]) reach[b].UnionWith(reach[a]);
        }

        return required;
    }

    /// <summary>Single characters count only in a title that has nothing else.</summary>
    private static HashSet<int> TermsOf(AnalysedText text, string title)
    {
        var terms = text.Vocabulary.Of(title);
        if (terms.Any(term => !Terms.IsSingle(term))) terms.RemoveWhere(Terms.IsSingle);
        return terms;
    }

    /// <summary>How often each concept uses each term that is in any title.</summary>
    private static Dictionary<int, int>[] Count(AnalysedText text, IReadOnlyList<Piece> pieces, HashSet<int>[] titleTerms, Work work)
    {
        var wanted = titleTerms.SelectMany(terms => terms).ToHashSet();
        var uses = new Dictionary<int, int>[pieces.Count];
        for (var i = 0; i < uses.Length; i++)
        {
            uses[i] = [];
            for (var sentence = pieces[i].FirstSentence; sentence < pieces[i].EndSentence; sentence++)
            {
                work.Add(text.Sentences[sentence].TermCount);
                foreach (var term in text.TermsOf(sentence))
                    if (wanted.Contains(term)) uses[i][term] = uses[i].GetValueOrDefault(term) + 1;
            }
        }

        return uses;
    }

    private static Dictionary<int, double> Rarity(Dictionary<int, int>[] uses)
    {
        var concepts = new Dictionary<int, int>();
        foreach (var terms in uses)
            foreach (var term in terms.Keys) concepts[term] = concepts.GetValueOrDefault(term) + 1;
        return concepts.ToDictionary(pair => pair.Key, pair => Math.Log(1 + ((double)uses.Length / pair.Value)));
    }

    /// <summary>How much a concept speaks of the title of another one; 0 for not enough.</summary>
    private static double Strength(int concept, HashSet<int> title, Dictionary<int, int> uses, Dictionary<int, double> rarity, Dictionary<int, int> introducedBy)
    {
        var (covered, all, times, own) = (0.0, 0.0, 0, false);
        foreach (var term in title)
        {
            var worth = rarity.GetValueOrDefault(term, 1);
            all += worth;
            if (!uses.TryGetValue(term, out var count)) continue;
            covered += worth;
            times += count;
            own |= introducedBy[term] == concept;
        }

        if (!own || covered < all * LeastCoverage || times < 2) return 0;
        return Math.Round(covered / all * covered * Math.Log(1 + times), 6);
    }

    private static int[] Reduce(List<(int Concept, double Strength)> candidates, HashSet<int>[] reach)
    {
        var strongest = candidates.OrderByDescending(one => one.Strength).ThenByDescending(one => one.Concept).Take(2 * Most).Select(one => one.Concept).ToList();
        var direct = strongest.Where(one => !strongest.Exists(other => other != one && reach[other].Contains(one))).Take(Most);
        return [.. direct.Order()];
    }
}
