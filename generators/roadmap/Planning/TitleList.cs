using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>Makes one title of several.</summary>
internal static class TitleList
{
    private const int LongestList = 60;
    private const int MostInList = 4;
    private const string Range = " – ";

    /// <summary>All of them where they are few and short, else the first and the last.</summary>
    /// <param name="titles">The titles; of many, the first few and the last.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="language">How a list is written.</param>
    public static string Join(IReadOnlyList<string> titles, int count, Language language)
    {
        if (count == 1) return titles[0];
        if (count <= MostInList && count == titles.Count && titles.Sum(one => LineShapes.Width(one, LongestList)) <= LongestList)
        {
            var last = titles.Any(one => one.Contains(language.And, StringComparison.OrdinalIgnoreCase)) ? language.Comma : language.And;
            return string.Concat(string.Join(language.Comma, titles.Take(count - 1)), last, titles[^1]);
        }

        var half = (Titles.Longest - Range.Length) / 2;
        return string.Concat(Shorten(titles[0], half), Range, Shorten(titles[^1], half));
    }

    /// <summary>A title cut between words.</summary>
    public static string Shorten(string title, int longest)
    {
        if (title.Length <= longest) return Titles.Finish(title);
        var cut = Titles.Finish(title.AsSpan(0, Titles.CutBefore(title, longest - 1)));
        return cut.EndsWith('…') ? cut : cut + "…";
    }
}
