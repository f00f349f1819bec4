using System.Buffers;

namespace Holdfast.Generators.Roadmap.Text;

/// <summary>The marks that end sentences and clauses, in the scripts of the world.</summary>
internal static class Punctuation
{
    private static readonly SearchValues<char> EndMarks = SearchValues.Create(".!?…。！？｡．؟۔।॥።၊။‼⁇⁈⁉");
    private static readonly SearchValues<char> WideEndMarks = SearchValues.Create("。！？｡．");
    private static readonly SearchValues<char> Closers = SearchValues.Create(")]}\"'”’»›」』】》〉）］*_~");
    private static readonly SearchValues<char> ClauseMarks = SearchValues.Create(",;:，；：、،؛–—");
    private static readonly SearchValues<char> NotAtTheEndOfTitles = SearchValues.Create(".,;:!…。，；：、！.،؛-–—=*_|");

    /// <summary>True for marks that can end a sentence.</summary>
    public static bool IsEnd(char c) => EndMarks.Contains(c);

    /// <summary>True for marks that end a sentence with no space after them.</summary>
    public static bool IsWideEnd(char c) => WideEndMarks.Contains(c);

    /// <summary>True for brackets, quotation marks and emphasis that belong to the sentence before them.</summary>
    public static bool IsCloser(char c) => Closers.Contains(c);

    /// <summary>True for marks between clauses.</summary>
    public static bool IsClause(char c) => ClauseMarks.Contains(c);

    /// <summary>True for marks that a title does not end with.</summary>
    public static bool IsTrailing(char c) => NotAtTheEndOfTitles.Contains(c);

    /// <summary>True when a text ends with the end of a sentence.</summary>
    public static bool EndsSentence(ReadOnlySpan<char> text)
    {
        var at = text.Length - 1;
        while (at >= 0 && (CharClasses.IsSpace(text[at]) || IsCloser(text[at]))) at--;
        return at >= 0 && IsEnd(text[at]);
    }
}
