namespace Holdfast.Generators.Roadmap.Text;

/// <summary>
/// Light stemming: how many leading letters of a lower-case word its forms share. It only has to bring forms of one word together more often than it
/// confuses two; English plurals follow the S stemmer of D. Harman, "How effective is suffixing?", JASIS 42, 1991.
/// </summary>
internal static class Stemming
{
    private const int ShortestStem = 4;

    private static readonly string[] GermanEndings = ["ern", "ens", "en", "er", "em", "es", "e", "n", "s"];
    private static readonly string[] FrenchEndings = ["es", "e", "s", "x"];
    private static readonly string[] IberianEndings = ["os", "as", "es", "o", "a", "e", "s"];
    private static readonly string[] ItalianEndings = ["io", "ia", "ie", "i", "e", "o", "a"];
    private static readonly string[] DutchEndings = ["en", "s", "e"];

    private static readonly string[] RussianEndings =
    [
        "иями", "ями", "ами", "ого", "его", "ому", "ему", "ыми", "ими", "иях", "ией", "ая", "яя", "ое", "ее", "ые", "ие", "ый", "ий", "ой", "ей", "ов", "ев",
        "ам", "ям", "ах", "ях", "ом", "ем", "ию", "ия", "ии", "ую", "юю", "ы", "и", "а", "я", "о", "е", "у", "ю", "ь", "й",
    ];

    /// <summary>English.</summary>
    public static int English(ReadOnlySpan<char> word)
    {
        var length = word.Length;
        if (length <= 3) return length;
        if (Ends(word, "'s") || Ends(word, "’s")) length -= 2;
        word = word[..length];
        if (length > 4 && Ends(word, "ies") && !Ends(word, "eies") && !Ends(word, "aies")) return length - 3;
        if (length > 3 && Ends(word, "s") && !Ends(word, "ss") && !Ends(word, "us") && !Ends(word, "is")) length--;
        word = word[..length];
        if (length >= ShortestStem + 3 && Ends(word, "ing")) length -= 3;
        else if (length >= ShortestStem + 2 && Ends(word, "ed")) length -= 2;
        word = word[..length];
        if (length > ShortestStem && word[^1] == word[^2] && word[^1] is not ('s' or 'l' or 'e' or 'o')) length--;
        word = word[..length];
        return length > ShortestStem && word[^1] is 'e' or 'y' ? length - 1 : length;
    }

    /// <summary>German.</summary>
    public static int German(ReadOnlySpan<char> word) => Without(word, GermanEndings);

    /// <summary>French.</summary>
    public static int French(ReadOnlySpan<char> word) => Without(word, FrenchEndings);

    /// <summary>Spanish and Portuguese.</summary>
    public static int Iberian(ReadOnlySpan<char> word) => Without(word, IberianEndings);

    /// <summary>Italian.</summary>
    public static int Italian(ReadOnlySpan<char> word) => Without(word, ItalianEndings);

    /// <summary>Dutch.</summary>
    public static int Dutch(ReadOnlySpan<char> word) => Without(word, DutchEndings);

    /// <summary>Russian.</summary>
    public static int Russian(ReadOnlySpan<char> word) => Without(word, RussianEndings);

    private static int Without(ReadOnlySpan<char> word, string[] endings)
    {
        foreach (var ending in endings)
            if (word.Length >= ShortestStem + ending.Length && Ends(word, ending)) return word.Length - ending.Length;
        return word.Length;
    }

    private static bool Ends(ReadOnlySpan<char> word, string ending) => word.EndsWith(ending, StringComparison.Ordinal);
}
