namespace Holdfast.Generators.Roadmap.Text;

/// <summary>
/// Reads Markdown or plain text into blocks: the part of CommonMark that tells where sentences can be, front matter, and tables.
/// Blocks stand in document order and don't overlap, but for run-in headings. Any text is fine; none is refused.
/// </summary>
internal sealed class BlockReader
{
    private const int IndentOfCode = 4;
    private const int LongestUnderlined = 200;
    private const int WidthOfUnwrappedLine = 100;
    private const int LongestHeadingLine = 80;
    private const int LinesToJudge = 30;

    private readonly string _text;
    private readonly Work _work;
    private readonly List<Block> _blocks = [];
    private int _next;
    private int _paragraphStart = -1;
    private int _paragraphEnd;
    private BlockKind _paragraphKind;
    private bool _quoted;
    private bool _inList;
    private bool _indentIsText;
    private int _indentOfMarker;
    private bool _sealed;

    private BlockReader(string text, int start, Work work) => (_text, _next, _work) = (text, start, work);

    /// <summary>The blocks of a document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="start">Where it starts: after its front matter.</param>
    /// <param name="work">Counts and cancels.</param>
    public static List<Block> Read(string text, int start, Work work)
    {
        var reader = new BlockReader(text, start, work);
        while (reader.NextLine(out var line)) reader.Take(line);
        reader.Flush();
        return Headings.Find(text, reader._blocks);
    }

    private bool NextLine(out TextSpan line)
    {
        line = default;
        if (_next >= _text.Length) return false;
        var rest = _text.AsSpan(_next);
        var length = rest.IndexOfAny('\r', '\n');
        if (length < 0) length = rest.Length;
        line = new TextSpan(_next, length);
        _next += length;
        if (_next < _text.Length) _next += _text[_next] == '\r' && _next + 1 < _text.Length && _text[_next + 1] == '\n' ? 2 : 1;
        _work.Add(length + 1);
        return true;
    }

    private void Take(TextSpan line)
    {
        var content = Unquote(line, out var quoted, out var indent);
        if (quoted != _quoted && !content.IsEmpty) Flush();
        var shape = content.Of(_text);
        if (content.IsEmpty)
        {
            Flush();
            return;
        }

        if (LineShapes.IsFence(shape, out var mark, out var length) && (indent < IndentOfCode || _inList))
        {
            Flush();
            TakeFence(mark, length);
            return;
        }

        _indentIsText &= indent >= IndentOfCode;
        if (indent >= IndentOfCode && _paragraphStart < 0 && !_inList && !_indentIsText)
        {
            _indentIsText = IsIndentedText(line);
            if (!_indentIsText)
            {
                TakeIndentedCode(content);
                return;
            }
        }

        if (!TakeMark(shape, content, quoted, indent)) TakeText(shape, content, quoted, indent);
    }

    /// <summary>Texts that are indented as a whole are no code: most of their lines say something.</summary>
    private bool IsIndentedText(TextSpan line)
    {
        var (back, text, all) = (_next, 0, 0);
        for (var i = 0; i < LinesToJudge; i++)
        {
            var content = Unquote(line, out _, out var indent);
            if (!content.IsEmpty && indent < IndentOfCode) break;
            all += content.Length;
            if (LineShapes.LooksLikeProse(content.Of(_text))) text += content.Length;
            if (!NextLine(out line)) break;
        }

        _next = back;
        return text * 2 > all;
    }

    /// <summary>Lines that are structure themselves. False when the line is text.</summary>
    private bool TakeMark(ReadOnlySpan<char> shape, TextSpan content, bool quoted, int indent)
    {
        if (LineShapes.HeadingLevel(shape, out var textStart) is > 0 and var level)
        {
            Flush();
            _blocks.Add(new Block(BlockKind.Heading, TextSpan.Between(content.Start + textStart, content.End).Trim(_text), level));
            _inList = false;
            return true;
        }

        if (_paragraphStart >= 0 && _paragraphKind == BlockKind.Paragraph && _paragraphEnd - _paragraphStart <= LongestUnderlined && LineShapes.UnderlineLevel(shape) is > 0 and var underlined)
        {
            _blocks.Add(new Block(BlockKind.Heading, TextSpan.Between(_paragraphStart, _paragraphEnd), underlined));
            _paragraphStart = -1;
            return true;
        }

        if (LineShapes.IsRule(shape) || LineShapes.IsLinkDefinition(shape))
        {
            Flush();
            return true;
        }

        if (shape.StartsWith("<!--", StringComparison.Ordinal))
        {
            Flush();
            SkipComment(content.Start);
            return true;
        }

        if (shape.Contains('|') && NextIsTableDelimiter())
        {
            Flush();
            TakeTable(content.Start);
            return true;
        }

        if (LineShapes.ListMarker(shape) is > 0 and var marker && marker < shape.Length && (_paragraphStart < 0 || _inList || !LineShapes.IsNumbered(shape) || shape[0] == '1'))
        {
            Flush();
            (_inList, _indentOfMarker) = (true, indent);
            Begin(TextSpan.Between(content.Start + marker, content.End), BlockKind.ListItem, quoted);
            return true;
        }

        return false;
    }

    private void TakeText(ReadOnlySpan<char> shape, TextSpan content, bool quoted, int indent)
    {
        if (_paragraphStart >= 0 && (StartsAnew(shape) || EndsItem(indent))) Flush();
        if (_paragraphStart >= 0)
        {
            _paragraphEnd = content.End;
        }
        else
        {
            if (indent < 2) _inList = false;
            Begin(content, BlockKind.Paragraph, quoted);
        }

        _sealed = PlainHeadings.LevelOf(shape) > 0;
    }

    /// <summary>
    /// Whether a line begins a paragraph although no empty line is before it: after a line that was not wrapped and ended a sentence,
    /// where it begins with bold words after the end of a sentence, and around lines that are headings by their form.
    /// </summary>
    private bool StartsAnew(ReadOnlySpan<char> shape)
    {
        if (_sealed || (shape.Length <= LongestHeadingLine && PlainHeadings.LevelOf(shape) > 0)) return true;
        if (!Punctuation.EndsSentence(_text.AsSpan(_paragraphStart, _paragraphEnd - _paragraphStart))) return false;
        if (LineShapes.LeadingBold(shape).Length > 0) return true;
        var last = _text.AsSpan(_paragraphStart, _paragraphEnd - _paragraphStart);
        last = last[(last.LastIndexOfAny('\r', '\n') + 1)..];
        return LineShapes.Width(last, WidthOfUnwrappedLine) >= WidthOfUnwrappedLine;
    }

    /// <summary>A short item that ended a sentence, and a line that is not under it: a heading of plain text with its paragraph.</summary>
    private bool EndsItem(int indent) =>
        _paragraphKind == BlockKind.ListItem && indent <= _indentOfMarker && _paragraphEnd - _paragraphStart <= LongestHeadingLine
        && Punctuation.EndsSentence(_text.AsSpan(_paragraphStart, _paragraphEnd - _paragraphStart));

    private void Begin(TextSpan content, BlockKind kind, bool quoted)
    {
        (_paragraphStart, _paragraphEnd, _paragraphKind, _quoted) = (content.Start, content.End, kind, quoted);
        _sealed = false;
    }

    private void Flush()
    {
        if (_paragraphStart >= 0) _blocks.Add(new Block(_paragraphKind, TextSpan.Between(_paragraphStart, _paragraphEnd).Trim(_text), 0, _quoted));
        _paragraphStart = -1;
        _sealed = false;
    }

    private void TakeFence(char mark, int length)
    {
        var start = _next;
        var end = start;
        while (NextLine(out var line))
        {
            var content = Unquote(line, out _, out _);
            if (LineShapes.ClosesFence(content.Of(_text), mark, length)) break;
            end = line.End;
        }

        AddCode(TextSpan.Between(start, end));
    }

    private void TakeIndentedCode(TextSpan content)
    {
        var end = content.End;
        for (var back = _next; NextLine(out var line); back = _next)
        {
            var more = Unquote(line, out _, out var indent);
            if (!more.IsEmpty && indent < IndentOfCode)
            {
                _next = back;
                break;
            }

            if (!more.IsEmpty) end = more.End;
        }

        AddCode(TextSpan.Between(content.Start, end));
    }

    private void AddCode(TextSpan span)
    {
        span = span.Trim(_text);
        if (span.Length > 0) _blocks.Add(new Block(BlockKind.Code, span));
    }

    private bool NextIsTableDelimiter()
    {
        var back = _next;
        var found = NextLine(out var line) && LineShapes.IsTableDelimiter(line.Of(_text));
        _next = back;
        return found;
    }

    private void TakeTable(int start)
    {
        NextLine(out var line);
        var end = line.End;
        for (var back = _next; NextLine(out line); back = _next)
        {
            if (!line.Of(_text).Contains('|'))
            {
                _next = back;
                break;
            }

            end = line.End;
        }

        _blocks.Add(new Block(BlockKind.Table, TextSpan.Between(start, end).Trim(_text)));
    }

    private void SkipComment(int start)
    {
        var close = _text.AsSpan(start).IndexOf("-->", StringComparison.Ordinal);
        var end = close < 0 ? _text.Length : start + close;
        _work.Add(end - start);
        while (_next <= end && NextLine(out _))
        {
        }
    }

    private TextSpan Unquote(TextSpan line, out bool quoted, out int indent)
    {
        var at = line.Start;
        (quoted, indent) = (false, 0);
        for (; at < line.End; at++)
        {
            if (_text[at] == '>' && indent < IndentOfCode) (quoted, indent) = (true, 0);
            else if (CharClasses.IsSpace(_text[at])) indent += _text[at] == '\t' ? IndentOfCode : _text[at] == ' ' ? 1 : 0;
            else break;
        }

        return TextSpan.Between(at, line.End).Trim(_text);
    }
}
