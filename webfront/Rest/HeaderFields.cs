using Holdfast.WebFront.Problems;

namespace Holdfast.WebFront.Rest;

/// <summary>Reads headers, and refuses what is wrong, naming the header. One that is there and says nothing is a mistake of whoever sent it.</summary>
internal static class HeaderFields
{
    /// <summary>A short text, or null when the header is not there.</summary>
    public static string? Text(HttpContext http, string name, int longest)
    {
        var values = http.Request.Headers[name];
        return values.Count switch
        {
            0 => null,
            1 when values[0] is { } text && !string.IsNullOrWhiteSpace(text) && text.Length <= longest => text,
            1 => throw Bad(name, $"'{name}' has 1 to {longest} characters; leave the header out where there is nothing to say."),
            _ => throw Bad(name, $"'{name}' is there more than once."),
        };
    }

    private static ProblemException Bad(string name, string detail) => new(FrontCodes.InvalidRequest, detail, name);
}
