using System.Collections.Frozen;

namespace Holdfast.Generators.Roadmap.Text;

/// <summary>What the generator knows of a language.</summary>
/// <param name="Code">Its ISO 639-1 code; <c>und</c> for those it knows nothing of.</param>
/// <param name="Name">Its name in English.</param>
/// <param name="StopWords">Words that say nothing of what a text is about.</param>
/// <param name="And">What stands between two titles.</param>
/// <param name="Stem">The length of the part of a word that its forms share, roughly.</param>
internal sealed record Language(string Code, string Name, FrozenSet<string> StopWords, string And, Func<ReadOnlySpan<char>, int> Stem)
{
    /// <summary>Titles in a list before the last one.</summary>
    public string Comma => Code is "zh" or "ja" ? "、" : ", ";
}

/// <summary>The languages that the generator knows. Every other one works too, by the frequencies of its words.</summary>
internal static class Languages
{
    /// <summary>A language that is not known.</summary>
    public static readonly Language Unknown = new("und", "an unknown language", FrozenSet<string>.Empty, " / ", word => word.Length);

    private static readonly Language[] All =
    [
        Make("en", "English", StopWords.English, " and ", Stemming.English),
        Make("de", "German", StopWords.German, " und ", Stemming.German),
        Make("fr", "French", StopWords.French, " et ", Stemming.French),
        Make("es", "Spanish", StopWords.Spanish, " y ", Stemming.Iberian),
        Make("it", "Italian", StopWords.Italian, " e ", Stemming.Italian),
        Make("pt", "Portuguese", StopWords.Portuguese, " e ", Stemming.Iberian),
        Make("nl", "Dutch", StopWords.Dutch, " en ", Stemming.Dutch),
        Make("ru", "Russian", StopWords.Russian, " и ", Stemming.Russian),
        Make("zh", "Chinese", StopWords.English, "与", Stemming.English),
        Make("ja", "Japanese", StopWords.English, "と", Stemming.English),
        Make("ko", "Korean", StopWords.English, ", ", Stemming.English),
    ];

    /// <summary>The codes, for messages.</summary>
    public static string Codes { get; } = string.Join(", ", All.Select(language => language.Code));

    /// <summary>Languages that are told apart by their words.</summary>
    public static IEnumerable<Language> WithWords => All.Where(language => language.Code is not ("zh" or "ja" or "ko"));

    /// <summary>The language of a code such as <c>zh</c> or <c>en-GB</c>; null when it is not known.</summary>
    public static Language? Find(string code)
    {
        var end = code.IndexOf('-', StringComparison.Ordinal);
        var primary = end < 0 ? code : code[..end];
        return Array.Find(All, language => string.Equals(language.Code, primary, StringComparison.OrdinalIgnoreCase));
    }

    private static Language Make(string code, string name, string stopWords, string and, Func<ReadOnlySpan<char>, int> stem) =>
        new(code, name, stopWords.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal), and, stem);
}
