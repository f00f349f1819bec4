using System.Text.Json;

using Holdfast.Grains.Generators;
using Holdfast.Generators.Roadmap;

namespace Holdfast.Grains.Tests.Roadmap;

public sealed class RoadmapResumeTests
{
    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var sample in new[] { nameof(Samples.Protocol), nameof(Samples.ChinesePlain), nameof(Samples.JapaneseMarkdown) })
            {
                cases.Add(sample, false);
                cases.Add(sample, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Killed_after_any_append_the_task_goes_on_without_a_gap_and_without_a_repetition(string sample, bool review)
    {
        var whole = Context(sample, review);
        var expected = await new RoadmapGenerator().RunAsync(whole, CancellationToken.None);
        for (var appends = 0; appends <= whole.Events.Count; appends++)
        {
            var context = Context(sample, review);
            context.DiesAfter = appends;
            if (!await DiesAsync(context)) break;
            context.Restart();
            var result = await new RoadmapGenerator().RunAsync(context, CancellationToken.None);
            Assert.Equal(whole.Transcript(), context.Transcript());
            Assert.Equal(expected.GetRawText(), result.GetRawText());
        }
    }

    [Fact]
    public async Task Killed_again_and_again_it_still_ends_the_same()
    {
        var whole = Context(nameof(Samples.Protocol), true);
        await new RoadmapGenerator().RunAsync(whole, CancellationToken.None);
        var context = Context(nameof(Samples.Protocol), true);
        var deaths = 0;
        while (await DiesAsync(context, after: 9))
        {
            context.Restart();
            Assert.InRange(++deaths, 1, 50);
        }

        Assert.True(deaths > 3);
        Assert.Equal(whole.Transcript(), context.Transcript());
    }

    [Fact]
    public async Task Completed_concepts_are_not_written_again()
    {
        var context = Context(nameof(Samples.Protocol), false);
        context.DiesAfter = 30;
        Assert.True(await DiesAsync(context));
        context.Restart();
        var kept = context.Events.Count;
        var done = context.Events.Where(seen => seen.Type == "item" && seen.String("status") == "completed").Select(seen => seen.String("item_id")).ToList();
        await new RoadmapGenerator().RunAsync(context, CancellationToken.None);
        Assert.NotEmpty(done);
        Assert.DoesNotContain(context.Events.Skip(kept), seen => seen.Type == "item" && done.Contains(seen.String("item_id")));
        Assert.DoesNotContain(context.Events.Skip(kept), seen => seen.Type is "debug");
    }

    [Fact]
    public async Task A_task_that_was_done_but_for_its_end_only_gives_its_result()
    {
        var context = Context(nameof(Samples.GermanPlain), false);
        var result = await new RoadmapGenerator().RunAsync(context, CancellationToken.None);
        var before = context.Transcript();
        context.Restart();
        Assert.Equal(result.GetRawText(), (await new RoadmapGenerator().RunAsync(context, CancellationToken.None)).GetRawText());
        Assert.Equal(before, context.Transcript());
    }

    [Fact]
    public async Task A_checkpoint_of_another_plan_is_told_and_the_work_begins_anew()
    {
        var old = Context(nameof(Samples.GermanPlain), false);
        await new RoadmapGenerator().RunAsync(old, CancellationToken.None);
        var context = Context(nameof(Samples.Protocol), false);
        await context.AppendAsync([Grains.Events.EventDraft.Debug("As another version left it.")], old.Checkpoint);
        context.Restart();
        await new RoadmapGenerator().RunAsync(context, CancellationToken.None);
        Assert.Equal("warning", context.Events[1].String("level"));
        Assert.Equal(100, context.Events[^1].Data.GetProperty("percent").GetDouble());
        Assert.Contains(context.Events, seen => seen.Type == "artifact" && seen.String("name") == "stages");
    }

    [Theory]
    [InlineData("""{"v":99,"something":"else"}""")]
    [InlineData("[]")]
    [InlineData("{}")]
    public async Task A_checkpoint_in_an_unknown_form_counts_as_none(string checkpoint)
    {
        var whole = Context(nameof(Samples.GermanPlain), false);
        await new RoadmapGenerator().RunAsync(whole, CancellationToken.None);
        var context = Context(nameof(Samples.GermanPlain), false);
        await context.AppendAsync([Grains.Events.EventDraft.Debug("Left over.")], JsonElement.Parse(checkpoint));
        await new RoadmapGenerator().RunAsync(context, CancellationToken.None);
        Assert.Equal(whole.Events.Count + 1, context.Events.Count);
    }

    private static RecordingContext Context(string sample, bool review)
    {
        var context = RecordingContext.Of(new { document = Samples.Get(sample), review });
        if (review) context.Answer = request => new ReviewAnswer(ReviewDecision.Revise, null, RoadmapReviewTests.Reversed(request.Payload));
        return context;
    }

    private static async Task<bool> DiesAsync(RecordingContext context, int? after = null)
    {
        context.DiesAfter = after ?? context.DiesAfter;
        try
        {
            await new RoadmapGenerator().RunAsync(context, CancellationToken.None);
            return false;
        }
        catch (CrashedException)
        {
            return true;
        }
    }
}
