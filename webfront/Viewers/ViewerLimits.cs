namespace Holdfast.WebFront.Viewers;

/// <summary>When a viewer who can't be served now is to come back.</summary>
internal static class ViewerLimits
{
    /// <summary>A time spread over the drain's span, so that not all come back at once.</summary>
    public static TimeSpan Spread(FrontOptions options) =>
        TimeSpan.FromMilliseconds(Math.Round(100 + (Random.Shared.NextDouble() * options.DrainSpread.TotalMilliseconds)));
}
