using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Grains.Tests.Roadmap;

/// <summary>What every plan of every document keeps.</summary>
internal static class PlanCheck
{
    /// <summary>Makes a plan, with all extracts, and checks it.</summary>
    public static (ReadingPlan Plan, IReadOnlyDictionary<string, IReadOnlyList<string>> Extracts) Make(string document, int? maxConcepts = null, Work? work = null)
    {
        work ??= new Work();
        var (text, plan) = PlanMaker.Make(document, maxConcepts: maxConcepts, work: work);
        var extracts = plan.Concepts.ToDictionary(concept => concept.Id, concept => ExtractPicker.Pick(text, concept, work));
        HasSoundShape(plan, maxConcepts);
        if (!document.All(CharClasses.IsSpace)) Assert.All(extracts.Values, extract => IsQuotedFrom(document, extract));
        PointsBackOnly(plan);
        return (plan, extracts);
    }

    private static void HasSoundShape(ReadingPlan plan, int? maxConcepts)
    {
        var concepts = plan.Concepts.ToList();
        Assert.NotEmpty(concepts);
        Assert.InRange(concepts.Count, 1, maxConcepts ?? 100);
        if (concepts.Count == 1) Assert.Single(plan.Stages);
        else Assert.All(plan.Stages, stage => Assert.InRange(stage.Concepts.Count, 2, StageGrouping.Most));
        Assert.Distinct(concepts.Select(concept => concept.Id));
        Assert.Distinct(concepts.Select(concept => concept.Title), StringComparer.OrdinalIgnoreCase);
        Assert.Distinct(plan.Stages.Select(stage => stage.Title), StringComparer.OrdinalIgnoreCase);
        Assert.All(concepts, concept => Assert.InRange(concept.Minutes, 1, int.MaxValue));
        Assert.All(concepts, concept => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", concept.Id));
        Assert.All(concepts.Select(concept => concept.Title).Concat(plan.Stages.Select(stage => stage.Title)).Append(plan.Title), IsTitle);

        // Every sentence belongs to one concept, in order.
        Assert.Equal(0, concepts[0].Passage.FirstSentence);
        for (var i = 1; i < concepts.Count; i++) Assert.Equal(concepts[i - 1].Passage.EndSentence, concepts[i].Passage.FirstSentence);
    }

    private static void IsTitle(string title)
    {
        Assert.InRange(title.Length, 1, Titles.Longest + 10);
        Assert.Equal(title.Trim(), title);
        Assert.DoesNotContain(title, char.IsControl);
    }

    private static void IsQuotedFrom(string document, IReadOnlyList<string> extract)
    {
        Assert.InRange(extract.Count, 1, ExtractPicker.Most);
        Assert.Distinct(extract);
        Assert.All(extract, sentence => Assert.InRange(sentence.Length, 1, SentenceReader.Longest));
        Assert.All(extract, sentence => Assert.True(document.Contains(sentence, StringComparison.Ordinal), $"Not in the document: {sentence}"));
    }

    private static void PointsBackOnly(ReadingPlan plan)
    {
        var before = new HashSet<string>();
        foreach (var concept in plan.Concepts)
        {
            Assert.InRange(concept.Requires.Count, 0, 3);
            Assert.Distinct(concept.Requires);
            Assert.All(concept.Requires, id => Assert.Contains(id, before));
            before.Add(concept.Id);
        }
    }
}
