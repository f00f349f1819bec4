using System.Globalization;
using System.Text;

namespace Holdfast.Generators.Roadmap.Text;

/// <summary>What a character means to somebody who looks for words.</summary>
internal enum CharClass : byte
{
    /// <summary>Punctuation, symbols, emoji, control characters.</summary>
    Other,

    /// <summary>White space.</summary>
    Space,

    /// <summary>A letter, digit or mark of a script that puts spaces between words.</summary>
    Word,

    /// <summary>A letter of a script that puts none: Han, kana, Thai, Lao, Khmer, Myanmar.</summary>
    Unspaced,
}

/// <summary>Character classes of the Basic Multilingual Plane, as a table, and of what lies beyond it.</summary>
internal static class CharClasses
{
    private static readonly CharClass[] Table = MakeTable();

    /// <summary>The class of the character at an offset, and how many UTF-16 units it has.</summary>
    public static CharClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        var c = text[index];
        if (!char.IsHighSurrogate(c) || index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1]))
        {
            length = 1;
            return Table[c];
        }

        length = 2;
        var rune = new Rune(c, text[index + 1]);
        return rune.Value is >= 0x20000 and <= 0x3FFFF ? CharClass.Unspaced : Rune.IsLetterOrDigit(rune) ? CharClass.Word : CharClass.Other;
    }

    /// <summary>The class of a character of the Basic Multilingual Plane; half of a pair is <see cref="CharClass.Other"/>.</summary>
    public static CharClass Of(char c) => Table[c];

    /// <summary>True for white space, byte order marks and zero-width spaces.</summary>
    public static bool IsSpace(char c) => Table[c] == CharClass.Space;

    /// <summary>True for hiragana, in which Japanese writes its endings and particles.</summary>
    public static bool IsHiragana(char c) => c is >= '\u3041' and <= '\u309F';

    /// <summary>True for hiragana and katakana.</summary>
    public static bool IsKana(char c) => c is >= '\u3041' and <= '\u30FF' and not '\u30FB' or >= '\uFF66' and <= '\uFF9D';

    /// <summary>True for Chinese characters of the Basic Multilingual Plane.</summary>
    public static bool IsHan(char c) => c is '\u3005' or '\u3007' or >= '\u3400' and <= '\u4DBF' or >= '\u4E00' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF';

    /// <summary>True for Korean syllables.</summary>
    public static bool IsHangul(char c) => c is >= '\uAC00' and <= '\uD7A3' or >= '\u1100' and <= '\u11FF';

    private static CharClass[] MakeTable()
    {
        var table = new CharClass[char.MaxValue + 1];
        for (var i = 0; i < table.Length; i++) table[i] = Classify((char)i);
        return table;
    }

    private static CharClass Classify(char c)
    {
        if (char.IsWhiteSpace(c) || c is '\uFEFF' or '\u200B') return CharClass.Space;
        if (IsHan(c) || IsKana(c)) return CharClass.Unspaced;
        return char.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
                or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark =>
                IsOfUnspacedScript(c) ? CharClass.Unspaced : CharClass.Word,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber => CharClass.Word,
            _ => CharClass.Other,
        };
    }

    private static bool IsOfUnspacedScript(char c) =>
        c is >= '\u0E00' and <= '\u0EFF' or >= '\u1000' and <= '\u109F' or >= '\u1780' and <= '\u17FF' or >= '\u3100' and <= '\u312F';
}
