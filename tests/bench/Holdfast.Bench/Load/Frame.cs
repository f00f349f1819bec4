using System.Buffers.Binary;
using System.Buffers.Text;

namespace Holdfast.Bench.Load;

/// <summary>What the bench has to know of a server's frame, found without a JSON parser.</summary>
internal static class Frame
{
    private static ReadOnlySpan<byte> Seq => "\"seq\":"u8;

    private static ReadOnlySpan<byte> SeqFrom => ",\"seq_from\":"u8;

    private static ReadOnlySpan<byte> Delta => "\"delta\":\""u8;

    /// <summary>Splits a frame off the front. False when it is not all there.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int opcode, out ReadOnlySpan<byte> payload, out int size)
    {
        opcode = size = 0;
        payload = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        opcode = bytes[0] & 0x0F;
        var (header, length) = ((int)2, (long)bytes[1]);
        if (length == 126 && bytes.Length >= 4)
        {
            (header, length) = (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
        }
        else if (length == 127 && bytes.Length >= 10)
        {
            (header, length) = (10, (long)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]));
        }
        else if (length >= 126)
        {
            return false;
        }

        if (bytes.Length < header + length)
        {
            return false;
        }

        payload = bytes.Slice(header, (int)length);
        size = header + (int)length;
        return true;
    }

    /// <summary>The numbers of an event; false for other messages.</summary>
    public static bool TrySeq(ReadOnlySpan<byte> message, out long first, out long last)
    {
        first = last = 0;
        var at = message.IndexOf(Seq);
        if (at < 0 || !Utf8Parser.TryParse(message[(at + Seq.Length)..], out last, out var digits))
        {
            return false;
        }

        first = last;
        var rest = message[(at + Seq.Length + digits)..];
        return !rest.StartsWith(SeqFrom) || Utf8Parser.TryParse(rest[SeqFrom.Length..], out first, out _);
    }

    /// <summary>When an event was published; 0 where it does not say.</summary>
    public static long PublishedAt(ReadOnlySpan<byte> message)
    {
        var at = message.IndexOf(Delta);
        return at >= 0 && Utf8Parser.TryParse(message[(at + Delta.Length)..], out long ticks, out _) ? ticks : 0;
    }

    /// <summary>The text of a member; null when there is none.</summary>
    public static string? Text(ReadOnlySpan<byte> message, ReadOnlySpan<byte> member)
    {
        var at = message.IndexOf(member);
        if (at < 0)
        {
            return null;
        }

        var rest = message[(at + member.Length)..];
        return System.Text.Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)'"')]);
    }
}
