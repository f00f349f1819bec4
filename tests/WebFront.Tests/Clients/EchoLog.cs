using System.Globalization;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>What an echo's log says of its work.</summary>
internal static class EchoLog
{
    /// <summary>The tokens' numbers, as each begins with its own.</summary>
    public static IEnumerable<int> Numbers(this IEnumerable<Message> log) => log.Where(one => one.Type == "token")
        .Select(one => one.Data.GetProperty("delta").GetString()!).Select(delta => int.Parse(delta.AsSpan(0, delta.IndexOf(':', StringComparison.Ordinal)), CultureInfo.InvariantCulture));
}
