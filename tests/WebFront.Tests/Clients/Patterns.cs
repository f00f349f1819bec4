using System.Text.RegularExpressions;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>Forms that the protocol prescribes.</summary>
internal static class Patterns
{
    /// <summary>128 random bits behind a letter.</summary>
    public static readonly Regex Session = new("^s_[A-Za-z0-9_-]{22}$", RegexOptions.NonBacktracking);

    /// <summary>RFC 3339, UTC, milliseconds.</summary>
    public static readonly Regex Time = new(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", RegexOptions.NonBacktracking);

    /// <summary>An epoch.</summary>
    public static readonly Regex Epoch = new("^[A-Za-z0-9_-]{1,32}$", RegexOptions.NonBacktracking);
}
