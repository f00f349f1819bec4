using Holdfast.Grains;
using Holdfast.WebFront.Problems;

namespace Holdfast.WebFront.Viewers;

/// <summary>Whether a viewer can be served now, and when to come back otherwise.</summary>
internal static class ViewerLimits
{
    /// <summary>Why nobody can be let in now; null when there is room.</summary>
    public static Refusal? Full(FrontContext front) =>
        front.Draining ? new Refusal(FrontCodes.Draining, "This front is going away; come back with your cursor.", null, Spread(front.Options))
        : front.Connections.Count >= front.Options.MaxSessions
            ? new Refusal(FrontCodes.TooManySessions, "This front has as many viewers as it takes; come back in a while.", null, Spread(front.Options))
        : null;

    /// <summary>A time spread over the drain's span, so that not all come back at once.</summary>
    public static TimeSpan Spread(FrontOptions options) =>
        TimeSpan.FromMilliseconds(Math.Round(100 + (Random.Shared.NextDouble() * options.DrainSpread.TotalMilliseconds)));
}
