using System.Buffers.Binary;
using System.Buffers.Text;

namespace Holdfast.Grains.Logs;

/// <summary>
/// A list's cursor: the number of the last log that was looked at, in the order of creation. It says nothing of other logs,
/// so it stays good whatever is created or deleted meanwhile.
/// </summary>
internal static class ListCursor
{
    private const byte Version = 1;
    private const int Size = 1 + sizeof(long) + sizeof(ushort);

    /// <summary>Writes a cursor.</summary>
    public static string Write(long number)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], number);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[^2..], Checksum(bytes[..^2]));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidListCursorException">It did not write this.</exception>
    public static long Read(string cursor)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (!Base64Url.IsValid(cursor, out var length) || length != Size || !Base64Url.TryDecodeFromChars(cursor, bytes, out _)
            || bytes[0] != Version || BinaryPrimitives.ReadUInt16BigEndian(bytes[^2..]) != Checksum(bytes[..^2]))
        {
            throw new InvalidListCursorException();
        }

        return BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
    }

    // FNV-1a, folded to 16 bits: finds typing errors and other stores' cursors, and guards nothing.
    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261;
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 16777619;
        }

        return (ushort)(hash ^ (hash >> 16));
    }
}
