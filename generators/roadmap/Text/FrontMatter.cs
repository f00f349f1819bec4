namespace Holdfast.Generators.Roadmap.Text;

/// <summary>The block of settings that static site generators put before a document: YAML between <c>---</c>, or TOML between <c>+++</c>.</summary>
internal static class FrontMatter
{
    private const int MostLines = 200;

    /// <summary>Where the document begins: after its front matter, when there is one.</summary>
    /// <param name="text">The document.</param>
    /// <param name="title">The front matter's title; null when it has none.</param>
    public static int Skip(string text, out string? title)
    {
        title = null;
        var start = text.StartsWith('\uFEFF') ? 1 : 0;
        var rest = text.AsSpan(start);
        if (!rest.StartsWith("---", StringComparison.Ordinal) && !rest.StartsWith("+++", StringComparison.Ordinal)) return start;
        var fence = rest[..3];
        var (at, found) = (start, (string?)null);
        for (var line = 0; line < MostLines && at < text.Length; line++)
        {
            var span = text.AsSpan(at);
            var length = span.IndexOfAny('\r', '\n');
            if (length < 0) length = span.Length;
            var content = span[..length].TrimEnd();
            at += length;
            if (at < text.Length) at += text.AsSpan(at).StartsWith("\r\n", StringComparison.Ordinal) ? 2 : 1;
            if (line == 0 && !content.SequenceEqual(fence)) return start;
            if (line == 1 && !LooksLikeSetting(content)) return start;
            if (line > 0 && content.SequenceEqual(fence))
            {
                title = found;
                return at;
            }

            if (content.StartsWith("title", StringComparison.OrdinalIgnoreCase)) found ??= Value(content["title".Length..]);
        }

        return start;
    }

    /// <summary>Otherwise the first line is a thematic break, and the second one text.</summary>
    private static bool LooksLikeSetting(ReadOnlySpan<char> line) => line.StartsWith('#') || line.IndexOfAny(':', '=') is > 0 and < 40;

    private static string? Value(ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart();
        if (rest.IsEmpty || rest[0] is not (':' or '=')) return null;
        rest = rest[1..].Trim();
        if (rest.Length >= 2 && rest[0] is '"' or '\'' && rest[^1] == rest[0]) rest = rest[1..^1];
        return rest.IsWhiteSpace() ? null : rest.ToString();
    }
}
