using System.Runtime.InteropServices;

namespace Holdfast.Generators.Roadmap.Text;

/// <summary>
/// Turns text into terms, as numbers: stems of words that are no stop words, and pairs of neighbouring characters in scripts without spaces
/// (and in Korean, whose words carry their particles with them).
/// </summary>
/// <remarks>
/// Pairs (bigrams) are what searching Chinese and Japanese without a dictionary rests on; they need no segmentation and no model.
/// The number of a pair is computed, that of a word is looked up, so a text in Chinese needs no memory for its vocabulary.
/// </remarks>
internal sealed class Terms
{
    private const int SingleCharacter = 0x7FFF;

    private readonly Language _language;
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _wordsBySpan;
    private readonly System.Collections.Frozen.FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _stopWords;

    /// <summary>The terms of a text in this language.</summary>
    public Terms(Language language)
    {
        _language = language;
        _wordsBySpan = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        _stopWords = language.StopWords.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Terms too frequent in this text to say anything; for languages without a list of stop words.</summary>
    public HashSet<int> TooFrequent { get; } = [];

    /// <summary>Appends the terms of a text, in order.</summary>
    public void Read(ReadOnlySpan<char> text, List<int> into, Work work)
    {
        work.Add(text.Length);
        foreach (var token in new Tokens(text))
        {
            var word = text.Slice(token.Start, token.Length);
            if (token.Unspaced || CharClasses.IsHangul(word[0])) ReadPairs(word, into);
            else if (WordOf(word) is >= 0 and var term) into.Add(term);
        }
    }

    /// <summary>The terms of a short text, each once.</summary>
    public HashSet<int> Of(ReadOnlySpan<char> text)
    {
        var terms = new List<int>();
        Read(text, terms, new Work());
        return [.. terms];
    }

    /// <summary>The number of a word's stem; -1 for stop words, numbers and single letters.</summary>
    public int WordOf(ReadOnlySpan<char> word)
    {
        Span<char> lower = stackalloc char[word.Length];
        word.ToLowerInvariant(lower);
        lower.Replace('’', '\'');
        if (lower.Length < 2 || !HasLetter(lower) || _stopWords.Contains(lower)) return -1;
        ReadOnlySpan<char> stem = lower[.._language.Stem(lower)];
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_wordsBySpan, stem, out var exists);
        if (!exists) id = _words.Count - 1;
        return TooFrequent.Count > 0 && TooFrequent.Contains(id) ? -1 : id;
    }

    /// <summary>True for a single character, which may be any part of a word.</summary>
    public static bool IsSingle(int term) => term < 0 && (term & SingleCharacter) == SingleCharacter;

    /// <summary>Function words and hiragana divide a run: a pair across them would join what does not belong together.</summary>
    private static void ReadPairs(ReadOnlySpan<char> run, List<int> into)
    {
        for (var start = 0; start < run.Length;)
        {
            var end = start;
            while (end < run.Length && !IsEmpty(run[end]) && !CharClasses.IsHiragana(run[end])) end++;
            if (end == start + 1) into.Add(Pair(Index(run[start]), SingleCharacter));
            for (var i = start; i + 1 < end; i++)
                if (Pair(Index(run[i]), Index(run[i + 1])) is var pair && !EmptyPairs.Contains(pair)) into.Add(pair);
            start = end + 1;
        }
    }

    /// <summary>True for characters that are mostly function words.</summary>
    public static bool IsEmpty(char c) => EmptyCharacters.Contains(c);

    /// <summary>True for words of two characters that say nothing.</summary>
    public static bool IsEmpty(ReadOnlySpan<char> pair) => pair.Length == 2 && EmptyPairs.Contains(Pair(Index(pair[0]), Index(pair[1])));

    private static readonly System.Buffers.SearchValues<char> EmptyCharacters = System.Buffers.SearchValues.Create(StopWords.Chinese);

    private static readonly System.Collections.Frozen.FrozenSet<int> EmptyPairs = System.Collections.Frozen.FrozenSet.ToFrozenSet(
        StopWords.ChinesePairs.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(pair => Pair(Index(pair[0]), Index(pair[1]))));

    private static bool HasLetter(ReadOnlySpan<char> word)
    {
        foreach (var c in word)
            if (!char.IsDigit(c)) return true;
        return false;
    }

    private static int Pair(int first, int second) => int.MinValue | first << 15 | second;

    /// <summary>Fifteen bits for a character: exact for Chinese and kana, shared by a few others.</summary>
    private static int Index(char c) => c switch
    {
        >= '\u4E00' and <= '\u9FFF' => c - 0x4E00,
        >= '\u3400' and <= '\u4DBF' => c - 0x3400 + 0x5200,
        >= '\u3040' and <= '\u30FF' => c - 0x3040 + 0x6BC0,
        _ => 0x6C80 + (c % (SingleCharacter - 0x6C80)),
    };
}
