using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>Builds the tree of a document's sections out of its headings.</summary>
internal static class SectionTree
{
    /// <summary>The document as the root of its sections. Weights of code are added to the sentences before it.</summary>
    public static Section Build(AnalysedText text, Work work)
    {
        var root = new Section(0, "", default, null);
        var current = root;
        var sentence = 0;
        for (var i = 0; i < text.Blocks.Count; i++)
        {
            var block = text.Blocks[i];
            if (block.Kind == BlockKind.Heading && Titles.Clean(block.Span.Of(text.Text)) is { Length: > 0 } title)
            {
                current.EndOfOwn = sentence;
                current = Open(current, block, title, sentence);
                if (block.Level != Block.RunIn) current.ExtraWeight = ReadingTime.WeightOf(block.Span.Of(text.Text), work);
                continue;
            }

            current.EndOffset = block.Span.End;
            if (block.Kind == BlockKind.Code) AddCode(text, current, sentence, ReadingTime.WeightOf(block.Span.Of(text.Text), work));
            while (sentence < text.Sentences.Length && text.Sentences[sentence].Block == i) sentence++;
        }

        current.EndOfOwn = sentence;
        Close(text, root);
        return root;
    }

    private static Section Open(Section current, Block block, string title, int sentence)
    {
        var parent = current;
        while (parent.Level >= block.Level) parent = parent.Parent!;
        var section = new Section(block.Level, title, block.Span, parent) { FirstSentence = sentence, EndOffset = block.Span.End };
        parent.Children.Add(section);
        return section;
    }

    private static void AddCode(AnalysedText text, Section section, int sentence, long weight)
    {
        if (sentence > section.FirstSentence) text.Sentences[sentence - 1] = text.Sentences[sentence - 1] with { Weight = text.Sentences[sentence - 1].Weight + weight };
        else section.ExtraWeight += weight;
    }

    private static void Close(AnalysedText text, Section section)
    {
        section.OwnWeight = section.ExtraWeight;
        for (var i = section.FirstSentence; i < section.EndOfOwn; i++) section.OwnWeight += text.Sentences[i].Weight;
        section.TotalWeight = section.OwnWeight;
        section.EndSentence = section.EndOfOwn;
        foreach (var child in section.Children)
        {
            Close(text, child);
            section.TotalWeight += child.TotalWeight;
            section.EndSentence = child.EndSentence;
        }
    }
}
