using System.Globalization;
using System.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>Makes ids of titles, so that they can be read in logs and stay the same when the document grows elsewhere.</summary>
internal static class ConceptIds
{
    private const int Longest = 40;
    private const string Accented = "äöüßáàâãåéèêëíìîïóòôõúùûñçÄÖÜÁÀÂÃÅÉÈÊËÍÌÎÏÓÒÔÕÚÙÛÑÇ";
    private const string Plain = "aousaaaaaeeeeiiiioooouuuncAOUAAAAAEEEEIIIIOOOOUUUNC";

    /// <summary>A different id for every title: its letters and digits as far as they are ASCII, else a number.</summary>
    public static string[] Of(IReadOnlyList<string> titles)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var ids = new string[titles.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            var slug = Slug(titles[i]);
            var id = slug.Length > 0 ? slug : string.Create(CultureInfo.InvariantCulture, $"concept-{i + 1}");
            for (var number = 2; !used.Add(id); number++) id = string.Create(CultureInfo.InvariantCulture, $"{(slug.Length > 0 ? slug : "concept")}-{number}");
            ids[i] = id;
        }

        return ids;
    }

    private static string Slug(string title)
    {
        var slug = new StringBuilder(Longest);
        var others = 0;
        foreach (var letter in title)
        {
            var c = Accented.IndexOf(letter) is >= 0 and var at ? Plain[at] : letter;
            if (slug.Length >= Longest) break;
            if (char.IsAsciiLetterOrDigit(c)) slug.Append(char.ToLowerInvariant(c));
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
            if (char.IsLetter(c) && !char.IsAscii(c)) others++;
        }

        while (slug.Length > 0 && slug[^1] == '-') slug.Length--;
        return slug.Length < 2 || others > slug.Length ? "" : slug.ToString();
    }
}
