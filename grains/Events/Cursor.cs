using System.Globalization;

namespace Holdfast.Grains.Events;

/// <summary>
/// A viewer's place in a task's log: the last event that it has processed. Written <c>epoch:seq</c>;
/// seq 0 is before the first event. It means something only within its epoch.
/// </summary>
/// <param name="Epoch">1 to 32 of <c>A-Za-z0-9_-</c>.</param>
/// <param name="Seq">0 to 2^53-1.</param>
public readonly record struct Cursor(string Epoch, long Seq)
{
    /// <summary>Largest sequence number that every client can hold: 2^53-1.</summary>
    public const long MaxSeq = (1L << 53) - 1;

    private static readonly System.Buffers.SearchValues<char> EpochCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Reads a cursor as it stands in a query, a header or a message. Anything but the exact form is refused: no sign, no blanks, no leading zeros.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Cursor cursor)
    {
        cursor = default;
        var colon = text.IndexOf(':');
        if (colon is < 1 or > 32 || text[..colon].ContainsAnyExcept(EpochCharacters))
        {
            return false;
        }

        var digits = text[(colon + 1)..];
        if (digits.Length is < 1 or > 16 || digits.ContainsAnyExceptInRange('0', '9') || (digits[0] == '0' && digits.Length > 1))
        {
            return false;
        }

        var seq = long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        if (seq > MaxSeq)
        {
            return false;
        }

        cursor = new Cursor(text[..colon].ToString(), seq);
        return true;
    }

    /// <summary>The form on the wire.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{Seq}");
}
