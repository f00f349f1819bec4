namespace Holdfast.Generators.Roadmap.Text;

/// <summary>A document, read: its blocks, its sentences in order, and their terms.</summary>
internal sealed class AnalysedText
{
    private const int SentencesForFrequency = 20;
    private const double TooFrequentShare = 0.25;

    private AnalysedText(string text, string? title, Language language, List<Block> blocks, List<Sentence> sentences, Terms vocabulary)
    {
        (Text, Title, Language, Blocks, Vocabulary) = (text, title, language, blocks, vocabulary);
        Sentences = [.. sentences];
    }

    /// <summary>The document.</summary>
    public string Text { get; }

    /// <summary>The title in its front matter, or null.</summary>
    public string? Title { get; }

    /// <summary>Its language, as given or as found.</summary>
    public Language Language { get; }

    /// <summary>Its blocks.</summary>
    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>Its sentences.</summary>
    public Sentence[] Sentences { get; }

    /// <summary>The terms of all sentences, one after the other.</summary>
    public int[] Terms { get; private set; } = [];

    /// <summary>Turns words into terms.</summary>
    public Terms Vocabulary { get; }

    /// <summary>Reads blocks and sentences; <see cref="CountTerms"/> comes next.</summary>
    /// <param name="text">The document.</param>
    /// <param name="language">Its language; null to find out.</param>
    /// <param name="work">Counts and cancels.</param>
    public static AnalysedText Read(string text, Language? language, Work work)
    {
        var start = FrontMatter.Skip(text, out var title);
        var blocks = BlockReader.Read(text, start, work);
        language ??= LanguageDetector.Detect(text, blocks, work);
        var sentences = new List<Sentence>();
        for (var i = 0; i < blocks.Count; i++) SentenceReader.Read(text, blocks[i], i, sentences, work);
        return new AnalysedText(text, title, language, blocks, sentences, new Terms(language));
    }

    /// <summary>Finds every sentence's terms, and its weight.</summary>
    public void CountTerms(Work work)
    {
        var terms = ReadTerms(work);
        if (Language == Languages.Unknown && Sentences.Length >= SentencesForFrequency && LearnStopWords(terms)) terms = ReadTerms(work);
        Terms = [.. terms];
    }

    /// <summary>The terms of a sentence.</summary>
    public ReadOnlySpan<int> TermsOf(int sentence) => Terms.AsSpan(Sentences[sentence].FirstTerm, Sentences[sentence].TermCount);

    /// <summary>The text of a sentence.</summary>
    public ReadOnlySpan<char> TextOf(int sentence) => Sentences[sentence].Span.Of(Text);

    private List<int> ReadTerms(Work work)
    {
        var terms = new List<int>();
        for (var i = 0; i < Sentences.Length; i++)
        {
            var first = terms.Count;
            Vocabulary.Read(TextOf(i), terms, work);
            Sentences[i] = Sentences[i] with { FirstTerm = first, TermCount = terms.Count - first, Weight = ReadingTime.WeightOf(TextOf(i), work) };
        }

        return terms;
    }

    /// <summary>In a language without a list, a term that is in every fourth sentence is a stop word.</summary>
    private bool LearnStopWords(List<int> terms)
    {
        var sentencesWith = new Dictionary<int, int>();
        var seen = new HashSet<int>();
        foreach (var sentence in Sentences)
        {
            seen.Clear();
            for (var i = 0; i < sentence.TermCount; i++)
                if (terms[sentence.FirstTerm + i] is >= 0 and var term && seen.Add(term)) sentencesWith[term] = sentencesWith.GetValueOrDefault(term) + 1;
        }

        foreach (var (term, count) in sentencesWith)
            if (count > Sentences.Length * TooFrequentShare) Vocabulary.TooFrequent.Add(term);
        return Vocabulary.TooFrequent.Count > 0;
    }
}
