namespace Holdfast.WebFront.Rest;

/// <summary>Texts by which things are found again: labels, keys of events. Stores keep them apart by NUL, so none has one.</summary>
internal static class Names
{
    /// <summary>Longest name or value of a label.</summary>
    public const int LongestLabel = 256;

    /// <summary>Most labels that a task has, and so that a list can ask for.</summary>
    public const int MostLabels = 16;

    public static bool IsStorable(string text, int longest) => text.Length <= longest && !text.Contains('\0', StringComparison.Ordinal);
}
