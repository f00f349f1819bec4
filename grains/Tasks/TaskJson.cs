using System.Text.Json.Serialization;

using Holdfast.Grains.Generators;

namespace Holdfast.Grains.Tasks;

/// <summary>How a task's durable state is written. It holds JSON of generators' and viewers' own, which may be nested as deeply as it came.</summary>
[JsonSourceGenerationOptions(MaxDepth = 128, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(TaskHead))]
[JsonSerializable(typeof(ReviewDecision))]
[JsonSerializable(typeof(ReviewExpiry))]
[JsonSerializable(typeof(TaskError))]
internal sealed partial class TaskJson : JsonSerializerContext;
