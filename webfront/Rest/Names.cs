namespace Holdfast.WebFront.Rest;

/// <summary>Texts by which things are found again: labels, keys of events. Stores keep them apart by NUL, so none has one.</summary>
internal static class Names
{
    /// <summary>Longest name or value of a label.</summary>
    public const int LongestLabel = 256;

    /// <summary>Most labels that a task has, and so that a list can ask for.</summary>
    public const int MostLabels = 16;

    /// <summary>What a label is, for whoever sent another.</summary>
    public static readonly string LabelRule =
        $"A label's name and value are strings of up to {LongestLabel} characters, without NUL; the name is not empty and has no '=', at which '?label=name=value' ends it.";

    /// <summary>Whether a label can be stored and found again, as <c>?label=name=value</c>.</summary>
    public static bool IsLabel(string name, string value) =>
        name.Length > 0 && !name.Contains('=', StringComparison.Ordinal) && IsStorable(name, LongestLabel) && IsStorable(value, LongestLabel);

    public static bool IsStorable(string text, int longest) => text.Length <= longest && !text.Contains('\0', StringComparison.Ordinal);
}
