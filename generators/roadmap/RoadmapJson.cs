using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Grains;

namespace Holdfast.Generators.Roadmap;

/// <summary>A task's result; without extracts, the stage list. It has the form of section 9 of the wire protocol.</summary>
internal sealed record RoadmapResult(string Title, IReadOnlyList<StageResult> Stages)
{
    /// <summary>The stage list of a plan.</summary>
    public static RoadmapResult Of(ReadingPlan plan) =>
        new(plan.Title, [.. plan.Stages.Select(stage => new StageResult(stage.Title, stage.Minutes, [.. stage.Concepts.Select(concept => ConceptResult.Of(concept))]))]);
}

/// <summary>A stage.</summary>
internal sealed record StageResult(string Title, int Minutes, IReadOnlyList<ConceptResult> Concepts);

/// <summary>A concept.</summary>
internal sealed record ConceptResult(string ConceptId, string Title, IReadOnlyList<string>? Extract, IReadOnlyList<string> Requires, int Minutes)
{
    /// <summary>A planned concept, with its extract when it is there.</summary>
    public static ConceptResult Of(PlannedConcept concept, IReadOnlyList<string>? extract = null) => new(concept.Id, concept.Title, extract, concept.Requires, concept.Minutes);
}

/// <summary>The data of a completed item.</summary>
internal sealed record ConceptData(IReadOnlyList<string> Extract, IReadOnlyList<string> Requires, int Minutes);

/// <summary>A stage list as a reviewer sent it, without what follows from the plan.</summary>
internal sealed record EditedPlan(string Title, IReadOnlyList<EditedStage> Stages);

/// <summary>A stage of it.</summary>
internal sealed record EditedStage(string Title, IReadOnlyList<EditedConcept> Concepts);

/// <summary>A concept of it.</summary>
internal sealed record EditedConcept(string ConceptId, string Title);

/// <summary>How the generator's own values are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RoadmapResult))]
[JsonSerializable(typeof(StageResult))]
[JsonSerializable(typeof(ConceptData))]
[JsonSerializable(typeof(EditedPlan))]
[JsonSerializable(typeof(RoadmapCheckpoint))]
internal sealed partial class RoadmapJson : JsonSerializerContext
{
    /// <summary>A value as JSON, with its text as it is.</summary>
    public static JsonElement Element<T>(T value, JsonTypeInfo<T> type) => JsonElement.Parse(Encode(value, type));

    /// <summary>A value as compact JSON in UTF-8, with its text as it is.</summary>
    public static byte[] Encode<T>(T value, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Encoder });
        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
