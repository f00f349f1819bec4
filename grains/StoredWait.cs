namespace Holdfast.Grains;

/// <summary>A wait whose end was stored as a time, perhaps by another clock than that of whoever reads it.</summary>
internal static class StoredWait
{
    /// <summary>
    /// When it ends by the reader's clock: as stored, and so much later as two clocks may differ by, but never more than its own maximum from now on,
    /// however far the clocks are apart.
    /// </summary>
    /// <param name="stored">Its end, as stored.</param>
    /// <param name="now">The reader's time.</param>
    /// <param name="atMost">How long such a wait may be; null where nobody knows.</param>
    /// <param name="skew">How much two clocks may differ.</param>
    public static DateTimeOffset EndOf(DateTimeOffset stored, DateTimeOffset now, TimeSpan? atMost, TimeSpan skew)
    {
        var left = stored - now + skew;
        return now + (left > atMost ? atMost.Value : left);
    }
}
