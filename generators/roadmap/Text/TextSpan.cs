namespace Holdfast.Generators.Roadmap.Text;

/// <summary>A part of the document, by UTF-16 offsets. What is quoted is always such a part, so that quotes are exact.</summary>
internal readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>The offset after the last character.</summary>
    public int End => Start + Length;

    /// <summary>True when there are no characters.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The part between two offsets.</summary>
    public static TextSpan Between(int start, int end) => new(start, Math.Max(0, end - start));

    /// <summary>The part without white space at its ends.</summary>
    public TextSpan Trim(string text)
    {
        var (start, end) = (Start, End);
        while (start < end && CharClasses.IsSpace(text[start])) start++;
        while (end > start && CharClasses.IsSpace(text[end - 1])) end--;
        return Between(start, end);
    }

    /// <summary>The characters.</summary>
    public ReadOnlySpan<char> Of(string text) => text.AsSpan(Start, Length);
}
