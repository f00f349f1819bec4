using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>Picks the one to three sentences that stand for a concept: the best-ranked ones that can stand alone, in document order, exactly as they are.</summary>
internal static class ExtractPicker
{
    /// <summary>Most sentences of an extract.</summary>
    public const int Most = 3;

    private const double LeastScore = 0.35;
    private const double TooAlike = 0.5;

    /// <summary>The sentences; never none.</summary>
    public static IReadOnlyList<string> Pick(AnalysedText text, PlannedConcept concept, Work work)
    {
        var candidates = Candidates(text, concept.Passage);
        if (candidates.Count == 0) return [WithoutSentences(text, concept.Passage)];
        var wanted = candidates.Count switch { <= 2 => 1, <= 6 => 2, _ => Most };
        var title = text.Vocabulary.Of(concept.Title);
        var ranked = TextRank.Rank(text, candidates, work)
            .Select(one => (one.Sentence, Score: Math.Round(one.Score * SentenceShape.Worth(text, one.Sentence, concept.Passage.FirstSentence, title), 6)))
            .OrderByDescending(one => one.Score).ThenBy(one => one.Sentence).ToList();
        var picked = new List<int>();
        foreach (var (sentence, score) in ranked)
        {
            if (picked.Count == wanted || (picked.Count > 0 && score < ranked[0].Score * LeastScore)) break;
            if (!picked.Exists(other => Alike(text, sentence, other))) picked.Add(sentence);
        }

        return [.. picked.Order().Select(sentence => text.TextOf(sentence).ToString())];
    }

    /// <summary>Sentences of the best kind that there is.</summary>
    private static List<int> Candidates(AnalysedText text, Passage passage)
    {
        for (var kind = SentenceKind.Prose; kind <= SentenceKind.Fragment; kind++)
        {
            var found = new List<int>();
            for (var i = passage.FirstSentence; i < passage.EndSentence; i++)
                if (text.Sentences[i].Kind == kind) found.Add(i);
            if (found.Count > 0) return found;
        }

        return [];
    }

    private static bool Alike(AnalysedText text, int a, int b)
    {
        if (text.TextOf(a).SequenceEqual(text.TextOf(b))) return true;
        var (first, second) = (text.TermsOf(a).ToArray().ToHashSet(), text.TermsOf(b).ToArray().ToHashSet());
        var common = first.Count(second.Contains);
        return common > 0 && common >= TooAlike * (first.Count + second.Count - common);
    }

    /// <summary>
    /// The first line of what is there: code, or the heading alone. A table says too little out of its rows, so its heading stands for it, or its longest cell.
    /// </summary>
    private static string WithoutSentences(AnalysedText text, Passage passage)
    {
        var cells = text.Sentences.AsSpan()[passage.FirstSentence..passage.EndSentence];
        var rest = cells.IsEmpty && FirstCode(text, passage) is { IsEmpty: false } code ? code : passage.Heading;
        foreach (var cell in passage.Heading.IsEmpty ? cells : [])
            if (cell.Span.Length > rest.Length) rest = cell.Span;
        if (rest.IsEmpty) rest = new TextSpan(0, text.Text.Length).Trim(text.Text);
        var line = rest.Of(text.Text);
        if (line.IndexOfAny('\r', '\n') is > 0 and var end) line = line[..end];
        if (line.Length > SentenceReader.Longest) line = line[..(char.IsLowSurrogate(line[SentenceReader.Longest]) ? SentenceReader.Longest - 1 : SentenceReader.Longest)];
        return line.TrimEnd().ToString();
    }

    private static TextSpan FirstCode(AnalysedText text, Passage passage)
    {
        foreach (var block in text.Blocks)
            if (block.Kind == BlockKind.Code && block.Span.Start >= passage.Heading.End && block.Span.End <= passage.EndOffset) return block.Span;
        return default;
    }
}
