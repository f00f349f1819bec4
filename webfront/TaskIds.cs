using System.Buffers;

namespace Holdfast.WebFront;

/// <summary>Ids of tasks: 8 to 64 of <c>A-Za-z0-9_-</c>. Anything else is no task's, and is asked of nobody.</summary>
internal static class TaskIds
{
    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    public static bool IsValid(string? id) => id is { Length: >= 8 and <= 64 } && !id.AsSpan().ContainsAnyExcept(Characters);
}
