using System.Globalization;

using Holdfast.Grains.Events;
using Holdfast.WebFront.Problems;

namespace Holdfast.WebFront.Rest;

/// <summary>Reads query parameters, and refuses what is wrong, naming the parameter. Unknown ones are ignored, as the web does.</summary>
internal sealed class QueryFields(IQueryCollection query)
{
    /// <summary>A cursor, or null when it is not there.</summary>
    public Cursor? Cursor(string name) => Raw(name) is not { } text ? null
        : Grains.Events.Cursor.TryParse(text, out var cursor) ? cursor
        : throw new ProblemException(FrontCodes.InvalidCursor, $"'{name}' is not a cursor: <epoch>:<seq>, as in the last event or page that you got.", name);

    /// <summary><c>true</c>, <c>false</c>, or what it is when it is not there.</summary>
    public bool Flag(string name, bool otherwise = false) => Raw(name) switch
    {
        null => otherwise,
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw Bad(name, $"'{name}' is true or false."),
    };

    /// <summary>A duration up to <paramref name="most"/>; zero when it is not there.</summary>
    public TimeSpan Duration(string name, TimeSpan most) => Raw(name) is not { } text ? TimeSpan.Zero
        : WireDuration.TryParse(text, TimeSpan.Zero, most, out var duration) ? duration
        : throw Bad(name, $"'{name}' is a duration from 0s to {most.TotalSeconds:0}s: a whole number and ms, s, m or h.");

    /// <summary>A whole number within bounds.</summary>
    public int Whole(string name, int least, int most, int otherwise) => Raw(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw Bad(name, $"'{name}' is a whole number from {least} to {most}.");

    /// <summary>A short text, or null when it is not there.</summary>
    public string? Text(string name, int longest) => Raw(name) is not { } text ? null
        : text.Length is > 0 && text.Length <= longest ? text
        : throw Bad(name, $"'{name}' has 1 to {longest} characters.");

    /// <summary>The session to resume, or null when it is not there.</summary>
    public string? Session() => Raw("session_id") is not { } text ? null
        : SessionIds.IsValid(text) ? text
        : throw Bad("session_id", "'session_id' has 1 to 64 of A-Za-z0-9_-, as in 'connected'.");

    /// <summary>All values of a parameter that may be repeated.</summary>
    public IReadOnlyList<string> All(string name) => [.. query[name].OfType<string>()];

    private string? Raw(string name)
    {
        var values = query[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw Bad(name, $"'{name}' is there more than once."),
        };
    }

    private static ProblemException Bad(string name, string detail) => new(FrontCodes.InvalidRequest, detail, name);
}
