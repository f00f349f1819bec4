namespace Holdfast.Generators.Roadmap.Text;

/// <summary>What a line of Markdown looks like: CommonMark 0.31 and the tables of GitHub Flavored Markdown.</summary>
internal static class LineShapes
{
    private const int LongestBold = 80;

    /// <summary>The level of an ATX heading, and where its text begins; 0 when the line is none.</summary>
    /// <remarks>Chinese writers often leave the space out, so it is not asked for from two marks on.</remarks>
    public static int HeadingLevel(ReadOnlySpan<char> line, out int textStart)
    {
        var level = 0;
        while (level < line.Length && line[level] == '#') level++;
        textStart = level;
        return level switch
        {
            0 or > 6 => 0,
            _ when level == line.Length || CharClasses.IsSpace(line[level]) => level,
            1 => 0,
            _ => CharClasses.Of(line[level]) is CharClass.Word or CharClass.Unspaced ? level : 0,
        };
    }

    /// <summary>The mark and length of an opening code fence.</summary>
    public static bool IsFence(ReadOnlySpan<char> line, out char mark, out int length)
    {
        (mark, length) = (line.IsEmpty ? '\0' : line[0], 0);
        if (mark is not ('`' or '~')) return false;
        while (length < line.Length && line[length] == mark) length++;
        return length >= 3 && (mark == '~' || !line[length..].Contains('`'));
    }

    /// <summary>True for the line that closes a fence.</summary>
    public static bool ClosesFence(ReadOnlySpan<char> line, char mark, int length)
    {
        line = line.TrimEnd();
        return line.Length >= length && line.IndexOfAnyExcept(mark) < 0;
    }

    /// <summary>True for a line of three or more equal marks: a thematic break.</summary>
    public static bool IsRule(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty || line[0] is not ('-' or '*' or '_')) return false;
        var (mark, count) = (line[0], 0);
        foreach (var c in line)
        {
            if (c == mark) count++;
            else if (!CharClasses.IsSpace(c)) return false;
        }

        return count >= 3;
    }

    /// <summary>The level that a setext underline gives to the text above it; 0 when the line is none.</summary>
    public static int UnderlineLevel(ReadOnlySpan<char> line)
    {
        line = line.TrimEnd();
        if (line.Length < 2 || line[0] is not ('=' or '-')) return 0;
        return line.IndexOfAnyExcept(line[0]) >= 0 ? 0 : line[0] == '=' ? 1 : 2;
    }

    /// <summary>The length of a list marker with the spaces after it, nested markers and a task's box included; 0 when there is none.</summary>
    public static int ListMarker(ReadOnlySpan<char> line)
    {
        var at = 0;
        while (OneMarker(line[at..]) is > 0 and var length) at += length;
        if (at > 0 && line.Length >= at + 4 && line[at] == '[' && line[at + 1] is ' ' or 'x' or 'X' && line[at + 2] == ']' && line[at + 3] == ' ') at += 4;
        return at;
    }

    /// <summary>True when the list marker at the start of a line has a number.</summary>
    public static bool IsNumbered(ReadOnlySpan<char> line) => !line.IsEmpty && char.IsAsciiDigit(line[0]);

    /// <summary>True for the line under a table's header: cells of hyphens and colons.</summary>
    public static bool IsTableDelimiter(ReadOnlySpan<char> line)
    {
        var (hyphens, bars) = (0, 0);
        foreach (var c in line)
        {
            if (c == '-') hyphens++;
            else if (c == '|') bars++;
            else if (c != ':' && !CharClasses.IsSpace(c)) return false;
        }

        return hyphens > 0 && bars > 0;
    }

    /// <summary>The bold words at the start of a line; empty when there are none.</summary>
    public static TextSpan LeadingBold(ReadOnlySpan<char> line)
    {
        if (line.Length < 5 || line[0] is not ('*' or '_') || line[1] != line[0] || line[2] == line[0] || CharClasses.IsSpace(line[2])) return default;
        var inner = line[2..Math.Min(line.Length, LongestBold)];
        var close = inner.IndexOf(line[..2], StringComparison.Ordinal);
        return close <= 0 || CharClasses.IsSpace(inner[close - 1]) ? default : new TextSpan(2, close);
    }

    /// <summary>True for a link's definition: <c>[name]: address</c>.</summary>
    public static bool IsLinkDefinition(ReadOnlySpan<char> line)
    {
        if (line.Length < 4 || line[0] != '[' || line[1] == '^') return false;
        var close = line[..Math.Min(line.Length, 200)].IndexOf(']');
        return close > 1 && close + 2 < line.Length && line[close + 1] == ':' && CharClasses.IsSpace(line[close + 2]) && line[(close + 2)..].IndexOfAny("/#.") >= 0;
    }

    /// <summary>How wide a line looks: characters of scripts without spaces count twice.</summary>
    public static int Width(ReadOnlySpan<char> line, int enough)
    {
        var width = 0;
        for (var i = 0; i < line.Length && width < enough; i++) width += CharClasses.Of(line[i]) == CharClass.Unspaced ? 2 : 1;
        return width;
    }

    /// <summary>True when most of a line is words: an indented line that says something is a paragraph, not code.</summary>
    public static bool LooksLikeProse(ReadOnlySpan<char> line)
    {
        var (letters, spaces, others) = (0, 0, 0);
        foreach (var c in line[..Math.Min(line.Length, 200)])
        {
            switch (CharClasses.Of(c))
            {
                case CharClass.Word: letters++; break;
                case CharClass.Unspaced: (letters, spaces) = (letters + 1, spaces + 1); break;
                case CharClass.Space: spaces++; break;
                default: others += c is ',' or '.' or '\'' or '"' ? 0 : 1; break;
            }
        }

        return spaces >= 5 && letters >= 12 * others;
    }

    private static int OneMarker(ReadOnlySpan<char> line)
    {
        var marker = 0;
        if (!line.IsEmpty && line[0] is '-' or '*' or '+' or '•' or '·') marker = 1;
        else if (line.Length > 2 && char.IsAsciiLetterLower(line[0]) && line[1] == ')') marker = 2;
        else
        {
            while (marker < line.Length && marker < 9 && char.IsAsciiDigit(line[marker])) marker++;
            if (marker == 0 || marker >= line.Length || line[marker] is not ('.' or ')')) return 0;
            marker++;
        }

        var at = marker;
        while (at < line.Length && CharClasses.IsSpace(line[at])) at++;
        return at == marker ? 0 : at;
    }
}
