using System.Globalization;

using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class PlanStructureTests
{
    [Fact]
    public void A_short_document_is_one_concept_under_its_title() =>
        Assert.Equal(["Note"], Titles("# Note\n\nBuy bread. Then come home."));

    [Fact]
    public void Every_section_is_a_concept_where_there_are_not_too_many() =>
        Assert.Equal(["Alpha", "Beta", "Gamma"], Titles("# Doc\n\n" + Section(2, "Alpha") + Section(2, "Beta") + Section(2, "Gamma")));

    [Fact]
    public void A_long_chapter_is_divided_by_its_sections_and_a_short_one_is_not()
    {
        var document = "# Doc\n\n" + Section(2, "Long", 4) + Section(3, "First", 60) + Section(3, "Second", 60) + Section(2, "Short", 4) + Section(3, "Tiny", 1) + Section(3, "Small", 1);
        Assert.Equal(["First", "Second", "Short"], Titles(document));
    }

    [Fact]
    public void A_long_introduction_is_a_concept_and_a_short_one_goes_to_what_follows()
    {
        var document = "# Doc\n\n" + Text("intro", 40) + "\n\n" + Section(2, "Alpha", 40) + Section(2, "Beta", 40);
        Assert.Equal(["Doc", "Alpha", "Beta"], Titles(document));
        Assert.Equal(["Alpha", "Beta"], Titles(document.Replace(Text("intro", 40), "A word first.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Short_paragraphs_that_begin_with_bold_words_share_a_concept()
    {
        var document = "# Doc\n\n" + Section(2, "Alpha", 60) + "**Cursor** = where a client is.\n\n**Batch**: many at once, in one frame.\n\n" + Section(2, "Beta", 60);
        var titles = Titles(document);
        Assert.DoesNotContain("Cursor", titles);
        Assert.Contains("Alpha", titles);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(40)]
    [InlineData(200)]
    public void There_are_never_more_concepts_than_allowed(int most)
    {
        var document = "# Doc\n\n" + string.Concat(Enumerable.Range(0, 300).Select(i => Section(2 + (i % 3), $"Part {i}", 5)));
        var (plan, _) = PlanCheck.Make(document, most);
        Assert.InRange(plan.Concepts.Count(), Math.Max(1, most / 3), most);
    }

    [Fact]
    public void Sections_that_are_put_together_say_so_in_their_title()
    {
        var document = "# Doc\n\n" + string.Concat(Enumerable.Range(0, 12).Select(i => Section(2, $"Part {(char)('A' + i)}", 12)));
        Assert.Collection(Titles(document, 2), title => Assert.StartsWith("Part A – ", title, StringComparison.Ordinal), title => Assert.EndsWith("Part L", title, StringComparison.Ordinal));
        Assert.Equal(["Doc"], Titles(document, 1));
        Assert.Contains("Part A and Part B", Titles(document, 6));
    }

    [Fact]
    public void A_very_long_section_is_divided_where_its_subject_changes_and_named_by_its_words()
    {
        var document = "# Doc\n\n" + Section(2, "Alpha", 20) + "## Beta\n\n" + Text("quartz", 120) + "\n\n" + Text("velvet", 120) + "\n\n" + Section(2, "Gamma", 20);
        var titles = Titles(document);
        Assert.Contains(titles, title => title.StartsWith("Beta: ", StringComparison.Ordinal) && title.Contains("uartz", StringComparison.Ordinal));
        Assert.Contains(titles, title => title.StartsWith("Beta: ", StringComparison.Ordinal) && title.Contains("elvet", StringComparison.Ordinal));
    }

    [Fact]
    public void Equal_headings_are_told_apart_by_what_is_around_them()
    {
        static string Side(string side) => Section(2, side, 10) + Section(3, "Options", 60) + Section(3, "Errors", 60);
        var document = "# Doc\n\n" + Side("Server") + Side("Client");
        var titles = Titles(document);
        Assert.Contains("Server: Options", titles);
        Assert.Contains("Client: Options", titles);
    }

    [Fact]
    public void Stages_follow_chapters_and_take_their_titles()
    {
        var chapters = new[] { "Ground", "Walls", "Roof" };
        var document = "# House\n\n" + string.Concat(chapters.Select(chapter => $"## {chapter}\n\n" + string.Concat(Enumerable.Range(1, 4).Select(i => Section(3, $"{chapter} part {i}", 40)))));
        var (plan, _) = PlanCheck.Make(document);
        Assert.Equal(chapters, plan.Stages.Select(stage => stage.Title));
        Assert.All(plan.Stages, stage => Assert.Equal(4, stage.Concepts.Count));
    }

    [Fact]
    public void Lone_sections_are_grouped_and_the_stage_names_them()
    {
        var document = "# Doc\n\n" + string.Concat(Enumerable.Range(0, 8).Select(i => Section(2, $"Topic {(char)('A' + i)}", 30)));
        var (plan, _) = PlanCheck.Make(document);
        Assert.Equal(["Topic A, Topic B, Topic C and Topic D", "Topic E, Topic F, Topic G and Topic H"], plan.Stages.Select(stage => stage.Title));
    }

    [Fact]
    public void A_concept_requires_what_it_needs_directly_and_not_what_that_needs()
    {
        const string document =
            """
            # Doc

            ## Anchor

            An anchor is a weight of iron. It lies on the ground of the sea and holds by its own flukes in the sand.

            ## Chain

            A chain goes from the anchor to the bow. The longer the chain is, the better the anchor holds.

            ## Windlass

            The windlass lifts the chain. A chain on a windlass and its anchor below weigh two tons, so the windlass has a motor.

            ## Galley

            Soup is cooked at noon. Bread comes from the oven twice a week, and coffee is never missing.
            """;
        var (plan, _) = PlanCheck.Make(document);
        Assert.Equal([[], ["anchor"], ["chain"], []], plan.Concepts.Select(concept => concept.Requires));
    }

    [Fact]
    public void The_time_of_a_stage_is_the_sum_of_its_concepts_and_code_counts()
    {
        var (plan, _) = PlanCheck.Make("# Doc\n\n## A\n\n" + Text("word", 100) + "\n\n## B\n\nSee:\n\n```\n" + Text("code", 100) + "\n```\n");
        Assert.Equal(plan.Concepts.Sum(concept => concept.Minutes), plan.Stages.Sum(stage => stage.Minutes));
        var minutes = plan.Concepts.Select(concept => concept.Minutes).ToList();
        Assert.InRange(minutes[1], minutes[0] - 1, minutes[0] + 1);
    }

    [Fact]
    public void The_natural_number_of_concepts_grows_more_slowly_than_the_text()
    {
        Assert.Equal(1, ConceptCutter.NaturalCount(1));
        Assert.InRange(ConceptCutter.NaturalCount(15 * ReadingTime.Minute), 10, 14);
        Assert.InRange(ConceptCutter.NaturalCount(60 * ReadingTime.Minute), 20, 30);
        Assert.Equal(100, ConceptCutter.NaturalCount(100_000 * ReadingTime.Minute));
    }

    private static List<string> Titles(string document, int? most = null) => [.. PlanCheck.Make(document, most).Plan.Concepts.Select(concept => concept.Title)];

    private static string Section(int level, string title, int sentences = 20) => $"{new string('#', level)} {title}\n\n{Text(title, sentences)}\n\n";

    private static string Text(string about, int sentences) =>
        string.Join(' ', Enumerable.Range(0, sentences).Select(i => string.Create(CultureInfo.InvariantCulture, $"Here sentence {i} tells something about {about} in eight more words.")));
}
