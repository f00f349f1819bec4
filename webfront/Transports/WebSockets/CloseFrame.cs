using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Holdfast.WebFront.Transports.WebSockets;

/// <summary>The last frame of either side (RFC 6455, section 5.5.1).</summary>
internal static class CloseFrame
{
    private const int LongestReason = 60;

    /// <summary>Writes one, with a reason of which the first 60 characters count.</summary>
    public static void Write(IBufferWriter<byte> output, int code, string reason)
    {
        Span<byte> frame = stackalloc byte[2 + 2 + (2 * LongestReason)];
        var length = 2 + Encoding.UTF8.GetBytes(reason.AsSpan(0, Math.Min(reason.Length, LongestReason)), frame[4..]);
        frame[0] = 0x88;
        frame[1] = (byte)length;
        BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)code);
        output.Write(frame[..(2 + length)]);
    }
}
