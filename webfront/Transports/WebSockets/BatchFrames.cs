using System.Buffers;

using Holdfast.Grains.Logs;
using Holdfast.WebFront.Feeds;

namespace Holdfast.WebFront.Transports.WebSockets;

/// <summary>Puts several events into one frame as a JSON array, for viewers who asked for it.</summary>
internal static class BatchFrames
{
    /// <summary>Writes a slice as frames of about <paramref name="largest"/> bytes at most; one event may be larger by itself.</summary>
    public static void Write(IBufferWriter<byte> output, FeedSlice slice, int largest)
    {
        var array = new ArrayBufferWriter<byte>(Math.Min(slice.Frames.Length, largest) + 16);
        foreach (var (_, message) in new RecordRun(1, slice.Messages, slice.Frames))
        {
            if (array.WrittenCount > 0 && array.WrittenCount + message.Length > largest)
            {
                Close(output, array);
            }

            array.Write(array.WrittenCount == 0 ? "["u8 : ","u8);
            array.Write(message.Span);
        }

        Close(output, array);
    }

    private static void Close(IBufferWriter<byte> output, ArrayBufferWriter<byte> array)
    {
        array.Write("]"u8);
        RecordFrame.Write(output, array.WrittenSpan);
        array.ResetWrittenCount();
    }
}
