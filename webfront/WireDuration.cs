using System.Globalization;

namespace Holdfast.WebFront;

/// <summary>Durations on the wire: <c>&lt;int&gt;(ms|s|m|h)</c>. A bare number is no duration.</summary>
internal static class WireDuration
{
    /// <summary>Reads a duration within bounds.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, TimeSpan least, TimeSpan most, out TimeSpan duration)
    {
        duration = default;
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        if (digits is < 1 or > 12 || !long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = text[digits..] switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => 0,
        };
        if (unit == 0 || number > most.Ticks / unit)
        {
            return false;
        }

        duration = TimeSpan.FromTicks(number * unit);
        return duration >= least;
    }
}
