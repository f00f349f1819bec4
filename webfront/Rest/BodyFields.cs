using System.Globalization;
using System.Text.Json;

using Holdfast.WebFront.Problems;

namespace Holdfast.WebFront.Rest;

/// <summary>Reads a request's JSON body field by field, and refuses what is wrong or unknown, naming the field.</summary>
internal sealed class BodyFields
{
    private readonly JsonElement _body;
    private readonly string _path;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public BodyFields(JsonElement body, string path = "")
    {
        (_body, _path) = (body, path);
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw Bad("", path.Length == 0 ? "The body is a JSON object." : $"'{path.TrimEnd('.')}' is an object.");
        }
    }

    /// <summary>Reads the body of a request; without one, an empty object where that is allowed.</summary>
    public static async Task<BodyFields> ReadAsync(HttpContext http, int maxBytes, bool optional = false)
    {
        var bytes = await BodyReader.ReadAsync(http, maxBytes);
        if (bytes.Length == 0 && optional)
        {
            return new BodyFields(JsonElement.Parse("{}"));
        }

        try
        {
            return new BodyFields(WireJson.Parse(bytes.Span));
        }
        catch (JsonException e)
        {
            throw new ProblemException(FrontCodes.InvalidJson, $"The body can't be read{At(e)}: send one JSON object in UTF-8, nested at most {WireJson.MaxDepth} deep, with no name twice and no half of a surrogate pair.");
        }
    }

    /// <summary>A string that has to be there.</summary>
    public string Text(string name, int longest) => OptionalText(name, longest) ?? throw Bad(name, $"'{name}' is missing.");

    /// <summary>A string, or null when it is not there or null.</summary>
    public string? OptionalText(string name, int longest)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= longest ? text
            : throw Bad(name, $"'{name}' is a string of up to {longest} characters.");
    }

    /// <summary>A whole number, or null when it is not there or null.</summary>
    public int? OptionalWhole(string name, int least, int most)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number
            : throw Bad(name, $"'{name}' is a whole number from {least} to {most}.");
    }

    /// <summary>A truth value, or null when it is not there or null.</summary>
    public bool? OptionalFlag(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Bad(name, $"'{name}' is true or false.");

    /// <summary>A duration, or null when it is not there or null.</summary>
    public (TimeSpan Duration, string Text)? OptionalDuration(string name, TimeSpan least, TimeSpan most)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && WireDuration.TryParse(text, least, most, out var duration) ? (duration, text)
            : throw Bad(name, $"'{name}' is a duration as a string: a whole number and ms, s, m or h, at most {most.TotalHours:0.##} h.");
    }

    /// <summary>An object, or null when it is not there or null.</summary>
    public BodyFields? OptionalObject(string name) => Find(name) is { } value ? new BodyFields(value, $"{_path}{name}.") : null;

    /// <summary>The items of an array that has to be there.</summary>
    public IReadOnlyList<JsonElement> Array(string name, int least, int most) =>
        Find(name) is { ValueKind: JsonValueKind.Array } value && value.GetArrayLength() >= least && value.GetArrayLength() <= most ? [.. value.EnumerateArray()]
            : throw Bad(name, $"'{name}' is an array of {least} to {most} items.");

    /// <summary>Any value; undefined when it is not there.</summary>
    public JsonElement Any(string name)
    {
        _known.Add(name);
        return _body.TryGetProperty(name, out var value) ? value : default;
    }

    /// <summary>Labels, by their names.</summary>
    public Dictionary<string, string> Labels(string name)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Find(name) is not { } value)
        {
            return texts;
        }

        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() > Names.MostLabels)
        {
            throw Bad(name, $"'{name}' is an object with at most {Names.MostLabels} names.");
        }

        foreach (var property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String || !Names.IsLabel(property.Name, property.Value.GetString()!))
            {
                throw Bad($"{name}.{property.Name}", Names.LabelRule);
            }

            texts[property.Name] = property.Value.GetString()!;
        }

        return texts;
    }

    /// <summary>Refuses fields that nobody asked for: a misspelt name must not go unnoticed.</summary>
    public void NothingElse()
    {
        foreach (var property in _body.EnumerateObject())
        {
            if (!_known.Contains(property.Name))
            {
                throw Bad(property.Name, $"'{_path}{property.Name}' is not known here; {(_known.Count == 0 ? "there are none" : "there are " + string.Join(", ", _known.Order(StringComparer.Ordinal)))}.");
            }
        }
    }

    /// <summary>Says that a field is wrong.</summary>
    public ProblemException Bad(string name, string detail) => new(FrontCodes.InvalidRequest, detail, name.Length == 0 && _path.Length == 0 ? null : (_path + name).TrimEnd('.'));

    /// <summary>Where it went wrong, counted from 1 as editors do; nothing where that is not known.</summary>
    private static string At(JsonException e) =>
        e is { LineNumber: { } line, BytePositionInLine: { } at } ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, byte {at + 1})") : "";

    private JsonElement? Find(string name)
    {
        var value = Any(name);
        return value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : value;
    }
}
