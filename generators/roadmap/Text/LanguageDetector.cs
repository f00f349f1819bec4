namespace Holdfast.Generators.Roadmap.Text;

/// <summary>Tells a text's language: by its script, and by its stop words where several languages share one.</summary>
internal static class LanguageDetector
{
    private const int MostCharacters = 200_000;
    private const int FewestHits = 3;

    /// <summary>The language of the sentences; <see cref="Languages.Unknown"/> when nothing speaks for one.</summary>
    public static Language Detect(string text, IReadOnlyList<Block> blocks, Work work)
    {
        var (han, kana, hangul, words, read) = (0, 0, 0, 0, 0);
        var candidates = Languages.WithWords.ToArray();
        var hits = new int[candidates.Length];
        var lookups = Array.ConvertAll(candidates, language => language.StopWords.GetAlternateLookup<ReadOnlySpan<char>>());
        Span<char> lower = stackalloc char[64];
        foreach (var block in blocks)
        {
            if (block.Kind == BlockKind.Code) continue;
            if (read > MostCharacters) break;
            var part = block.Span.Of(text);
            part = part[..Math.Min(part.Length, MostCharacters)];
            read += part.Length;
            work.Add(part.Length);
            foreach (var token in new Tokens(part))
            {
                var word = part.Slice(token.Start, token.Length);
                if (token.Unspaced)
                {
                    foreach (var c in word) (han, kana) = (han + (CharClasses.IsHan(c) ? 1 : 0), kana + (CharClasses.IsKana(c) ? 1 : 0));
                    continue;
                }

                words++;
                if (CharClasses.IsHangul(word[0])) hangul++;
                var length = word.ToLowerInvariant(lower);
                for (var i = 0; length > 0 && i < candidates.Length; i++)
                    if (lookups[i].Contains(lower[..length])) hits[i]++;
            }
        }

        // A Chinese word has about two characters.
        if (han + kana > 2 * words) return Languages.Find(kana * 8 > han + kana ? "ja" : han > 0 ? "zh" : "und") ?? Languages.Unknown;
        if (hangul * 2 > words) return Languages.Find("ko") ?? Languages.Unknown;
        var best = 0;
        for (var i = 1; i < hits.Length; i++)
            if (hits[i] > hits[best]) best = i;
        return hits[best] >= FewestHits && hits[best] * 8 >= words ? candidates[best] : Languages.Unknown;
    }
}
