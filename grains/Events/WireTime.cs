using System.Globalization;

namespace Holdfast.Grains.Events;

/// <summary>Times as they are on the wire: RFC 3339, UTC, milliseconds.</summary>
public static class WireTime
{
    /// <summary>The one format.</summary>
    public const string Pattern = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Formats a time.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Pattern, CultureInfo.InvariantCulture);
}
