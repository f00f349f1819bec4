using System.Buffers;

using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>
/// Finds phrases of scripts without spaces: rows of characters that come back, with different characters before and after them
/// (accessor variety, after Feng et al., Computational Linguistics 30(1), 2004).
/// </summary>
internal sealed class CharacterPhrases(AnalysedText text)
{
    private const int Longest = 4;
    private const int LongestExtended = 10;
    private const int FewestTimes = 2;

    private static readonly SearchValues<char> NotAtAnEnd = SearchValues.Create("一二三四五六七八九十百千万亿几第〇零");
    private static readonly SearchValues<char> NotLast = SearchValues.Create("里上中时后下前裏時後来去");
    private static readonly SearchValues<char> Measures = SearchValues.Create("道个种次条座只位名件项块张本台口家层步段天年月日倍分点人股团遍圈套批");
    private static readonly SearchValues<char> Numbers = SearchValues.Create("一二三四五六七八九十百千万亿两几每各某这那第0123456789");

    private readonly Dictionary<ulong, Row> _rows = [];
    private readonly List<TextSpan> _runs = [];

    /// <summary>Counts the rows of a sentence.</summary>
    public void Read(TextSpan sentence, Work work)
    {
        work.Add(Longest * sentence.Length);
        foreach (var token in new Tokens(sentence.Of(text.Text)))
        {
            if (!token.Unspaced) continue;
            var run = new TextSpan(sentence.Start + token.Start, token.Length);
            _runs.Add(run);
            for (var start = run.Start; start < run.End; start++) Count(start, run);
        }
    }

    /// <summary>The rows that are words or phrases, made as long as they come back.</summary>
    public List<Phrase> Find(int most, Work work)
    {
        var candidates = _rows.Values
            .Where(row => row.Count >= FewestTimes && row.IsFree && IsWhole(row.Span))
            .OrderByDescending(row => row.Count * row.Span.Length).ThenBy(row => row.Span.Start)
            .Take(most).ToList();
        var phrases = new List<Phrase>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in candidates)
        {
            var span = Extend(row, work);
            if (!known.Add(span.Of(text.Text).ToString())) continue;
            phrases.Add(new Phrase(span, row.Count, (span.Length + 1) / 2, [.. text.Vocabulary.Of(span.Of(text.Text))]));
        }

        return phrases;
    }

    private void Count(int start, TextSpan run)
    {
        ulong key = 0;
        for (var length = 1; length <= Longest && start + length <= run.End; length++)
        {
            key = key << 16 | text.Text[start + length - 1];
            if (length == 1) continue;
            var before = start > run.Start ? text.Text[start - 1] : '\0';
            var after = start + length < run.End ? text.Text[start + length] : '\0';
            _rows[key] = _rows.TryGetValue(key, out var row) ? row.Again(before, after) : new Row(new TextSpan(start, length), 1, before, after, before == '\0', after == '\0');
        }
    }

    /// <summary>Goes on to both sides as long as (nearly) every place has the same next character.</summary>
    private TextSpan Extend(Row row, Work work)
    {
        var span = row.Span;
        for (var grown = true; grown && span.Length < LongestExtended;)
        {
            grown = false;
            foreach (var longer in (ReadOnlySpan<TextSpan>)[new(span.Start, span.Length + 1), new(span.Start - 1, span.Length + 1)])
            {
                if (grown || longer.Start < 0 || longer.End > text.Text.Length || CharClasses.Of(text.Text[longer.Start]) != CharClass.Unspaced
                    || CharClasses.Of(text.Text[longer.End - 1]) != CharClass.Unspaced || !IsWhole(longer) || CountOf(longer.Of(text.Text), work) * 5 < row.Count * 4) continue;
                (span, grown) = (longer, true);
            }
        }

        return span;
    }

    private int CountOf(ReadOnlySpan<char> characters, Work work)
    {
        var count = 0;
        foreach (var run in _runs)
        {
            work.Add(run.Length / 8);
            count += run.Of(text.Text).Count(characters);
        }

        return count;
    }

    /// <summary>No function word, no number or ending at either end, no measure word after a number at its start, and no word that says nothing.</summary>
    private bool IsWhole(TextSpan span)
    {
        var row = span.Of(text.Text);
        if (NotAtAnEnd.Contains(row[0]) || NotAtAnEnd.Contains(row[^1]) || NotLast.Contains(row[^1])) return false;
        foreach (var c in row)
            if (Terms.IsEmpty(c)) return false;
        if (CharClasses.IsHiragana(row[0]) || CharClasses.IsHiragana(row[^1]) || char.IsLowSurrogate(row[0]) || char.IsHighSurrogate(row[^1])) return false;
        if (Terms.IsEmpty(row[..2]) || Terms.IsEmpty(row[^2..])) return false;
        if (span.End < text.Text.Length && Terms.IsEmpty(text.Text.AsSpan(span.End - 1, 2))) return false;
        if (span.Start > 0 && Terms.IsEmpty(text.Text.AsSpan(span.Start - 1, 2))) return false;
        return span.Start == 0 || !Measures.Contains(row[0]) || !Numbers.Contains(text.Text[span.Start - 1]);
    }

    private readonly record struct Row(TextSpan Span, int Count, char Before, char After, bool VariesBefore, bool VariesAfter)
    {
        public bool IsFree => VariesBefore || VariesAfter;

        public Row Again(char before, char after) =>
            this with { Count = Count + 1, VariesBefore = VariesBefore || before != Before || before == '\0', VariesAfter = VariesAfter || after != After || after == '\0' };
    }
}
