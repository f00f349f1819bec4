using System.Buffers;

namespace Holdfast.WebFront;

/// <summary>Ids of tasks: 8 to 64 of <c>A-Za-z0-9_-</c>. Anything else is no task's, and is asked of nobody.</summary>
internal static class TaskIds
{
    public static bool IsValid(string? id) => id is { Length: >= 8 and <= 64 } && !id.AsSpan().ContainsAnyExcept(IdCharacters.All);
}

/// <summary>Ids of sessions: the server draws them, so a client can only give back 1 to 64 of <c>A-Za-z0-9_-</c>.</summary>
internal static class SessionIds
{
    public static bool IsValid(string? id) => id is { Length: >= 1 and <= 64 } && !id.AsSpan().ContainsAnyExcept(IdCharacters.All);
}

internal static class IdCharacters
{
    public static readonly SearchValues<char> All = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
}
