using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>Names parts of a text by the phrases that they have and the other parts don't.</summary>
internal sealed class KeyPhrases
{
    private const int MostCharacters = 12_000;
    private const int MostCandidates = 40;
    private const double SecondPhrase = 0.5;
    private const double FromTheBeginning = 1.3;
    private const double NoNoun = 0.5;

    private readonly AnalysedText _text;
    private readonly Work _work;
    private readonly List<Phrase>[] _candidates;
    private readonly Dictionary<int, int> _partsWith = [];
    private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);

    private KeyPhrases(AnalysedText text, IReadOnlyList<(int First, int End)> parts, Work work)
    {
        (_text, _work) = (text, work);
        _candidates = [.. parts.Select(part => Candidates(part.First, part.End))];
        CountParts(parts);
    }

    /// <summary>A name for each part of the sentences; empty where nothing stands out.</summary>
    public static Name[] Name(AnalysedText text, IReadOnlyList<(int First, int End)> parts, Work work)
    {
        var phrases = new KeyPhrases(text, parts, work);
        var names = new Name[parts.Count];
        for (var i = 0; i < names.Length; i++) names[i] = phrases.NameOf(i, parts[i].First, parts.Count);
        return names;
    }

    private List<Phrase> Candidates(int first, int end)
    {
        var words = new WordPhrases(_text);
        var characters = new CharacterPhrases(_text);
        var length = 0;
        for (var i = first; i < end; i++) length += _text.Sentences[i].Span.Length;

        // Of a long part, every n-th sentence is enough to know what it is about.
        var step = 1 + (length / MostCharacters);
        for (var i = first; i < end; i += step)
        {
            words.Read(_text.Sentences[i].Span, _work);
            characters.Read(_text.Sentences[i].Span, _work);
        }

        var most = words.Found.OrderByDescending(phrase => phrase.Count * phrase.Size).ThenBy(phrase => phrase.Span.Start).Take(MostCandidates);
        return [.. most.Where(phrase => phrase.Size == 1 || phrase.Count > 1), .. characters.Find(MostCandidates, _work)];
    }

    private void CountParts(IReadOnlyList<(int First, int End)> parts)
    {
        var wanted = new Dictionary<int, int>();
        foreach (var phrases in _candidates)
            foreach (var phrase in phrases)
                foreach (var term in phrase.Terms) wanted[term] = -1;
        for (var part = 0; part < parts.Count; part++)
        {
            for (var i = parts[part].First; i < parts[part].End; i++)
            {
                _work.Add(_text.Sentences[i].TermCount);
                foreach (var term in _text.TermsOf(i))
                {
                    if (!wanted.TryGetValue(term, out var last) || last == part) continue;
                    wanted[term] = part;
                    _partsWith[term] = _partsWith.GetValueOrDefault(term) + 1;
                }
            }
        }
    }

    private Name NameOf(int part, int firstSentence, int parts)
    {
        var opening = firstSentence < _text.Sentences.Length ? _text.Sentences[firstSentence].Span : default;
        var ranked = _candidates[part]
            .Select(phrase => (Phrase: phrase, Score: Score(phrase, parts, opening.End)))
            .OrderByDescending(one => one.Score).ThenBy(one => one.Phrase.Span.Start)
            .ToList();
        var first = ranked.FindIndex(one => one.Phrase.Terms.Length > 0 && _used.Add(Show(one.Phrase)));
        if (first < 0) return new Name("", "");
        var (best, score) = ranked[first];
        var second = ranked.Find(one => one.Score >= score * SecondPhrase && one.Phrase.Terms.Length > 0 && !one.Phrase.Terms.Intersect(best.Terms).Any()
            && !Overlaps(one.Phrase, best) && _used.Add(Show(one.Phrase)));
        if (second.Phrase.Count == 0) return new Name(Capital(Show(best)), Capital(Show(best)));
        var (one, other) = best.Span.Start < second.Phrase.Span.Start ? (best, second.Phrase) : (second.Phrase, best);
        return new Name(Capital(string.Concat(Show(one), _text.Language.And, Show(other))), Capital(Show(best)));
    }

    private bool Overlaps(Phrase a, Phrase b) =>
        Show(a).Contains(Show(b), StringComparison.OrdinalIgnoreCase) || Show(b).Contains(Show(a), StringComparison.OrdinalIgnoreCase);

    private static string Capital(string name) => char.IsLower(name[0]) ? string.Concat(char.ToUpperInvariant(name[0]).ToString(), name.AsSpan(1)) : name;

    /// <summary>Frequent here, rare elsewhere, long, and better when it is there from the beginning.</summary>
    private double Score(Phrase phrase, int parts, int opening)
    {
        if (phrase.Terms.Length == 0) return 0;
        var rarity = phrase.Terms.Average(term => Math.Log(1 + ((double)parts / Math.Max(1, _partsWith.GetValueOrDefault(term)))));
        var early = phrase.Span.Start < opening ? FromTheBeginning : 1;
        if (_text.Language.Code == "de" && char.IsLower(_text.Text[phrase.Span.Start])) rarity *= NoNoun;
        return Math.Round(phrase.Count * rarity * early * (1 + (0.5 * (Math.Min(phrase.Size, 3) - 1))), 6);
    }

    private string Show(Phrase phrase) => Titles.Clean(phrase.Span.Of(_text.Text));
}
