namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>A part of the document that becomes a concept: a section with all below it, a part of a section, or several sections in a row.</summary>
/// <param name="First">The section it begins in.</param>
/// <param name="Last">The section it ends in.</param>
/// <param name="FirstSentence">Its first sentence.</param>
/// <param name="EndSentence">The sentence after its last.</param>
/// <param name="Weight">How long it takes to read.</param>
internal sealed record Piece(Section First, Section Last, int FirstSentence, int EndSentence, long Weight)
{
    private const int MostTitles = 4;

    /// <summary>A part of a section, which is named by what it says; 0 for those named by their headings.</summary>
    public int Part { get; init; }

    /// <summary>The section's own text only, without the sections below it.</summary>
    public bool IsIntroduction { get; init; }

    /// <summary>How many sections were put together.</summary>
    public int Sections { get; init; } = 1;

    /// <summary>The titles of sections that were put together: the first few and the last.</summary>
    public IReadOnlyList<string> Titles { get; init; } = [First.Title];

    /// <summary>A section with all that is below it.</summary>
    public static Piece Whole(Section section) => new(section, section, section.FirstSentence, section.EndSentence, section.TotalWeight);

    /// <summary>A section's own text.</summary>
    public static Piece Introduction(Section section) =>
        new(section, section, section.FirstSentence, section.EndOfOwn, section.OwnWeight) { IsIntroduction = true };

    /// <summary>This piece and the one after it as one.</summary>
    public Piece With(Piece next) => this with
    {
        Last = next.Last,
        EndSentence = next.EndSentence,
        Weight = Weight + next.Weight,
        Sections = Sections + next.Sections,
        Titles = [.. Titles.Take(MostTitles - 1), .. next.Titles.Skip(next.Titles.Count - Math.Max(1, MostTitles - Titles.Count))],
    };

    /// <summary>This piece with a small one after it, which leaves no trace in the title.</summary>
    public Piece Absorb(Piece next) => this with { EndSentence = next.EndSentence, Weight = Weight + next.Weight };

    /// <summary>This piece with a small one before it, which leaves no trace in the title.</summary>
    public Piece AbsorbBefore(Piece previous) => this with { FirstSentence = previous.FirstSentence, Weight = Weight + previous.Weight };
}
