using System.Collections.Frozen;

using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>How well a sentence stands alone, by its form and its place. TextRank knows what it says; this knows how it sounds out of its context.</summary>
internal static class SentenceShape
{
    private const int Short = 25;
    private const int Long = 320;
    private const int FewTerms = 3;
    private const int LongestWordOfCode = 24;

    /// <summary>Words that point back to what is not quoted.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> PointingBack =
        FrozenSet.Create(
            StringComparer.OrdinalIgnoreCase,
            "this", "these", "those", "that", "it", "its", "they", "he", "she", "such", "but", "and", "so", "or", "therefore", "however", "also", "then", "thus", "otherwise",
            "dies", "diese", "dieser", "dieses", "er", "sie", "es", "aber", "und", "daher", "deshalb", "dann", "cela", "ceci", "ils", "elles", "mais", "donc", "ces",
            "esto", "estos", "estas", "pero", "ellos", "este", "esta", "isso", "isto", "mas", "eles", "questo", "questi", "quindi", "dit", "deze", "maar", "zij",
            "это", "этот", "эти", "он", "она", "они", "но", "поэтому", "однако").GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly string[] PointingBackUnspaced = ["这", "那", "它", "他", "她", "其", "此", "因此", "所以", "但", "然而", "而", "同时", "否则", "这", "這", "該", "これ", "それ", "この", "その", "しかし", "そして", "また"];

    /// <summary>A factor around 1.</summary>
    public static double Worth(AnalysedText text, int sentence, int firstOfConcept, HashSet<int> title)
    {
        var characters = text.TextOf(sentence);
        var worth = 1.0;
        if (characters[^1] is ':' or '：') worth *= 0.3;
        else if (!Punctuation.EndsSentence(characters)) worth *= 0.6;
        var width = LineShapes.Width(characters, Long + 1);
        if (width < Short) worth *= 0.5;
        if (width > Long) worth *= 0.7;
        if (text.Sentences[sentence].TermCount < FewTerms) worth *= 0.4;
        if (PointsBack(characters)) worth *= 0.7;
        if (IsMostlySymbols(characters)) worth *= 0.5;
        if (char.IsLower(characters[0])) worth *= 0.8;
        worth *= NewsBeyond(text.TermsOf(sentence), title);
        if (IsBroken(text, sentence)) worth *= 0.7;
        if (sentence == firstOfConcept) worth *= 1.3;
        else if (text.Sentences[sentence].Block != text.Sentences[sentence - 1].Block) worth *= 1.1;
        return worth * (1 + (0.3 * ShareOf(title, text.TermsOf(sentence))));
    }

    private static bool PointsBack(ReadOnlySpan<char> sentence)
    {
        foreach (var token in new Tokens(sentence))
        {
            var word = sentence.Slice(token.Start, token.Length);
            if (!token.Unspaced) return PointingBack.Contains(word);
            foreach (var start in PointingBackUnspaced)
                if (word.StartsWith(start, StringComparison.Ordinal)) return true;
            return false;
        }

        return false;
    }

    /// <summary>Half symbols, or code.</summary>
    private static bool IsMostlySymbols(ReadOnlySpan<char> sentence)
    {
        var (letters, others) = (0, 0);
        for (var i = 0; i < sentence.Length; i++)
        {
            var code = sentence[i] == '`' ? Inline.CodeLength(sentence, i) : 0;
            others += code > LongestWordOfCode ? code : 0;
            i += Math.Max(0, code - 1);
            if (code > 0) continue;
            switch (CharClasses.Of(sentence[i]))
            {
                case CharClass.Word or CharClass.Unspaced: letters++; break;
                case CharClass.Other: others++; break;
            }
        }

        return others * 3 > letters;
    }

    /// <summary>A short sentence that says little more than the title.</summary>
    private static double NewsBeyond(ReadOnlySpan<int> terms, HashSet<int> title)
    {
        var others = 0;
        foreach (var term in terms)
            if (!title.Contains(term)) others++;
        return others == 0 ? 0.2 : others * 2 <= terms.Length ? 0.5 : 1;
    }

    /// <summary>A quotation over several lines has its marks inside.</summary>
    private static bool IsBroken(AnalysedText text, int sentence) =>
        text.Blocks[text.Sentences[sentence].Block].Quoted && text.TextOf(sentence).IndexOfAny('\r', '\n') >= 0;

    private static double ShareOf(HashSet<int> title, ReadOnlySpan<int> terms)
    {
        if (title.Count == 0) return 0;
        var found = 0;
        foreach (var term in title)
            if (terms.Contains(term)) found++;
        return (double)found / title.Count;
    }
}
