namespace Holdfast.Generators.Roadmap.Text;

/// <summary>Finds the headings that have no heading mark: bold lines, bold words that a paragraph begins with, and the headings of plain text.</summary>
internal static class Headings
{
    private const int LevelOfBoldLine = 6;
    private const int LevelOfTitleLine = 4;
    private const int LongestTitleLine = 60;
    private const int ShortestTextUnderTitle = 80;

    /// <summary>The blocks, with those headings among them.</summary>
    public static List<Block> Find(string text, List<Block> blocks)
    {
        var plain = !blocks.Exists(block => block.Kind == BlockKind.Heading);
        var found = new List<Block>(blocks.Count);
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            var level = plain ? PlainLevel(text, blocks, i) : 0;
            if (level > 0) found.Add(block with { Kind = BlockKind.Heading, Level = level });
            else AddWithBold(text, block, found);
        }

        return plain ? KeepTitleLinesOnlyInNumbers(found) : found;
    }

    private static void AddWithBold(string text, Block block, List<Block> found)
    {
        var bold = block.Kind is BlockKind.Paragraph or BlockKind.ListItem ? LineShapes.LeadingBold(block.Span.Of(text)) : default;
        if (bold.Length == 0)
        {
            found.Add(block);
            return;
        }

        var span = new TextSpan(block.Span.Start + bold.Start, bold.Length);
        var rest = TextSpan.Between(span.End + 2, block.Span.End).Of(text);
        var says = Says(span.Of(text));
        if (says && rest.IsEmpty && block.Kind == BlockKind.Paragraph && !Punctuation.EndsSentence(span.Of(text)))
        {
            found.Add(block with { Kind = BlockKind.Heading, Span = span, Level = LevelOfBoldLine });
            return;
        }

        if (says && !rest.IsEmpty) found.Add(new Block(BlockKind.Heading, span, Block.RunIn));
        found.Add(block);
    }

    private static int PlainLevel(string text, List<Block> blocks, int index)
    {
        var block = blocks[index];
        if (block.Kind is not (BlockKind.Paragraph or BlockKind.ListItem) || block.Span.Length > LongestTitleLine + 20) return 0;
        var line = block.Span.Of(text);
        if (line.IndexOfAny('\r', '\n') >= 0) return 0;
        if (block.Kind == BlockKind.Paragraph && PlainHeadings.LevelOf(line) is > 0 and var level) return level;
        if (index + 1 >= blocks.Count) return 0;
        var next = blocks[index + 1];
        if (block.Kind == BlockKind.ListItem)
        {
            var alone = next.Kind == BlockKind.Paragraph && IsNumbered(text, block) && IsTitleLine(line.TrimEnd('.'));
            return alone && !(index > 0 && blocks[index - 1].Kind == BlockKind.ListItem && IsNumbered(text, blocks[index - 1])) ? 3 : 0;
        }

        if (!IsTitleLine(line)) return 0;
        if (index == 0 || IsShouted(line)) return index == 0 ? 1 : 2;
        return next.Kind is BlockKind.Paragraph && LineShapes.Width(next.Span.Of(text), ShortestTextUnderTitle) >= ShortestTextUnderTitle ? LevelOfTitleLine : 0;
    }

    /// <summary>One lonely short line in a text is an accident; two or more are its headings.</summary>
    private static List<Block> KeepTitleLinesOnlyInNumbers(List<Block> blocks)
    {
        if (blocks.Count(block => block is { Kind: BlockKind.Heading, Level: LevelOfTitleLine }) != 1) return blocks;
        return blocks.ConvertAll(block => block is { Kind: BlockKind.Heading, Level: LevelOfTitleLine } ? block with { Kind = BlockKind.Paragraph, Level = 0 } : block);
    }

    private static bool IsTitleLine(ReadOnlySpan<char> line) =>
        !line.IsEmpty && LineShapes.Width(line, LongestTitleLine + 1) <= LongestTitleLine && !Punctuation.IsEnd(line[^1]) && !Punctuation.IsTrailing(line[^1]) && !Punctuation.IsCloser(line[^1])
        && (char.IsUpper(line[0]) || char.IsAsciiDigit(line[0]) || CharClasses.Of(line[0]) == CharClass.Unspaced || char.GetUnicodeCategory(line[0]) == System.Globalization.UnicodeCategory.OtherLetter);

    private static bool IsShouted(ReadOnlySpan<char> line)
    {
        var letters = 0;
        foreach (var c in line)
        {
            if (char.IsLower(c)) return false;
            if (char.IsUpper(c)) letters++;
        }

        return letters >= 4;
    }

    private static bool IsNumbered(string text, Block item)
    {
        var before = text.AsSpan(0, item.Span.Start).TrimEnd();
        return before.Length >= 2 && before[^1] is '.' or ')' && char.IsAsciiDigit(before[^2]);
    }

    /// <summary>Bold words that only call for attention name nothing.</summary>
    private static bool Says(ReadOnlySpan<char> bold)
    {
        var word = bold.TrimEnd(".:!。：！ ");
        foreach (var call in (ReadOnlySpan<string>)["note", "notes", "warning", "important", "tip", "caution", "example", "todo", "hinweis", "achtung", "nota", "注意", "提示", "警告", "说明"])
            if (word.Equals(call, StringComparison.OrdinalIgnoreCase)) return false;
        for (var i = 0; i < word.Length; i++)
            if (CharClasses.Of(word[i]) is CharClass.Word or CharClass.Unspaced && !char.IsAsciiDigit(word[i])) return true;
        return false;
    }
}
