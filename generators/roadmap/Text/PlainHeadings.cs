using System.Buffers;

namespace Holdfast.Generators.Roadmap.Text;

/// <summary>Lines of plain text that are headings by their form: numbered chapters and sections, as books and reports have them.</summary>
internal static class PlainHeadings
{
    private const int Longest = 80;
    private const string ChineseDigits = "〇零一二三四五六七八九十百千0123456789０１２３４５６７８９";

    private static readonly SearchValues<char> Digits = SearchValues.Create(ChineseDigits);

    private static readonly string[] Parts = ["part", "book", "teil", "buch", "partie", "livre", "parte", "libro", "часть", "книга", "deel"];

    private static readonly string[] Chapters =
        ["chapter", "appendix", "kapitel", "anhang", "chapitre", "annexe", "capítulo", "apéndice", "capitolo", "глава", "hoofdstuk"];

    /// <summary>The level of the heading that a line is; 0 when it is none.</summary>
    public static int LevelOf(ReadOnlySpan<char> line)
    {
        if (line.Length is < 2 or > Longest || Punctuation.IsTrailing(line[^1]) && line[^1] is not ('.' or '-')) return 0;
        var level = line[0] switch
        {
            '第' => Ordinal(line),
            '（' or '(' => InBrackets(line),
            _ when CharClasses.IsHan(line[0]) => Enumerated(line),
            _ when char.IsAsciiDigit(line[0]) => Decimal(line),
            _ => Named(line),
        };
        return level > 0 && Inside(line) ? 0 : level;
    }

    /// <summary>A line that goes on after the end of a sentence is no heading.</summary>
    private static bool Inside(ReadOnlySpan<char> line)
    {
        for (var i = 0; i < line.Length; i++)
            if (Punctuation.IsWideEnd(line[i]) && line[i] != '？') return true;
        return false;
    }

    private static int Ordinal(ReadOnlySpan<char> line)
    {
        var at = 1;
        while (at < line.Length && at < 8 && Digits.Contains(line[at])) at++;
        if (at == 1 || at >= line.Length) return 0;
        var level = line[at] switch { '卷' or '部' or '编' or '編' or '篇' => 1, '章' or '回' or '讲' or '講' or '课' or '課' => 2, '节' or '節' => 3, _ => 0 };
        return level > 0 && (at + 1 == line.Length || CharClasses.Of(line[at + 1]) is CharClass.Space or CharClass.Other || line.Length <= 24) ? level : 0;
    }

    private static int Enumerated(ReadOnlySpan<char> line)
    {
        var at = 0;
        while (at < line.Length && at < 4 && Digits.Contains(line[at])) at++;
        return at > 0 && at + 1 < line.Length && line[at] is '、' or '．' && line.Length <= 40 ? 3 : 0;
    }

    private static int InBrackets(ReadOnlySpan<char> line)
    {
        var at = 1;
        while (at < line.Length && at < 5 && Digits.Contains(line[at]) && !char.IsAsciiDigit(line[at])) at++;
        return at > 1 && at + 1 < line.Length && line[at] is '）' or ')' && line.Length <= 40 ? 4 : 0;
    }

    /// <summary>Numbers with dots between them: <c>2.1 Scope</c>.</summary>
    private static int Decimal(ReadOnlySpan<char> line)
    {
        var (at, dots) = (0, 0);
        for (; at < line.Length && (char.IsAsciiDigit(line[at]) || line[at] == '.'); at++)
            if (line[at] == '.' && at + 1 < line.Length && char.IsAsciiDigit(line[at + 1])) dots++;
        if (dots is 0 or > 3 || at > 12 || at + 2 >= line.Length || !CharClasses.IsSpace(line[at]) || Punctuation.IsEnd(line[^1])) return 0;
        while (at < line.Length && CharClasses.IsSpace(line[at])) at++;
        return at < line.Length && (char.IsUpper(line[at]) || CharClasses.Of(line[at]) == CharClass.Unspaced) ? 2 + dots : 0;
    }

    private static int Named(ReadOnlySpan<char> line)
    {
        if (!char.IsUpper(line[0])) return 0;
        if (Roman(line) is > 0 and var end && end + 2 < line.Length && line[end] == '.' && line[end + 1] == ' ' && char.IsUpper(line[end + 2]))
            return Punctuation.IsEnd(line[^1]) ? 0 : 2;
        var space = line[..Math.Min(line.Length, 12)].IndexOf(' ');
        if (space < 0) return 0;
        var level = IsOneOf(line[..space], Parts) ? 1 : IsOneOf(line[..space], Chapters) ? 2 : 0;
        return level > 0 && HasNumber(line[(space + 1)..]) ? level : 0;
    }

    private static bool HasNumber(ReadOnlySpan<char> rest)
    {
        var at = 0;
        while (at < rest.Length && char.IsAsciiDigit(rest[at])) at++;
        if (at == 0) at = Roman(rest);
        if (at == 0 && !rest.IsEmpty && char.IsAsciiLetterUpper(rest[0])) at = 1;
        return at > 0 && (at == rest.Length || rest[at] is '.' or ':' or ',' || rest[at] == ' ' && at + 1 < rest.Length && !char.IsLower(rest[at + 1]));
    }

    private static int Roman(ReadOnlySpan<char> text)
    {
        var at = text.IndexOfAnyExcept("IVXLC");
        return at < 0 ? Math.Min(text.Length, 7) : at > 7 ? 0 : at;
    }

    private static bool IsOneOf(ReadOnlySpan<char> word, string[] words)
    {
        foreach (var one in words)
            if (word.Equals(one, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}
