using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>A title, and what of it is said where several stand together.</summary>
internal readonly record struct Name(string Full, string Short);

/// <summary>Gives pieces their titles: those of their headings, or the phrases that tell them from the others.</summary>
internal sealed class ConceptNamer(AnalysedText text, string title, Section top)
{
    private const int LongestFirstWords = 40;

    /// <summary>A different title for every piece.</summary>
    public Name[] NameAll(IReadOnlyList<Piece> pieces, Work work)
    {
        var phrases = pieces.Any(piece => piece.Part > 0) ? KeyPhrases.Name(text, [.. pieces.Select(piece => (piece.FirstSentence, piece.EndSentence))], work) : [];
        var names = new Name[pieces.Count];
        for (var i = 0; i < names.Length; i++) names[i] = NameOf(pieces[i], pieces[i].Part > 0 ? phrases[i] : default, pieces.Count);
        MakeDifferent(pieces, names);
        return names;
    }

    /// <summary>The words that a text begins with.</summary>
    public static string FirstWords(AnalysedText text, int sentence)
    {
        if (sentence >= text.Sentences.Length) return "";
        var clean = Titles.Clean(text.TextOf(sentence));
        var clause = clean.AsSpan().IndexOfAny(',', '，', '：');
        return TitleList.Shorten(clause is > 8 and < LongestFirstWords ? clean[..clause] : clean, LongestFirstWords);
    }

    private Name NameOf(Piece piece, Name phrase, int pieces)
    {
        var bare = piece.First.Title.Length == 0;
        var heading = bare ? title : piece.First.Title;
        if (piece.Sections > 1) heading = JoinedTitle(piece);
        else if (piece.Part > 0 && pieces > 1)
        {
            if (string.IsNullOrEmpty(phrase.Full) && FirstWords(text, piece.FirstSentence) is { Length: > 0 } words) phrase = new Name(words, words);
            if (!string.IsNullOrEmpty(phrase.Full) && !heading.Contains(phrase.Full, StringComparison.OrdinalIgnoreCase))
                return bare || top.Children.Count == 0 ? phrase : new Name(Titles.Finish($"{Titles.Short(heading)}: {phrase.Full}"), Titles.Short(heading));
        }

        return new Name(heading, Titles.Short(heading));
    }

    /// <summary>Sections that are all there is below one have its title; others show where they begin and end.</summary>
    private string JoinedTitle(Piece piece)
    {
        var around = piece.First.CommonWith(piece.Last);
        if (around.Title.Length > 0 && around != top && around.FirstSentence == piece.FirstSentence && around.EndSentence == piece.EndSentence) return around.Title;
        if (around.CommonWith(top) == around && piece.Sections > 2 && piece.FirstSentence == top.FirstSentence && piece.EndSentence == text.Sentences.Length) return title;
        var joined = TitleList.Join([.. piece.Titles.Select(one => one.Length > 0 ? Titles.Short(one) : title)], piece.Sections, text.Language);
        return around.Depth > top.Depth && around.Level != Block.RunIn && piece.First.Level != Block.RunIn ? Titles.Finish($"{Titles.Short(around.Title)}: {joined}") : joined;
    }

    /// <summary>Equal titles get the title of the section around them in front, or a number behind.</summary>
    private void MakeDifferent(IReadOnlyList<Piece> pieces, Name[] names)
    {
        var counts = names.GroupBy(one => one.Full, StringComparer.OrdinalIgnoreCase).ToDictionary(group => group.Key, group => group.Count(), StringComparer.OrdinalIgnoreCase);
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < names.Length; i++)
        {
            var around = pieces[i].First.Parent;
            if (counts[names[i].Full] > 1 && around is not null && around != top && around.Title.Length > 0 && pieces[i].Sections == 1)
                names[i] = names[i] with { Full = Titles.Finish($"{Titles.Short(around.Title)}: {names[i].Full}") };
            var (plain, number) = (names[i].Full, 2);
            while (!used.Add(names[i].Full)) names[i] = names[i] with { Full = $"{plain} ({number++})" };
        }
    }
}
