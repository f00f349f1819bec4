using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class SamplePlanTests
{
    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public void A_document_gives_the_same_plan_every_time(string sample)
    {
        var (one, extracts) = PlanCheck.Make(Samples.Get(sample));
        var (other, again) = PlanCheck.Make(Samples.Get(sample));
        Assert.Equal(Describe(one, extracts), Describe(other, again));
    }

    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public void Titles_carry_no_marks_and_do_not_end_in_the_middle(string sample)
    {
        var (plan, _) = PlanCheck.Make(Samples.Get(sample));
        Assert.All(plan.Concepts.Select(concept => concept.Title).Concat(plan.Stages.Select(stage => stage.Title)), title =>
        {
            Assert.DoesNotContain('`', title);
            Assert.DoesNotContain("**", title, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"[.,:;]$", title);
            Assert.DoesNotMatch(@"^\d+\. ", title);
        });
    }

    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public void Extracts_are_whole_sentences_and_no_scraps_of_tables(string sample)
    {
        var (_, extracts) = PlanCheck.Make(Samples.Get(sample));
        Assert.All(extracts.Values.SelectMany(extract => extract), sentence =>
        {
            Assert.False(sentence.StartsWith('|'), sentence);
            Assert.DoesNotContain("| ---", sentence, StringComparison.Ordinal);
            Assert.True(Punctuation.EndsSentence(sentence), sentence);
        });
    }

    [Fact]
    public void The_wire_protocol_becomes_its_sections_in_order()
    {
        var (plan, _) = PlanCheck.Make(Samples.Protocol);
        Assert.Equal("Holdfast wire protocol, version 1", plan.Title);
        var titles = plan.Concepts.Select(concept => concept.Title).ToList();
        Assert.InRange(titles.Count, 9, 20);
        var sections = new[] { "Task", "Event", "REST", "WebSocket", "SSE", "Slow clients", "Security", "Built-in kinds" };
        var places = sections.Select(section => titles.FindIndex(title => title.StartsWith(section, StringComparison.Ordinal))).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
        var event_ = plan.Concepts.Single(concept => concept.Title == "Event");
        Assert.Equal(["task"], event_.Requires);
    }

    [Fact]
    public void Chinese_with_headings_becomes_its_sections_and_the_last_one_requires_what_it_sums_up()
    {
        var (plan, extracts) = PlanCheck.Make(Samples.ChineseMarkdown);
        Assert.Equal("城市的水", plan.Title);
        Assert.Equal(["城市的水", "水源地", "水厂的四道工序", "管网与漏损", "家庭用水", "污水与再生水", "结语"], plan.Concepts.Select(concept => concept.Title));
        Assert.Equal(["concept-2", "concept-4", "concept-6"], plan.Concepts.Last().Requires);
        Assert.Contains("水源地大多是上游的水库，也有一部分是地下水。", extracts["concept-2"]);
    }

    [Fact]
    public void Chinese_without_headings_is_cut_at_paragraphs_and_named_by_its_words()
    {
        var (plan, extracts) = PlanCheck.Make(Samples.ChinesePlain);
        Assert.InRange(plan.Concepts.Count(), 4, 8);
        var titles = string.Concat(plan.Concepts.Select(concept => concept.Title));
        Assert.All(["水源地", "管网", "污水", "再生水"], word => Assert.Contains(word, titles, StringComparison.Ordinal));
        var starts = plan.Concepts.Skip(1).Select(concept => concept.Passage.FirstSentence);
        var text = AnalysedText.Read(Samples.ChinesePlain, null, new Work());
        Assert.All(starts, start => Assert.NotEqual(text.Sentences[start - 1].Block, text.Sentences[start].Block));
        Assert.All(extracts.Values.SelectMany(extract => extract), sentence => Assert.EndsWith("。", sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void English_without_headings_is_cut_where_its_subject_changes()
    {
        var (plan, _) = PlanCheck.Make(Samples.EnglishPlain);
        Assert.InRange(plan.Concepts.Count(), 3, 6);
        var titles = string.Join(' ', plan.Concepts.Select(concept => concept.Title)).ToLowerInvariant();
        Assert.All(["lamp", "lens", "fog", "rock"], word => Assert.Contains(word, titles, StringComparison.Ordinal));
    }

    [Fact]
    public void Japanese_concepts_require_what_their_text_speaks_of()
    {
        var (plan, _) = PlanCheck.Make(Samples.JapaneseMarkdown);
        Assert.Equal(["生地を作る", "発酵を待つ", "窯で焼く", "店を開ける"], plan.Concepts.Select(concept => concept.Title));
        Assert.Equal(["concept-1"], plan.Concepts.ElementAt(1).Requires);
    }

    [Fact]
    public void German_plain_text_takes_its_title_from_its_first_line() => Assert.Equal("Der Garten im Jahreslauf", PlanCheck.Make(Samples.GermanPlain).Plan.Title);

    [Fact]
    public void The_given_title_wins_over_front_matter_and_that_over_the_first_heading()
    {
        const string document = "---\ntitle: In the settings\n---\n# On the page\n\nText.\n";
        Assert.Equal("As given", PlanMaker.Make(document, "As given").Plan.Title);
        Assert.Equal("In the settings", PlanMaker.Make(document).Plan.Title);
        Assert.Equal("On the page", PlanMaker.Make("# On the page\n\nText.\n").Plan.Title);
    }

    private static string Describe(ReadingPlan plan, IReadOnlyDictionary<string, IReadOnlyList<string>> extracts) =>
        string.Join('\n', plan.Stages.Select(stage =>
            $"{stage.Title} {stage.Minutes}\n" + string.Join('\n', stage.Concepts.Select(concept =>
                $"{concept.Id} {concept.Title} {concept.Minutes} [{string.Join(',', concept.Requires)}] {string.Join('|', extracts[concept.Id])}"))));
}
