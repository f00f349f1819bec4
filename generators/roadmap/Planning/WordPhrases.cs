using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>Finds phrases of scripts with spaces: words in a row with no stop word and no punctuation between them, as in RAKE (Rose et al. 2010).</summary>
internal sealed class WordPhrases(AnalysedText text)
{
    private const int Longest = 3;

    private readonly Dictionary<(int A, int B, int C), Phrase> _found = [];
    private readonly List<(int Term, TextSpan Span)> _row = [];

    /// <summary>What was found, in the order of first appearance.</summary>
    public IEnumerable<Phrase> Found => _found.Values;

    /// <summary>Counts the phrases of a sentence.</summary>
    public void Read(TextSpan sentence, Work work)
    {
        work.Add(sentence.Length);
        _row.Clear();
        var characters = sentence.Of(text.Text);
        foreach (var token in new Tokens(characters))
        {
            var word = characters.Slice(token.Start, token.Length);
            var term = token.Unspaced || CharClasses.IsHangul(word[0]) ? -1 : text.Vocabulary.WordOf(word);
            if (term < 0 || token.Apart) _row.Clear();
            if (term < 0) continue;
            if (_row.Count == Longest) _row.RemoveAt(0);
            _row.Add((term, new TextSpan(sentence.Start + token.Start, token.Length)));
            for (var first = 0; first < _row.Count; first++) Count(first);
        }
    }

    private void Count(int first)
    {
        var size = _row.Count - first;
        var key = (_row[first].Term, size > 1 ? _row[first + 1].Term : -1, size > 2 ? _row[first + 2].Term : -1);
        if (_found.TryGetValue(key, out var phrase))
        {
            _found[key] = phrase with { Count = phrase.Count + 1 };
            return;
        }

        int[] terms = size switch { 1 => [key.Item1], 2 => [key.Item1, key.Item2], _ => [key.Item1, key.Item2, key.Item3] };
        _found[key] = new Phrase(TextSpan.Between(_row[first].Span.Start, _row[^1].Span.End), 1, size, terms);
    }
}
