using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>What to read, in which order, and why in this order.</summary>
/// <param name="Title">The document's title.</param>
/// <param name="Stages">Its stages; each concept is in one of them.</param>
internal sealed record ReadingPlan(string Title, IReadOnlyList<PlannedStage> Stages)
{
    /// <summary>All concepts, in order.</summary>
    public IEnumerable<PlannedConcept> Concepts => Stages.SelectMany(stage => stage.Concepts);
}

/// <summary>A group of concepts.</summary>
/// <param name="Title">What they are about.</param>
/// <param name="Concepts">The concepts, in order; at least one.</param>
internal sealed record PlannedStage(string Title, IReadOnlyList<PlannedConcept> Concepts)
{
    /// <summary>How long all of them take to read.</summary>
    public int Minutes => Concepts.Sum(concept => concept.Minutes);
}

/// <summary>Something to understand.</summary>
/// <param name="Id">Its name within the plan, of <c>a-z0-9-</c>.</param>
/// <param name="Title">Its title.</param>
/// <param name="Requires">The concepts before it whose terms it uses.</param>
/// <param name="Minutes">How long its text takes to read, at least 1.</param>
/// <param name="Passage">Its text in the document.</param>
internal sealed record PlannedConcept(string Id, string Title, IReadOnlyList<string> Requires, int Minutes, Passage Passage);

/// <summary>A concept's part of the document.</summary>
/// <param name="FirstSentence">Its first sentence.</param>
/// <param name="EndSentence">The sentence after its last.</param>
/// <param name="Heading">Where its heading stands; what is quoted when there is nothing else.</param>
/// <param name="EndOffset">Where the text under the heading ends.</param>
internal readonly record struct Passage(int FirstSentence, int EndSentence, TextSpan Heading, int EndOffset);
