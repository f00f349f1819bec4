using System.Collections.Frozen;

namespace Holdfast.Generators.Roadmap.Text;

/// <summary>Splits blocks into sentences, in scripts with and without spaces. A sentence is a part of the document, exactly as it stands there.</summary>
internal static class SentenceReader
{
    /// <summary>Longest sentence, in UTF-16 units; longer ones are cut, at the end of a clause or a word where there is one.</summary>
    public const int Longest = 800;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Abbreviations =
        FrozenSet.Create(
            StringComparer.OrdinalIgnoreCase,
            "e.g", "i.e", "cf", "vs", "etc", "al", "resp", "approx", "fig", "figs", "eq", "no", "nr", "vol", "pp", "ed", "eds", "sec", "ch", "dr", "mr", "mrs", "ms", "prof",
            "st", "sr", "jr", "inc", "ltd", "co", "corp", "gen", "sen", "rep", "lt", "col", "capt", "z.b", "d.h", "u.a", "bzw", "usw", "vgl", "ca", "abb", "bspw", "evtl", "ggf",
            "p.ex", "env", "sra", "dra", "ud", "art", "sig", "т.е", "т.д", "т.п", "др", "см", "рис", "стр", "им", "гг").GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Appends the sentences of a block.</summary>
    public static void Read(string text, Block block, int index, List<Sentence> into, Work work)
    {
        switch (block.Kind)
        {
            case BlockKind.Paragraph or BlockKind.ListItem:
                Split(text, block.Span, index, false, into, work);
                break;
            case BlockKind.Table:
                foreach (var cell in Cells(text, block.Span)) Split(text, cell, index, true, into, work);
                break;
        }
    }

    private static void Split(string text, TextSpan span, int block, bool cell, List<Sentence> into, Work work)
    {
        work.Add(span.Length);
        var (start, at) = (span.Start, span.Start);
        while (at < span.End)
        {
            var length = StepLength(text, at, span.End, out var ends);
            at += length;
            if (!ends && at < span.End) continue;
            Add(text, TextSpan.Between(start, at), block, cell, ends, into);
            start = at;
        }
    }

    /// <summary>The length of what stands at an offset (a code span and a link's target are one thing), and whether a sentence ends with it.</summary>
    private static int StepLength(string text, int at, int end, out bool ends)
    {
        ends = false;
        var rest = text.AsSpan(0, end);
        switch (text[at])
        {
            case '`':
                return Inline.CodeLength(rest, at) is > 0 and var code ? code : Inline.MarkLength(rest, at);
            case '<' or ']' or '&' when Inline.SkipLength(rest, at) is > 0 and var skip:
                return skip;
            case var c when !Punctuation.IsEnd(c):
                return 1;
        }

        var after = at + 1;
        while (after < end && (Punctuation.IsEnd(text[after]) || Punctuation.IsCloser(text[after]))) after++;
        ends = after >= end || IsEnd(rest, at, after);
        return after - at;
    }

    private static bool IsEnd(ReadOnlySpan<char> text, int at, int after)
    {
        if (Punctuation.IsWideEnd(text[at]) || CharClasses.Of(text[after]) == CharClass.Unspaced) return text[at] is not ('.' or '…') || after - at > 1 || !IsLatinBefore(text, at);
        if (!CharClasses.IsSpace(text[after])) return false;
        var next = after;
        while (next < text.Length && (CharClasses.IsSpace(text[next]) || text[next] is '>' or '*' or '_' or '"' or '(' or '[' or '“' or '‘' or '«' or '„' or '¿' or '¡')) next++;
        if (text[at] == '…' && next < text.Length && text[next] == '`') next++;
        if (next < text.Length && (char.IsLower(text[next]) || Punctuation.IsClause(text[next]))) return false;
        return text[at] != '.' || !IsAbbreviation(text, at, next);
    }

    private static bool IsLatinBefore(ReadOnlySpan<char> text, int at) => at > 0 && CharClasses.Of(text[at - 1]) == CharClass.Word;

    private static bool IsAbbreviation(ReadOnlySpan<char> text, int at, int next)
    {
        var start = at;
        while (start > 0 && at - start < 12 && (CharClasses.Of(text[start - 1]) == CharClass.Word || text[start - 1] == '.')) start--;
        var word = text[start..at];
        if (word.IsEmpty) return false;
        if (Abbreviations.Contains(word)) return !word.Equals("etc", StringComparison.OrdinalIgnoreCase) && !word.Equals("no", StringComparison.Ordinal) || (next < text.Length && char.IsAsciiDigit(text[next]));

        // An initial, a part of an abbreviation, or the number of a list's item within a line.
        if (word.Length == 1 && char.IsLetter(word[0]) && word[0] != 'I') return true;
        return word.Length <= 2 && char.IsAsciiDigit(word[0]) && char.IsAsciiDigit(word[^1]) && (start == 0 || text[start - 1] is '\n' or '\r');
    }

    private static void Add(string text, TextSpan span, int block, bool cell, bool ends, List<Sentence> into)
    {
        span = Shave(text, span);
        while (span.Length > Longest)
        {
            var cut = CutLength(span.Of(text));
            var piece = new TextSpan(span.Start, cut).Trim(text);
            if (HasLetters(text, piece)) into.Add(new Sentence(piece, block, cell ? SentenceKind.Scrap : SentenceKind.Fragment));
            span = TextSpan.Between(span.Start + cut, span.End).Trim(text);
            ends = false;
        }

        if (!HasLetters(text, span)) return;
        var kind = !cell ? SentenceKind.Prose : ends && Punctuation.EndsSentence(span.Of(text)) && span.Length >= 20 ? SentenceKind.Cell : SentenceKind.Scrap;
        into.Add(new Sentence(span, block, kind));
    }

    /// <summary>Leaves out quotation marks of e-mail style at the start of a line, and white space.</summary>
    private static TextSpan Shave(string text, TextSpan span)
    {
        span = span.Trim(text);
        while (span.Length > 0 && text[span.Start] == '>') span = TextSpan.Between(span.Start + 1, span.End).Trim(text);
        return span;
    }

    private static int CutLength(ReadOnlySpan<char> text)
    {
        for (var at = Longest; at > Longest / 2; at--)
            if (text[at - 1] is '\n' or '\r' || Punctuation.IsClause(text[at - 1])) return at;
        for (var at = Longest; at > Longest / 2; at--)
            if (CharClasses.IsSpace(text[at - 1])) return at;
        return char.IsLowSurrogate(text[Longest]) ? Longest - 1 : Longest;
    }

    private static bool HasLetters(string text, TextSpan span)
    {
        for (var i = span.Start; i < span.End; i++)
            if (CharClasses.Of(text[i]) is CharClass.Word or CharClass.Unspaced || char.IsSurrogate(text[i])) return true;
        return false;
    }

    /// <summary>The cells of a table, row by row; a bar in a code span, or behind a backslash, divides nothing.</summary>
    private static List<TextSpan> Cells(string text, TextSpan table)
    {
        var cells = new List<TextSpan>();
        var start = table.Start;
        for (var at = table.Start; at <= table.End; at++)
        {
            if (at < table.End && text[at] == '\\')
            {
                at++;
                continue;
            }

            if (at < table.End && text[at] == '`')
            {
                at += Math.Max(1, Inline.CodeLength(text.AsSpan(0, table.End), at)) - 1;
                continue;
            }

            if (at < table.End && text[at] is not ('|' or '\r' or '\n')) continue;
            var cell = TextSpan.Between(start, at).Trim(text);
            if (!cell.IsEmpty && !LineShapes.IsTableDelimiter(string.Concat("|", cell.Of(text)))) cells.Add(cell);
            start = at + 1;
        }

        return cells;
    }
}
