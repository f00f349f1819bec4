using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.WebFront;

/// <summary>The few values that the front serialises as they are.</summary>
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class FrontJson : JsonSerializerContext;
