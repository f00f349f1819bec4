namespace Holdfast.Generators.Roadmap.Text;

/// <summary>A word, or a run of characters of a script without spaces.</summary>
/// <param name="Start">Offset in the text that was read.</param>
/// <param name="Length">UTF-16 units.</param>
/// <param name="Unspaced">True for a run without spaces.</param>
/// <param name="Apart">Something other than white space stands between it and the token before it, so both are no phrase.</param>
internal readonly record struct Token(int Start, int Length, bool Unspaced, bool Apart);

/// <summary>Walks over the words of a text; addresses, tags and the targets of links have none.</summary>
internal ref struct Tokens(ReadOnlySpan<char> text)
{
    private const int LongestWord = 64;

    private readonly ReadOnlySpan<char> _text = text;
    private int _at;

    /// <summary>The token that was found.</summary>
    public Token Current { get; private set; }

    /// <summary>Goes to the next token.</summary>
    public bool MoveNext()
    {
        var apart = false;
        while (_at < _text.Length)
        {
            var @class = CharClasses.At(_text, _at, out var length);
            if (@class is CharClass.Word or CharClass.Unspaced)
            {
                if (Inline.SkipLength(_text, _at) is > 0 and var address)
                {
                    _at += address;
                    apart = true;
                    continue;
                }

                TakeToken(@class, apart);
                return true;
            }

            var skip = @class == CharClass.Other ? Inline.SkipLength(_text, _at) : 0;
            apart |= @class == CharClass.Other && !IsHyphen(_at);
            _at += Math.Max(skip, length);
        }

        return false;
    }

    /// <summary>Itself, for <c>foreach</c>.</summary>
    public readonly Tokens GetEnumerator() => this;

    private void TakeToken(CharClass @class, bool apart)
    {
        var start = _at;
        while (_at < _text.Length)
        {
            var next = CharClasses.At(_text, _at, out var length);
            if (next != @class && !(@class == CharClass.Word && IsApostrophe(_at))) break;
            _at += length;
        }

        // A word that never ends is cut; what is behind the cut says no more.
        var taken = @class == CharClass.Word ? Math.Min(_at - start, LongestWord) : _at - start;
        Current = new Token(start, taken, @class == CharClass.Unspaced, apart);
    }

    private readonly bool IsApostrophe(int at) =>
        _text[at] is '\'' or '’' && at > 0 && at + 1 < _text.Length && CharClasses.Of(_text[at + 1]) == CharClass.Word;

    private readonly bool IsHyphen(int at) =>
        _text[at] == '-' && at > 0 && at + 1 < _text.Length && CharClasses.Of(_text[at - 1]) == CharClass.Word && CharClasses.Of(_text[at + 1]) == CharClass.Word;
}
