namespace Holdfast.Generators.Roadmap.Text;

/// <summary>What a part of a document is.</summary>
internal enum BlockKind : byte
{
    /// <summary>The text of a heading.</summary>
    Heading,

    /// <summary>Running text.</summary>
    Paragraph,

    /// <summary>The text of one item of a list.</summary>
    ListItem,

    /// <summary>A table, with its header.</summary>
    Table,

    /// <summary>Program text: read, but not made of sentences.</summary>
    Code,
}

/// <summary>A part of the document between its structural marks.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Span">Where its text is, without the marks in front.</param>
/// <param name="Level">For headings 1 to 6, and <see cref="RunIn"/>; else 0.</param>
/// <param name="Quoted">Its lines carry quotation marks (<c>&gt;</c>), which stand inside of the span from its second line on.</param>
internal readonly record struct Block(BlockKind Kind, TextSpan Span, int Level = 0, bool Quoted = false)
{
    /// <summary>The level of a run-in heading: the bold words that a paragraph begins with. Its paragraph follows, and contains them.</summary>
    public const int RunIn = 7;
}
