namespace Holdfast.Generators.Roadmap.Text;

/// <summary>How well a sentence can be quoted.</summary>
internal enum SentenceKind : byte
{
    /// <summary>A sentence of running text, or of a list.</summary>
    Prose,

    /// <summary>A complete sentence out of a table's cell: quoted where there is no prose.</summary>
    Cell,

    /// <summary>A piece of text without an end: its words count, it is quoted only where there is nothing else.</summary>
    Fragment,

    /// <summary>A piece of a table: its words count, it is not quoted.</summary>
    Scrap,
}

/// <summary>A sentence.</summary>
/// <param name="Span">Where it stands in the document.</param>
/// <param name="Block">Which block it is in.</param>
/// <param name="Kind">How well it can be quoted.</param>
/// <param name="FirstTerm">Its first term in <see cref="AnalysedText.Terms"/>.</param>
/// <param name="TermCount">How many terms it has.</param>
/// <param name="Weight">How long it takes to read; code that follows it is counted in.</param>
internal readonly record struct Sentence(TextSpan Span, int Block, SentenceKind Kind, int FirstTerm = 0, int TermCount = 0, long Weight = 0);
