using System.Text;

namespace Holdfast.Generators.Roadmap.Text;

/// <summary>Makes titles of headings: text without Markdown's marks, numbering and trailing punctuation, and not too long.</summary>
internal static class Titles
{
    /// <summary>Longest title, in UTF-16 units.</summary>
    public const int Longest = 80;

    private const int MostRead = 600;
    private const int LongestWithRemark = 36;

    /// <summary>A clean title; empty when there is nothing to show.</summary>
    public static string Clean(ReadOnlySpan<char> raw)
    {
        raw = raw[..Math.Min(raw.Length, MostRead)];
        var plain = Plain(raw);
        var title = Finish(WithoutRemark(plain.AsSpan(NumberLength(plain))));
        return title.Length > 0 ? title : Finish(plain);
    }

    /// <summary>Trims a title's end, and cuts it between words where it is too long.</summary>
    public static string Finish(ReadOnlySpan<char> title)
    {
        title = title.Trim();
        if (title.Length > Longest)
        {
            var end = CutBefore(title, Longest - 1);
            return string.Concat(TrimEnd(title[..end]), "…");
        }

        return TrimEnd(title).ToString();
    }

    /// <summary>The best place to cut a text before an offset: between words where it can be, never inside of a character.</summary>
    public static int CutBefore(ReadOnlySpan<char> text, int offset)
    {
        for (var at = offset; at > offset * 2 / 3; at--)
            if (CharClasses.IsSpace(text[at]) || (CharClasses.Of(text[at]) == CharClass.Unspaced && Punctuation.IsClause(text[at - 1]))) return at;
        return char.IsLowSurrogate(text[offset]) && offset > 1 ? offset - 1 : offset;
    }

    /// <summary>The part of a title that names its subject: up to a comma, a colon or a bracket.</summary>
    public static string Short(string title)
    {
        for (var at = 2; at + 1 < title.Length; at++)
        {
            var ends = title[at] is '，' or '：' or '（' || (title[at] is ',' or ':' && title[at + 1] == ' ') || (title[at] == ' ' && title[at + 1] is '(' or '–' or '—' or '-');
            if (ends) return Finish(title.AsSpan(0, at));
        }

        return title;
    }

    /// <summary>A long title without the remark in brackets at its end.</summary>
    private static ReadOnlySpan<char> WithoutRemark(ReadOnlySpan<char> title)
    {
        title = TrimEnd(title);
        if (title.Length <= LongestWithRemark || title[^1] is not (')' or '）')) return title;
        var open = title.LastIndexOfAny('(', '（');
        return open > LongestWithRemark / 4 ? title[..open] : title;
    }

    /// <summary>The text without inline marks, white space made single.</summary>
    private static string Plain(ReadOnlySpan<char> raw)
    {
        var plain = new StringBuilder(raw.Length);
        var stars = raw.Count('*');
        for (var i = 0; i < raw.Length; i++)
        {
            if (Inline.SkipLength(raw, i) is > 0 and var skip && raw[i] is '<' or ']')
            {
                i += skip - 1;
                continue;
            }

            if (raw[i] == '&' && Entity(raw[i..], out var meaning) is > 0 and var length)
            {
                plain.Append(meaning);
                i += length - 1;
                continue;
            }

            if (IsMark(raw, i, stars)) continue;
            if (CharClasses.IsSpace(raw[i]) || char.IsControl(raw[i]))
            {
                if (plain.Length > 0 && plain[^1] != ' ') plain.Append(' ');
            }
            else
            {
                plain.Append(raw[i]);
            }
        }

        return plain.ToString().Trim();
    }

    private static bool IsMark(ReadOnlySpan<char> raw, int i, int stars)
    {
        var next = i + 1 < raw.Length ? raw[i + 1] : ' ';
        var previous = i > 0 ? raw[i - 1] : ' ';
        return raw[i] switch
        {
            '`' => true,
            '*' => stars > 1,
            '~' => next == '~' || previous == '~',
            '_' => CharClasses.Of(previous) != CharClass.Word || CharClasses.Of(next) != CharClass.Word,
            '\\' => char.IsPunctuation(next) || char.IsSymbol(next),
            '!' => next == '[',
            '[' => raw[i..].IndexOf(']') is > 0 and var close && i + close + 1 < raw.Length && raw[i + close + 1] is '(' or '[',
            '#' => raw[i..].IndexOfAnyExcept('#') < 0,
            _ => false,
        };
    }

    private static int Entity(ReadOnlySpan<char> text, out char meaning)
    {
        foreach (var (name, value) in (ReadOnlySpan<(string, char)>)[("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\''), ("&nbsp;", ' ')])
        {
            meaning = value;
            if (text.StartsWith(name, StringComparison.Ordinal)) return name.Length;
        }

        meaning = default;
        return 0;
    }

    /// <summary>The length of a section's number: <c>3.2 </c>, <c>4) </c>, <c>IV. </c>, <c>B. </c>, <c>一、</c>, <c>（二）</c>.</summary>
    private static int NumberLength(string title)
    {
        var at = 0;
        while (at < title.Length && (char.IsAsciiDigit(title[at]) || (at > 0 && title[at] == '.'))) at++;
        if (at > 0)
        {
            var dotted = title.AsSpan(0, at).Contains('.');
            if (at < title.Length && title[at] is ')' or '）' or '、' && !dotted) (at, dotted) = (at + 1, true);
            return dotted && at < title.Length && (title[at] == ' ' || CharClasses.Of(title[at]) == CharClass.Unspaced) ? at : 0;
        }

        while (at < title.Length && at < 7 && title[at] is 'I' or 'V' or 'X' or 'L') at++;
        if (at == 0 && title.Length > 4 && char.IsAsciiLetterUpper(title[0])) at = 1;
        if (at > 0) return title.AsSpan(at).StartsWith(". ", StringComparison.Ordinal) ? at + 1 : 0;
        var bracket = title.Length > 0 && title[0] is '（' or '(' ? 1 : 0;
        at = bracket;
        while (at < title.Length && at < 5 && "一二三四五六七八九十0123456789".Contains(title[at], StringComparison.Ordinal)) at++;
        if (at == bracket || at >= title.Length) return 0;
        return title[at] is '、' or '．' && bracket == 0 || title[at] is '）' or ')' && bracket == 1 ? at + 1 : 0;
    }

    private static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> title)
    {
        var end = title.Length;
        while (end > 0 && (CharClasses.IsSpace(title[end - 1]) || Punctuation.IsTrailing(title[end - 1]))) end--;
        return end == 0 ? title : title[..end];
    }
}
