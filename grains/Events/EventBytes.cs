using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Holdfast.Grains.Events;

/// <summary>
/// Reads single fields out of an encoded event without parsing it: <see cref="EventEnvelope"/> writes them in one fixed order, and only ids and
/// type names without escapes come before them.
/// </summary>
public static class EventBytes
{
    private static ReadOnlySpan<byte> TypeStart => "{\"type\":\""u8;

    private static ReadOnlySpan<byte> SeqStart => "\",\"seq\":"u8;

    private static ReadOnlySpan<byte> TimeStart => ",\"ts\":\""u8;

    private static ReadOnlySpan<byte> DataStart => "\",\"data\":"u8;

    /// <summary>The event's type, in bytes.</summary>
    public static ReadOnlySpan<byte> TypeUtf8(ReadOnlySpan<byte> utf8)
    {
        var rest = utf8[TypeStart.Length..];
        return rest[..rest.IndexOf((byte)'"')];
    }

    /// <summary>The event's type.</summary>
    public static string Type(ReadOnlySpan<byte> utf8) => Encoding.ASCII.GetString(TypeUtf8(utf8));

    /// <summary>The event's number.</summary>
    public static long Seq(ReadOnlySpan<byte> utf8)
    {
        var rest = utf8[(utf8.IndexOf(SeqStart) + SeqStart.Length)..];
        return Utf8Parser.TryParse(rest, out long seq, out _) ? seq : throw new InvalidDataException("An event has no number.");
    }

    /// <summary>The event's time.</summary>
    public static DateTimeOffset Time(ReadOnlySpan<byte> utf8)
    {
        var rest = utf8[(utf8.IndexOf(TimeStart) + TimeStart.Length)..];
        Span<char> text = stackalloc char[24];
        Encoding.ASCII.GetChars(rest[..24], text);
        return DateTimeOffset.ParseExact(text, WireTime.Pattern, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }

    /// <summary>The event's data, without copying.</summary>
    public static ReadOnlyMemory<byte> Data(ReadOnlyMemory<byte> utf8)
    {
        var start = utf8.Span.IndexOf(DataStart) + DataStart.Length;
        return utf8[start..^1];
    }
}
