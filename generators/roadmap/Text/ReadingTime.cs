namespace Holdfast.Generators.Roadmap.Text;

/// <summary>
/// How long a text takes to read. Weights are counted in tenths of a second, as whole numbers, so that sums don't depend on their order.
/// </summary>
/// <remarks>
/// The speed is that of somebody who wants to understand: a little below the 238 words a minute that M. Brysbaert found for silent reading of English
/// non-fiction ("How many words do we read per minute?", Journal of Memory and Language 109, 2019).
/// </remarks>
internal static class ReadingTime
{
    /// <summary>Words a minute, in scripts with spaces.</summary>
    public const int WordsPerMinute = 200;

    /// <summary>Characters a minute, in scripts without.</summary>
    public const int CharactersPerMinute = 300;

    /// <summary>The weight of a minute.</summary>
    public const int Minute = 600;

    private const int Word = Minute / WordsPerMinute;
    private const int Character = Minute / CharactersPerMinute;
    private const int LongestWord = 40;

    /// <summary>The weight of a text.</summary>
    public static long WeightOf(ReadOnlySpan<char> text, Work work)
    {
        work.Add(text.Length);
        long weight = 0;
        var run = 0;
        for (var i = 0; i < text.Length;)
        {
            var @class = CharClasses.At(text, i, out var length);
            if (@class == CharClass.Word)
            {
                // What goes on and on without a space is read in pieces.
                if (run++ % LongestWord == 0) weight += Word;
            }
            else
            {
                run = 0;
                if (@class == CharClass.Unspaced) weight += Character;
            }

            i += length;
        }

        return weight;
    }

    /// <summary>Whole minutes, at least one.</summary>
    public static int MinutesOf(long weight) => (int)Math.Max(1, (weight + (Minute / 2)) / Minute);
}
