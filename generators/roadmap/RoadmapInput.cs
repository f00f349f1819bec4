using System.Text.Json;

using Holdfast.Generators.Roadmap.Planning;
using Holdfast.Generators.Roadmap.Text;
using Holdfast.Grains.Generators;

namespace Holdfast.Generators.Roadmap;

/// <summary>What a roadmap is made of: <c>{"document","title"?,"language"?,"max_concepts"?,"review":false}</c>. An optional field may be null.</summary>
internal sealed record RoadmapInput(string Document, string? Title, Language? Language, int? MaxConcepts, bool Review)
{
    /// <summary>Longest document, in UTF-16 units.</summary>
    public const int LongestDocument = 4 * 1024 * 1024;

    /// <summary>Longest title that is taken as given.</summary>
    public const int LongestTitle = 200;

    /// <summary>Reads and checks an input.</summary>
    /// <exception cref="InvalidInputException">A field is missing, unknown, of the wrong type or out of range.</exception>
    public static RoadmapInput Parse(JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.Object) throw new InvalidInputException("input", "The input must be an object with the field \"document\".");
        JsonElement document = default, title = default, language = default, maxConcepts = default, review = default;
        foreach (var field in input.EnumerateObject())
        {
            switch (NameOf(field))
            {
                case "document": document = field.Value; break;
                case "title": title = field.Value; break;
                case "language": language = field.Value; break;
                case "max_concepts": maxConcepts = field.Value; break;
                case "review": review = field.Value; break;
                case var unknown: throw new InvalidInputException(unknown, "There is no such field: use document, title, language, max_concepts and review.");
            }
        }

        return new RoadmapInput(DocumentOf(document), TitleOf(title), LanguageOf(language), MaxConceptsOf(maxConcepts), ReviewOf(review));
    }

    private static string NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            throw new InvalidInputException("input", "A field's name is no valid Unicode text.");
        }
    }

    private static string DocumentOf(JsonElement value)
    {
        if (IsAbsent(value)) throw new InvalidInputException("document", "The text to read is missing: give it as a string, plain or Markdown.");
        var document = StringOf(value, "document");
        if (document.Length > LongestDocument)
            throw new InvalidInputException("document", $"The text has {document.Length} characters, and {LongestDocument} at most are read: split it.");
        if (new TextSpan(0, document.Length).Trim(document).IsEmpty) throw new InvalidInputException("document", "The text is empty.");
        return document;
    }

    private static string? TitleOf(JsonElement value)
    {
        if (IsAbsent(value)) return null;
        var title = StringOf(value, "title").Trim();
        if (title.Length is 0 or > LongestTitle) throw new InvalidInputException("title", $"The title must have 1 to {LongestTitle} characters; leave it out to take the document's own.");
        return title.Any(char.IsControl) ? throw new InvalidInputException("title", "The title must be one line, with no control characters.") : title;
    }

    private static Language? LanguageOf(JsonElement value)
    {
        if (IsAbsent(value)) return null;
        return Languages.Find(StringOf(value, "language"))
            ?? throw new InvalidInputException("language", $"The language must be one of {Languages.Codes}; leave it out to have it found, also for any other language.");
    }

    private static int? MaxConceptsOf(JsonElement value)
    {
        if (IsAbsent(value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var most) && most is >= 1 and <= ConceptCutter.Most) return most;
        throw new InvalidInputException("max_concepts", $"The number of concepts must be a whole number from 1 to {ConceptCutter.Most}; leave it out for what fits the text's length.");
    }

    private static bool ReviewOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => false,
        _ => throw new InvalidInputException("review", "Whether the stages are reviewed must be true or false."),
    };

    private static bool IsAbsent(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    private static string StringOf(JsonElement value, string field)
    {
        if (value.ValueKind != JsonValueKind.String) throw new InvalidInputException(field, $"This must be a string, and is of type {value.ValueKind.ToString().ToLowerInvariant()}.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new InvalidInputException(field, "This is no valid Unicode text: it has half of a surrogate pair.");
        }
    }
}
