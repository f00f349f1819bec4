using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>A heading with the text under it, up to the next heading, and the sections below it.</summary>
internal sealed class Section(int level, string title, TextSpan heading, Section? parent)
{
    /// <summary>Its level: 0 for the document, 1 to 6, and <see cref="Block.RunIn"/>.</summary>
    public int Level { get; } = level;

    /// <summary>Its title, clean; empty for the document itself.</summary>
    public string Title { get; } = title;

    /// <summary>Where its heading stands.</summary>
    public TextSpan Heading { get; } = heading;

    /// <summary>The section around it; null for the document.</summary>
    public Section? Parent { get; } = parent;

    /// <summary>How many sections are around it.</summary>
    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    /// <summary>The sections below it.</summary>
    public List<Section> Children { get; } = [];

    /// <summary>Its first own sentence.</summary>
    public int FirstSentence { get; set; }

    /// <summary>The sentence after its last own one.</summary>
    public int EndOfOwn { get; set; }

    /// <summary>The sentence after the last one of its last section.</summary>
    public int EndSentence { get; set; }

    /// <summary>Where its own text ends: what can be quoted where there is no sentence.</summary>
    public int EndOffset { get; set; }

    /// <summary>How long its heading and its code without a sentence before it take to read.</summary>
    public long ExtraWeight { get; set; }

    /// <summary>How long its own text takes to read.</summary>
    public long OwnWeight { get; set; }

    /// <summary>How long it takes to read, with its sections.</summary>
    public long TotalWeight { get; set; }

    /// <summary>The nearest section that is around both; itself when it is around the other.</summary>
    public Section CommonWith(Section other)
    {
        var (a, b) = (this, other);
        while (a.Depth > b.Depth) a = a.Parent!;
        while (b.Depth > a.Depth) b = b.Parent!;
        while (a != b) (a, b) = (a.Parent!, b.Parent!);
        return a;
    }

    /// <summary>The section around it (or itself) at a depth.</summary>
    public Section AtDepth(int depth)
    {
        var section = this;
        while (section.Depth > depth) section = section.Parent!;
        return section;
    }
}
