namespace Holdfast.Grains.Setup;

/// <summary>What somebody may have meant who wrote a name wrongly.</summary>
public static class NearestName
{
    /// <summary>The name that differs least, by edits (V. Levenshtein, 1966) and whatever its case; null when none is like it.</summary>
    public static string? Of(string written, IEnumerable<string> names)
    {
        var near = names.Select(name => (Name: name, Edits: Edits(written.ToUpperInvariant(), name.ToUpperInvariant()))).OrderBy(one => one.Edits).FirstOrDefault();
        return near.Name is { } name && near.Edits <= Math.Max(2, name.Length / 3) ? name : null;
    }

    private static int Edits(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
