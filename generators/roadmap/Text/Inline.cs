namespace Holdfast.Generators.Roadmap.Text;

/// <summary>Marks inside of lines: what is no text (addresses, tags), and what is code. Every look ahead is bounded, so that no text makes it slow.</summary>
internal static class Inline
{
    private const int LongestLink = 400;
    private const int LongestTag = 300;
    private const int LongestCode = 200;
    private const int LongestEntity = 10;

    private static readonly System.Buffers.SearchValues<char> EntityCharacters =
        System.Buffers.SearchValues.Create("#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>How many characters at an offset are no text: a tag, a link's target, an address, an entity; 0 when it is text.</summary>
    public static int SkipLength(ReadOnlySpan<char> text, int at) => text[at] switch
    {
        '<' => Tag(text[at..]),
        ']' => Target(text[at..]),
        '&' => Entity(text[at..]),
        'h' or 'H' or 'f' or 'w' when at == 0 || CharClasses.Of(text[at - 1]) != CharClass.Word => Address(text[at..]),
        _ => 0,
    };

    /// <summary>The length of a code span with its marks at an offset that has a backtick; 0 when it is none.</summary>
    public static int CodeLength(ReadOnlySpan<char> text, int at)
    {
        var marks = MarkLength(text, at);
        var look = text[at..Math.Min(text.Length, at + LongestCode)];
        for (var i = marks; i < look.Length;)
        {
            var next = look[i..].IndexOf('`');
            if (next < 0) return 0;
            i += next;
            var length = MarkLength(look, i);
            i += length;
            if (length == marks) return i;
        }

        return 0;
    }

    /// <summary>How many backticks stand at an offset.</summary>
    public static int MarkLength(ReadOnlySpan<char> text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] == '`') end++;
        return end - at;
    }

    private static int Tag(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || !(char.IsAsciiLetter(text[1]) || text[1] is '/' or '!')) return 0;
        var end = text[..Math.Min(text.Length, LongestTag)].IndexOf('>');
        return end < 0 ? 0 : end + 1;
    }

    private static int Target(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[1] is not ('(' or '[')) return 0;
        var look = text[..Math.Min(text.Length, LongestLink)];
        if (look.IndexOfAny('\r', '\n') is >= 0 and var line) look = look[..line];
        var end = look[2..].IndexOf(text[1] == '(' ? ')' : ']');
        return end < 0 ? 0 : end + 3;
    }

    private static int Entity(ReadOnlySpan<char> text)
    {
        var end = text[..Math.Min(text.Length, LongestEntity)].IndexOf(';');
        return end < 2 || text[1..end].ContainsAnyExcept(EntityCharacters) ? 0 : end + 1;
    }

    private static int Address(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            && !text.StartsWith("ftp://", StringComparison.Ordinal) && !text.StartsWith("www.", StringComparison.Ordinal)) return 0;
        var end = 4;
        while (end < text.Length && CharClasses.Of(text[end]) is CharClass.Word or CharClass.Other && text[end] is not (')' or ']' or '>' or '"' or '`' or '|')) end++;
        while (end > 4 && (Punctuation.IsEnd(text[end - 1]) || Punctuation.IsClause(text[end - 1]))) end--;
        return end;
    }
}
