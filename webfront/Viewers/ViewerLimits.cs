using Holdfast.Grains;
using Holdfast.WebFront.Problems;

namespace Holdfast.WebFront.Viewers;

/// <summary>Whether a viewer can be served now, and when to come back otherwise.</summary>
internal static class ViewerLimits
{
    /// <summary>A viewer's place until it is disposed, whichever way it comes.</summary>
    /// <param name="front">This front.</param>
    /// <param name="refusal">Why nobody can be let in now; null when there is a place.</param>
    public static Places.Place? Enter(FrontContext front, out Refusal? refusal)
    {
        refusal = Leaving(front);
        var place = refusal is null ? front.Viewers.TryTake() : null;
        if (place is null)
        {
            refusal ??= new Refusal(FrontCodes.TooManySessions, "This front has as many viewers as it takes; come back in a while.", null, Spread(front.Options));
        }

        return place;
    }

    /// <summary>Why nobody can be let in while the front is going away; null while it is not.</summary>
    public static Refusal? Leaving(FrontContext front) =>
        front.Draining ? new Refusal(FrontCodes.Draining, "This front is going away; come back with your cursor.", null, Spread(front.Options)) : null;

    /// <summary>A time spread over the drain's span, so that not all come back at once.</summary>
    public static TimeSpan Spread(FrontOptions options) =>
        TimeSpan.FromMilliseconds(Math.Round(100 + (Random.Shared.NextDouble() * options.DrainSpread.TotalMilliseconds)));
}
