using System.Text.Json;

namespace Holdfast.Grains;

/// <summary>JSON that stands on its own: no document behind it to dispose.</summary>
public static class Json
{
    /// <summary>Reads a value; empty bytes are <see cref="JsonValueKind.Undefined"/>.</summary>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return default;
        }

        var reader = new Utf8JsonReader(utf8.Span);
        return JsonElement.ParseValue(ref reader);
    }
}
