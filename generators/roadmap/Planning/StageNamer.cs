using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>Makes stages of groups of concepts, and names them after the chapters that they cover.</summary>
internal sealed class StageNamer(AnalysedText text, string title, Section top, IReadOnlyList<Piece> pieces, IReadOnlyList<Name> names)
{
    /// <summary>The stages, each with a title of its own.</summary>
    public List<PlannedStage> Name(PlannedConcept[] concepts, int[] sizes)
    {
        var stages = new List<PlannedStage>();
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0, start = 0; i < sizes.Length; start += sizes[i++])
        {
            var name = TitleOf(start, sizes[i], sizes.Length);
            if (used.Contains(name)) name = Join([.. Enumerable.Range(start, sizes[i])]);
            var (plain, number) = (name, 2);
            while (!used.Add(name)) name = $"{plain} ({number++})";
            stages.Add(new PlannedStage(name, concepts[start..(start + sizes[i])]));
        }

        return stages;
    }

    private string TitleOf(int start, int size, int stages)
    {
        if (stages == 1) return title;
        var around = pieces[start].First.CommonWith(pieces[start + size - 1].Last);
        if (around != top && around.CommonWith(top) == top && around.Title.Length > 0) return around.Title;

        // Several chapters: each once, and the introduction to all of them not at all.
        var chapters = Enumerable.Range(start, size).Where(i => size == 1 || pieces[i].First != around || pieces[i].Part > 0).ToArray();
        return Join(chapters, around.Depth + 1);
    }

    private string Join(int[] chapters, int depth = int.MaxValue)
    {
        var titles = new List<string>();
        foreach (var i in chapters)
        {
            var chapter = pieces[i].First.Depth > depth ? pieces[i].First.AtDepth(depth) : pieces[i].First;
            if (chapter != pieces[i].First) Add(Titles.Short(chapter.Title));
            else if (pieces[i].Sections == 1) Add(names[i].Short);
            else foreach (var one in pieces[i].Titles) Add(Titles.Short(one));
        }

        return TitleList.Join(titles, titles.Count, text.Language);

        void Add(string one)
        {
            if (one.Length > 0 && !titles.Contains(one, StringComparer.OrdinalIgnoreCase)) titles.Add(one);
        }
    }
}
