using System.Text.Json;

using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Grains.Generators;

namespace Holdfast.Generators.Roadmap;

/// <summary>
/// What a reviewer may make of a stage list: rename, reorder and remove its stages and concepts.
/// The form is that of the list itself, so that it can be changed and sent back; times and prerequisites follow from the plan and are not read.
/// </summary>
internal static class StageEdits
{
    /// <summary>The code of the failure when edits can't be used.</summary>
    public const string Invalid = "invalid_edits";

    /// <summary>Largest stage list, in bytes of JSON: it has to fit into one event, and into a checkpoint.</summary>
    public const int LargestList = 200 * 1024;

    /// <summary>Most concepts of an edited stage, so that a stage with its extracts fits into one event.</summary>
    public const int MostInStage = 15;

    /// <summary>Reads edits.</summary>
    /// <exception cref="GeneratorException">They are not valid; the message says where and why.</exception>
    public static EditedPlan Read(JsonElement edits, ReadingPlan plan)
    {
        try
        {
            return ReadPlan(edits, plan);
        }
        catch (InvalidOperationException)
        {
            throw Bad("edits", "a text in it is no valid Unicode");
        }
    }

    /// <summary>The plan with edits. A concept requires only what still comes before it.</summary>
    /// <exception cref="GeneratorException">The edits are of another plan.</exception>
    public static ReadingPlan Apply(ReadingPlan plan, EditedPlan edits)
    {
        var concepts = plan.Concepts.ToDictionary(concept => concept.Id, StringComparer.Ordinal);
        var before = new HashSet<string>(StringComparer.Ordinal);
        var stages = new List<PlannedStage>();
        foreach (var stage in edits.Stages)
        {
            var kept = new List<PlannedConcept>();
            foreach (var edited in stage.Concepts)
            {
                var concept = concepts.GetValueOrDefault(edited.ConceptId) ?? throw Bad("edits", $"there is no concept '{edited.ConceptId}'");
                kept.Add(concept with { Title = edited.Title, Requires = [.. concept.Requires.Where(before.Contains)] });
                before.Add(concept.Id);
            }

            stages.Add(new PlannedStage(stage.Title, kept));
        }

        return new ReadingPlan(edits.Title, stages);
    }

    private static EditedPlan ReadPlan(JsonElement edits, ReadingPlan plan)
    {
        if (edits.ValueKind == JsonValueKind.Undefined || edits.ValueKind == JsonValueKind.Null) throw Bad("edits", "a revision needs the changed stage list");
        var fields = Fields(edits, "edits", "title", "stages");
        var titles = plan.Concepts.ToDictionary(concept => concept.Id, concept => concept.Title, StringComparer.Ordinal);
        var left = titles.Keys.ToHashSet(StringComparer.Ordinal);
        var stages = new List<EditedStage>();
        foreach (var stage in Items(fields, "edits", "stages"))
        {
            var path = $"edits.stages[{stages.Count}]";
            var parts = Fields(stage, path, "title", "minutes", "concepts");
            var concepts = new List<EditedConcept>();
            foreach (var concept in Items(parts, path, "concepts")) concepts.Add(ConceptOf(concept, $"{path}.concepts[{concepts.Count}]", titles, left));
            if (concepts.Count > MostInStage) throw Bad($"{path}.concepts", $"a stage has at most {MostInStage} concepts");
            stages.Add(new EditedStage(TitleOf(parts, path) ?? throw Bad($"{path}.title", "a stage needs a title"), concepts));
        }

        var edited = new EditedPlan(TitleOf(fields, "edits") ?? plan.Title, stages);
        var size = RoadmapJson.Encode(RoadmapResult.Of(Apply(plan, edited)), RoadmapJson.Default.RoadmapResult).Length;
        return size <= LargestList ? edited : throw Bad("edits", $"the list has {size} bytes, and {LargestList} at most fit: shorten its titles");
    }

    private static EditedConcept ConceptOf(JsonElement value, string path, Dictionary<string, string> titles, HashSet<string> left)
    {
        var fields = Fields(value, path, "concept_id", "title", "requires", "minutes");
        var id = TextOf(fields, path, "concept_id") ?? throw Bad($"{path}.concept_id", "a concept needs its id");
        if (!titles.TryGetValue(id, out var title)) throw Bad($"{path}.concept_id", "there is no such concept; new ones can't be added");
        if (!left.Remove(id)) throw Bad($"{path}.concept_id", "this concept is there twice");
        return new EditedConcept(id, TitleOf(fields, path) ?? title);
    }

    private static Dictionary<string, JsonElement> Fields(JsonElement value, string path, params ReadOnlySpan<string> known)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Bad(path, "this must be an object");
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in value.EnumerateObject())
        {
            var name = known.IndexOf(field.Name);
            fields[name >= 0 ? field.Name : throw Bad(path, $"there is no field '{field.Name}'")] = field.Value;
        }

        return fields;
    }

    private static JsonElement.ArrayEnumerator Items(Dictionary<string, JsonElement> fields, string path, string name)
    {
        if (!fields.TryGetValue(name, out var value) || value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0) throw Bad($"{path}.{name}", "this must be a list with something in it");
        return value.EnumerateArray();
    }

    private static string? TitleOf(Dictionary<string, JsonElement> fields, string path)
    {
        if (TextOf(fields, path, "title") is not { } title) return null;
        title = title.Trim();
        return title.Length is 0 or > RoadmapInput.LongestTitle || title.Any(char.IsControl) ? throw Bad($"{path}.title", $"a title has 1 to {RoadmapInput.LongestTitle} characters, in one line") : title;
    }

    private static string? TextOf(Dictionary<string, JsonElement> fields, string path, string name)
    {
        if (!fields.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Bad($"{path}.{name}", "this must be a string");
    }

    private static GeneratorException Bad(string path, string why) => new(Invalid, $"The stage list can't be changed like that: {path}: {why}.", retryable: false);
}
