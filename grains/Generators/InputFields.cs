using System.Text.Json;

namespace Holdfast.Grains.Generators;

/// <summary>Reads an input's fields one by one, and refuses what is wrong or unknown, naming the field.</summary>
internal sealed class InputFields
{
    private readonly JsonElement _input;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public InputFields(JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidInputException("", "The input is a JSON object.");
        }

        _input = input;
    }

    /// <summary>A whole number, or null when it is not there or null.</summary>
    public int? Whole(string name, int least, int most)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number
            : throw new InvalidInputException(name, $"'{name}' is a whole number from {least} to {most}.");
    }

    /// <summary>A string, or null when it is not there or null.</summary>
    public string? Text(string name, int shortest, int longest)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length >= shortest && text.Length <= longest ? text
            : throw new InvalidInputException(name, $"'{name}' is a string of {shortest} to {longest} characters.");
    }

    /// <summary>Any value; null when it is not there.</summary>
    public JsonElement Any(string name) => Find(name) ?? JsonElement.Parse("null");

    /// <summary>Refuses fields that nobody asked for.</summary>
    public void NothingElse()
    {
        foreach (var property in _input.EnumerateObject())
        {
            if (!_known.Contains(property.Name))
            {
                throw new InvalidInputException(property.Name, $"'{property.Name}' is not a field of this kind's input; it has {string.Join(", ", _known.Order(StringComparer.Ordinal))}.");
            }
        }
    }

    private JsonElement? Find(string name)
    {
        _known.Add(name);
        return _input.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
