using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Generators.Roadmap;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class RoadmapGeneratorTests
{
    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public async Task Events_come_in_their_order_and_tell_the_whole_result(string sample)
    {
        var (context, result) = await RunAsync(new { document = Samples.Get(sample) });
        var events = context.Events;

        // Found, four steps, the stage list.
        Assert.Equal(["debug", "progress", "progress", "progress", "progress", "artifact"], events.Take(6).Select(seen => seen.Type));
        Assert.Equal("stages", events[5].String("name"));
        Assert.Equal(WithoutExtracts(result), events[5].Data.GetProperty("value").GetRawText());

        // Then concept by concept.
        var at = 6;
        var stages = result.GetProperty("stages").EnumerateArray().ToList();
        for (var i = 0; i < stages.Count; i++)
        {
            var concepts = stages[i].GetProperty("concepts").EnumerateArray().ToList();
            for (var j = 0; j < concepts.Count; j++)
            {
                var id = concepts[j].GetProperty("concept_id").GetString();
                Assert.Equal($$"""item {"item_id":"{{id}}","title":{{concepts[j].GetProperty("title").GetRawText()}},"status":"started","parent":"stage-{{i + 1}}"}""", events[at++].Text);
                var told = "";
                while (events[at].Type == EventTypes.Token)
                {
                    Assert.Equal(id, events[at].String("channel"));
                    told += events[at++].String("delta");
                }

                Assert.Equal(string.Join('\n', concepts[j].GetProperty("extract").EnumerateArray().Select(one => one.GetString())), told);
                Assert.Equal("completed", events[at].String("status"));
                Assert.Equal(id, events[at].String("item_id"));
                var data = events[at++].Data.GetProperty("data");
                Assert.All(["extract", "requires", "minutes"], field => Assert.Equal(concepts[j].GetProperty(field).GetRawText(), data.GetProperty(field).GetRawText()));
                Assert.Equal($$"""batch {"batch":"stage-{{i + 1}}","of":{{stages.Count}},"done":{{j + 1}},"failed":0,"total":{{concepts.Count}}}""", events[at++].Text);
                if (j == concepts.Count - 1)
                {
                    Assert.Equal($"stage-{i + 1}", events[at].String("name"));
                    Assert.Equal(stages[i].GetRawText(), events[at++].Data.GetProperty("value").GetRawText());
                }

                Assert.Equal(EventTypes.Progress, events[at++].Type);
            }
        }

        Assert.Equal(events.Count, at);
    }

    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public async Task The_result_has_exactly_its_fields(string sample)
    {
        var (_, result) = await RunAsync(new { document = Samples.Get(sample) });
        Assert.Equal(["title", "stages"], Fields(result));
        Assert.All(result.GetProperty("stages").EnumerateArray(), stage =>
        {
            Assert.Equal(["title", "minutes", "concepts"], Fields(stage));
            Assert.Equal(stage.GetProperty("concepts").EnumerateArray().Sum(concept => concept.GetProperty("minutes").GetInt32()), stage.GetProperty("minutes").GetInt32());
            Assert.All(stage.GetProperty("concepts").EnumerateArray(), concept => Assert.Equal(["concept_id", "title", "extract", "requires", "minutes"], Fields(concept)));
        });
    }

    [Fact]
    public async Task Progress_never_goes_back_and_ends_at_100()
    {
        var (context, _) = await RunAsync(new { document = Samples.Protocol });
        var percents = context.Events.Where(seen => seen.Type == EventTypes.Progress).Select(seen => seen.Data.GetProperty("percent").GetDouble()).ToList();
        Assert.Equal(percents.Order(), percents);
        Assert.Equal(100, percents[^1]);
        Assert.All(context.Events.Where(seen => seen.Type == EventTypes.Progress), seen =>
        {
            Assert.NotEmpty(seen.String("stage")!);
            Assert.NotEmpty(seen.String("message")!);
            Assert.InRange(seen.Data.GetProperty("current").GetInt64(), 1, seen.Data.GetProperty("total").GetInt64());
        });
    }

    [Fact]
    public async Task Each_completed_concept_comes_with_a_checkpoint_and_is_stored_before_the_next()
    {
        var (context, result) = await RunAsync(new { document = Samples.Protocol });
        var concepts = result.GetProperty("stages").EnumerateArray().Sum(stage => stage.GetProperty("concepts").GetArrayLength());
        Assert.Equal(concepts + 1, context.Checkpoints.Count);
        Assert.Equal(Enumerable.Range(0, concepts + 1), context.Checkpoints.Select(checkpoint => checkpoint.GetProperty("done").GetInt32()));
        Assert.Equal(concepts, context.Flushes);
    }

    [Fact]
    public async Task Wishes_are_kept()
    {
        var (context, result) = await RunAsync(new { document = Samples.Protocol, title = "How to talk to it", language = "en-GB", max_concepts = 3 });
        Assert.Equal("How to talk to it", result.GetProperty("title").GetString());
        Assert.InRange(result.GetProperty("stages").EnumerateArray().Sum(stage => stage.GetProperty("concepts").GetArrayLength()), 1, 3);
        Assert.Contains("in English", context.Events[0].String("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_goes_out_as_it_is()
    {
        var (context, result) = await RunAsync(new { document = Samples.ChineseMarkdown });
        Assert.Contains("水厂的四道工序", result.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("水厂的四道工序", context.Transcript(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_largest_results_fit_into_the_limits_of_the_protocol()
    {
        // Sentences of the greatest length, of characters that take most room in JSON; and as many concepts as there may be.
        var sentence = "A" + new string('\u0001', 390) + new string('水', 390) + "。";
        var document = string.Concat(Enumerable.Range(0, 200).Select(i => $"# {new string('題', 90)} {i}\n\n" + string.Concat(Enumerable.Repeat(sentence, 3).Select((one, j) => $"{(char)('一' + (7 * i) + j)}乙丙丁 {one}"))
            + "\n\n"));
        var (context, result) = await RunAsync(new { document, max_concepts = 200 });
        Assert.All(context.Sizes(), size => Assert.InRange(size, 1, 256 * 1024));
        Assert.All(context.Checkpoints, checkpoint => Assert.InRange(checkpoint.GetRawText().Length, 1, 256 * 1024));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(result.GetRawText()), 500_000, 4 * 1024 * 1024);
    }

    [Fact]
    public async Task A_cancelled_run_ends_before_its_next_event()
    {
        using var stop = new CancellationTokenSource();
        var context = RecordingContext.Of(new { document = Samples.Protocol });
        context.OnEvent = seen =>
        {
            if (seen.Type == EventTypes.Token) stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new RoadmapGenerator().RunAsync(context, stop.Token));
        Assert.Single(context.Events, seen => seen.Type == EventTypes.Token);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_from_the_start_says_nothing()
    {
        var context = RecordingContext.Of(new { document = Samples.Protocol });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new RoadmapGenerator().RunAsync(context, new CancellationToken(true)));
        Assert.Empty(context.Events);
    }

    [Fact]
    public void Its_kind_is_the_one_of_the_protocol() => Assert.Equal("roadmap", new RoadmapGenerator().Kind);

    private static async Task<(RecordingContext Context, JsonElement Result)> RunAsync(object input)
    {
        var context = RecordingContext.Of(input);
        var generator = new RoadmapGenerator();
        generator.Validate(context.Input);
        return (context, await generator.RunAsync(context, CancellationToken.None));
    }

    private static List<string> Fields(JsonElement value) => [.. value.EnumerateObject().Select(field => field.Name)];

    private static string WithoutExtracts(JsonElement result)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(result.GetRawText())!;
        foreach (var stage in node["stages"]!.AsArray())
            foreach (var concept in stage!["concepts"]!.AsArray()) concept!.AsObject().Remove("extract");
        return node.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
