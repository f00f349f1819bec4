using System.Text.Json;
using System.Text.Json.Nodes;

using Holdfast.Grains.Generators;
using Holdfast.Generators.Roadmap;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class RoadmapReviewTests
{
    [Fact]
    public async Task The_stage_list_is_shown_and_asked_about_before_anything_is_written()
    {
        var context = Context(_ => throw new CrashedException());
        await Assert.ThrowsAsync<CrashedException>(() => RunAsync(context));
        var review = Assert.Single(context.Reviews);
        Assert.Equal("stages", review.Key);
        Assert.Equal(context.Events[^1].Data.GetProperty("value").GetRawText(), review.Payload.GetRawText());
        Assert.DoesNotContain(context.Events, seen => seen.Type == "item");
    }

    [Fact]
    public async Task Without_review_nobody_is_asked()
    {
        var context = RecordingContext.Of(new { document = Samples.ChineseMarkdown });
        await RunAsync(context);
        Assert.Empty(context.Reviews);
    }

    [Fact]
    public async Task Approved_the_list_stays_as_it_is()
    {
        var context = Context(_ => new ReviewAnswer(ReviewDecision.Approve, "fine", default));
        var plain = RecordingContext.Of(new { document = Samples.ChineseMarkdown });
        Assert.Equal((await RunAsync(plain)).GetRawText(), (await RunAsync(context)).GetRawText());
        Assert.Equal(plain.Events.Count + 1, context.Events.Count);
    }

    [Fact]
    public async Task Rejected_the_task_fails_for_good()
    {
        var context = Context(_ => new ReviewAnswer(ReviewDecision.Reject, "no", default));
        var failure = await Assert.ThrowsAsync<GeneratorException>(() => RunAsync(context));
        Assert.Equal("review_rejected", failure.Code);
        Assert.False(failure.Retryable);
        Assert.DoesNotContain(context.Events, seen => seen.Type == "item");
    }

    [Fact]
    public async Task Sent_back_unchanged_the_list_stays_as_it_is()
    {
        var context = Context(request => new ReviewAnswer(ReviewDecision.Revise, null, request.Payload));
        var plain = RecordingContext.Of(new { document = Samples.ChineseMarkdown });
        Assert.Equal((await RunAsync(plain)).GetRawText(), (await RunAsync(context)).GetRawText());
    }

    [Fact]
    public async Task Renamed_stages_and_concepts_are_called_so()
    {
        var context = Context(request => Revised(request, list =>
        {
            list["title"] = "Water";
            list["stages"]![0]!["title"] = "Where it comes from";
            list["stages"]![0]!["concepts"]![1]!["title"] = "The source";
        }));
        var result = await RunAsync(context);
        Assert.Equal("Water", result.GetProperty("title").GetString());
        Assert.Equal("Where it comes from", result.GetProperty("stages")[0].GetProperty("title").GetString());
        var concept = result.GetProperty("stages")[0].GetProperty("concepts")[1];
        Assert.Equal(("concept-2", "The source"), (concept.GetProperty("concept_id").GetString(), concept.GetProperty("title").GetString()));
        Assert.Contains(context.Events, seen => seen.Type == "item" && seen.String("title") == "The source");
        Assert.Equal(2, context.Events.Count(seen => seen.Type == "artifact" && seen.String("name") == "stages"));
    }

    [Fact]
    public async Task Removed_concepts_are_not_written_and_not_required()
    {
        var context = Context(request => Revised(request, list => list["stages"]![0]!["concepts"]!.AsArray().RemoveAt(1)));
        var result = await RunAsync(context);
        Assert.DoesNotContain("concept-2", result.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(context.Events.SkipWhile(seen => seen.Text != "debug {\"message\":\"The stage list was revised.\",\"level\":\"info\"}"), seen => seen.Text.Contains("concept-2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Turned_round_a_concept_requires_only_what_still_comes_before_it()
    {
        var context = Context(request => new ReviewAnswer(ReviewDecision.Revise, null, Reversed(request.Payload)));
        var result = await RunAsync(context);
        var before = new HashSet<string?>();
        foreach (var concept in result.GetProperty("stages").EnumerateArray().SelectMany(stage => stage.GetProperty("concepts").EnumerateArray()))
        {
            Assert.All(concept.GetProperty("requires").EnumerateArray(), id => Assert.Contains(id.GetString(), before));
            before.Add(concept.GetProperty("concept_id").GetString());
        }

        Assert.Equal("concept-7", result.GetProperty("stages")[0].GetProperty("concepts")[0].GetProperty("concept_id").GetString());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"better\"")]
    [InlineData("{}")]
    [InlineData("""{"stages":{}}""")]
    [InlineData("""{"stages":[]}""")]
    [InlineData("""{"stages":[1]}""")]
    [InlineData("""{"stages":[{"title":"A"}]}""")]
    [InlineData("""{"stages":[{"title":"A","concepts":[]}]}""")]
    [InlineData("""{"stages":[{"concepts":[{"concept_id":"concept-1"}]}]}""")]
    [InlineData("""{"stages":[{"title":"","concepts":[{"concept_id":"concept-1"}]}]}""")]
    [InlineData("""{"stages":[{"title":"A\nB","concepts":[{"concept_id":"concept-1"}]}]}""")]
    [InlineData("""{"stages":[{"title":7,"concepts":[{"concept_id":"concept-1"}]}]}""")]
    [InlineData("""{"stages":[{"title":"\ud800","concepts":[{"concept_id":"concept-1"}]}]}""")]
    [InlineData("""{"stages":[{"title":"A","concepts":["concept-1"]}]}""")]
    [InlineData("""{"stages":[{"title":"A","concepts":[{"title":"T"}]}]}""")]
    [InlineData("""{"stages":[{"title":"A","concepts":[{"concept_id":"concept-99"}]}]}""")]
    [InlineData("""{"stages":[{"title":"A","concepts":[{"concept_id":"concept-1"},{"concept_id":"concept-1"}]}]}""")]
    [InlineData("""{"stages":[{"title":"A","concepts":[{"concept_id":"concept-1","colour":"red"}]}]}""")]
    [InlineData("""{"stages":[{"title":"A","concepts":[{"concept_id":"concept-1"}]}],"more":1}""")]
    [InlineData("""{"title":" ","stages":[{"title":"A","concepts":[{"concept_id":"concept-1"}]}]}""")]
    public async Task Edits_that_can_not_be_used_fail_the_task_and_say_why(string edits)
    {
        var context = Context(_ => new ReviewAnswer(ReviewDecision.Revise, null, JsonElement.Parse(edits)));
        var failure = await Assert.ThrowsAsync<GeneratorException>(() => RunAsync(context));
        Assert.Equal("invalid_edits", failure.Code);
        Assert.False(failure.Retryable);
        Assert.Contains("edits", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revision_without_edits_fails_the_task_and_says_why()
    {
        var context = Context(_ => new ReviewAnswer(ReviewDecision.Revise, "shorter, please", default));
        Assert.Equal("invalid_edits", (await Assert.ThrowsAsync<GeneratorException>(() => RunAsync(context))).Code);
    }

    [Fact]
    public async Task A_stage_holds_no_more_concepts_than_fit_into_an_event()
    {
        var document = string.Concat(Enumerable.Range(0, 30).Select(i => $"# Part {i}\n\nIt tells about thing{i} in some words.\n\n"));
        var context = RecordingContext.Of(new { document, max_concepts = 30, review = true });
        context.Answer = request =>
        {
            var ids = request.Payload.GetProperty("stages").EnumerateArray().SelectMany(stage => stage.GetProperty("concepts").EnumerateArray()).Select(concept => new { concept_id = concept.GetProperty("concept_id").GetString() });
            return new ReviewAnswer(ReviewDecision.Revise, null, JsonSerializer.SerializeToElement(new { stages = new[] { new { title = "All", concepts = ids } } }));
        };
        Assert.Contains("at most 15", (await Assert.ThrowsAsync<GeneratorException>(() => RunAsync(context))).Message, StringComparison.Ordinal);
    }

    /// <summary>A stage list from its end to its start.</summary>
    public static JsonElement Reversed(JsonElement list)
    {
        var stages = list.GetProperty("stages").EnumerateArray().Reverse()
            .Select(stage => new { title = stage.GetProperty("title").GetString(), concepts = stage.GetProperty("concepts").EnumerateArray().Reverse().ToList() });
        return JsonSerializer.SerializeToElement(new { stages });
    }

    private static ReviewAnswer Revised(ReviewRequest request, Action<JsonNode> change)
    {
        var list = JsonNode.Parse(request.Payload.GetRawText())!;
        change(list);
        return new ReviewAnswer(ReviewDecision.Revise, null, JsonElement.Parse(list.ToJsonString()));
    }

    private static RecordingContext Context(Func<ReviewRequest, ReviewAnswer> answer)
    {
        var context = RecordingContext.Of(new { document = Samples.ChineseMarkdown, review = true });
        context.Answer = answer;
        return context;
    }

    private static Task<JsonElement> RunAsync(RecordingContext context) => new RoadmapGenerator().RunAsync(context, CancellationToken.None);
}
