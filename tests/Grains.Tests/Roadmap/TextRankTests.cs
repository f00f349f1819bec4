using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class TextRankTests
{
    [Fact]
    public void The_sentence_that_shares_most_with_the_others_is_ranked_first()
    {
        var ranked = Rank("Cats eat fish. Dogs eat meat. Cats and dogs eat fish and meat at night. The moon is far away.");
        Assert.Equal(2, ranked.MaxBy(one => one.Score).Sentence);
        Assert.Equal(1, ranked.Max(one => one.Score));
        Assert.Equal(3, ranked.MinBy(one => one.Score).Sentence);
    }

    [Fact]
    public void Sentences_that_share_nothing_are_equal() => Assert.All(Rank("Cats purr. Dogs bark. Birds sing."), one => Assert.Equal(1, one.Score));

    [Fact]
    public void A_long_text_is_ranked_in_windows_and_its_middle_can_win()
    {
        var noise = Enumerable.Range(0, 1_000).Select(i => $"Item{i} has value{i} of kind{i}.").ToList();
        noise.Insert(500, "Cats and dogs eat fish and meat.");
        noise.InsertRange(490, Enumerable.Range(0, 6).Select(_ => "Cats eat fish."));
        noise.InsertRange(510, Enumerable.Range(0, 6).Select(_ => "Dogs eat meat."));
        var text = Analyse(string.Join(' ', noise));
        var ranked = TextRank.Rank(text, [.. Enumerable.Range(0, text.Sentences.Length)], new Work());
        Assert.InRange(ranked.Count, 1, TextRank.Window);
        Assert.Contains(ranked, one => text.TextOf(one.Sentence).StartsWith("Cats and dogs", StringComparison.Ordinal));
        Assert.Equal(ranked.Select(one => one.Sentence).Order(), ranked.Select(one => one.Sentence));
    }

    [Fact]
    public void An_extract_prefers_sentences_that_stand_alone()
    {
        var extract = Extract("## Anchor\n\nAn anchor is a weight of iron that holds a ship on the ground of the sea. It holds a ship by its weight. These are the kinds of anchor:\n\n- The stock anchor holds a ship in sand and is the oldest kind of anchor.\n- anchor, ship\n");
        Assert.Equal(["An anchor is a weight of iron that holds a ship on the ground of the sea.", "The stock anchor holds a ship in sand and is the oldest kind of anchor."], extract);
    }

    [Fact]
    public void An_extract_does_not_say_the_same_twice() =>
        Assert.Single(Extract(string.Concat(Enumerable.Repeat("A chain goes from the anchor to the bow of the ship. ", 8))));

    [Fact]
    public void A_section_with_nothing_but_a_table_is_quoted_by_its_sentences_or_its_heading()
    {
        Assert.Equal(["A cell may hold a whole sentence, as this one does."], Extract("# Doc\n\n## Limits\n\n| what | note |\n| --- | --- |\n| cell | A cell may hold a whole sentence, as this one does. |\n"));
        Assert.Equal(["Limits"], Extract("# Doc\n\n## Limits\n\n| what | default |\n| --- | --- |\n| lease | 3 s |\n"));
    }

    [Fact]
    public void Code_and_bare_headings_are_quoted_by_their_first_line()
    {
        Assert.Equal(["var x = 1;"], Extract("# Doc\n\n```\nvar x = 1;\nvar y = 2;\n```\n"));
        Assert.Equal(["Only a heading"], Extract("## Only a heading"));
    }

    [Fact]
    public void A_valley_between_two_subjects_is_the_deepest()
    {
        var text = Analyse(string.Concat(Enumerable.Repeat("Ships sail the sea. Ships need the sea. ", 6)) + string.Concat(Enumerable.Repeat("Bread needs an oven. The oven bakes bread. ", 6)));
        var cohesion = Cohesion.Of(text, new Work());
        var deepest = Enumerable.Range(1, text.Sentences.Length - 1).MaxBy(cohesion.DepthBefore);
        Assert.Equal(12, deepest);
    }

    private static List<(int Sentence, double Score)> Rank(string document)
    {
        var text = Analyse(document);
        return TextRank.Rank(text, [.. Enumerable.Range(0, text.Sentences.Length)], new Work());
    }

    private static IReadOnlyList<string> Extract(string document) => PlanCheck.Make(document, 1).Extracts.Values.Single();

    private static AnalysedText Analyse(string document)
    {
        var text = AnalysedText.Read(document, Languages.Find("en"), new Work());
        text.CountTerms(new Work());
        return text;
    }
}
