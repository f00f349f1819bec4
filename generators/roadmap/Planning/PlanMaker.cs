using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>
/// Makes a reading plan of a document, step by step: read, count terms, cut into concepts, group into stages.
/// The same document and wishes give the same plan, always: after a crash it is made again instead of being stored.
/// </summary>
internal sealed class PlanMaker(string document, string? title, Language? language, int? maxConcepts, Work work)
{
    private List<Piece> _pieces = [];
    private Name[] _names = [];
    private string _title = "";
    private Section _top = new(0, "", default, null);
    private Cohesion? _cohesion;

    /// <summary>The document, read; from the first step on.</summary>
    public AnalysedText Text { get; private set; } = null!;

    /// <summary>A whole plan in one go.</summary>
    public static (AnalysedText Text, ReadingPlan Plan) Make(string document, string? title = null, Language? language = null, int? maxConcepts = null, Work? work = null)
    {
        var maker = new PlanMaker(document, title, language, maxConcepts, work ?? new Work());
        maker.Read();
        maker.CountTerms();
        maker.CutConcepts();
        return (maker.Text, maker.GroupStages());
    }

    /// <summary>Step 1: blocks and sentences.</summary>
    public AnalysedText Read() => Text = AnalysedText.Read(document, language, work);

    /// <summary>Step 2: the terms of every sentence.</summary>
    public void CountTerms()
    {
        Text.CountTerms(work);
        _cohesion = Cohesion.Of(Text, work);
    }

    /// <summary>Step 3: concepts with their titles.</summary>
    /// <returns>How many.</returns>
    public int CutConcepts()
    {
        _top = Top(SectionTree.Build(Text, work));
        _title = DocumentTitle();
        _pieces = ConceptCutter.Cut(Text, _top, _cohesion!, maxConcepts, work);
        _names = new ConceptNamer(Text, _title, _top).NameAll(_pieces, work);
        return _pieces.Count;
    }

    /// <summary>Step 4: prerequisites and stages.</summary>
    public ReadingPlan GroupStages()
    {
        string[] titles = [.. _names.Select(name => name.Full)];
        var required = Prerequisites.Find(Text, _pieces, titles, work);
        var ids = ConceptIds.Of(titles);
        var concepts = new PlannedConcept[_pieces.Count];
        for (var i = 0; i < concepts.Length; i++)
        {
            var piece = _pieces[i];
            var passage = new Passage(piece.FirstSentence, piece.EndSentence, piece.First.Heading, Math.Max(piece.First.Heading.End, piece.First.EndOffset));
            concepts[i] = new PlannedConcept(ids[i], titles[i], [.. required[i].Select(a => ids[a])], ReadingTime.MinutesOf(piece.Weight), passage);
        }

        return new ReadingPlan(_title, new StageNamer(Text, _title, _top, _pieces, _names).Name(concepts, StageGrouping.Group(_pieces, _cohesion!, work)));
    }

    /// <summary>The section whose sections are the chapters: a heading alone at the top is the title of all.</summary>
    private static Section Top(Section root)
    {
        var top = root;
        while (top.Children.Count == 1 && top.FirstSentence == top.EndOfOwn && top.ExtraWeight == 0) top = top.Children[0];
        return top;
    }

    private string DocumentTitle()
    {
        if (title is not null) return title;
        if (Text.Title is not null && Titles.Clean(Text.Title) is { Length: > 0 } settings) return settings;
        if (_top.Title.Length > 0) return _top.Title;
        if (_top.Children.Count > 0 && _top.Children[0].Level == 1) return _top.Children[0].Title;
        var phrase = KeyPhrases.Name(Text, [(0, Text.Sentences.Length)], work)[0].Full;
        if (phrase.Length > 0) return phrase;
        var words = ConceptNamer.FirstWords(Text, 0);
        if (words.Length > 0) return words;
        return _top.Children.Count > 0 ? _top.Children[0].Title : "Untitled";
    }
}
