using System.Buffers;
using System.Globalization;
using System.Text;

using Holdfast.Grains.Events;
using Holdfast.Grains.Logs;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Transports.Sse;

/// <summary>Writes the event stream format of the HTML standard (section 9.2). Every message is one line of JSON, so one <c>data:</c> line.</summary>
internal static class SseFormat
{
    /// <summary>A message that moves no cursor.</summary>
    public static void Control(IBufferWriter<byte> output, ControlMessage message)
    {
        output.Write("event: "u8);
        Text(output, message.Type);
        output.Write("\ndata: "u8);
        output.Write(message.Json.Span);
        output.Write("\n\n"u8);
    }

    /// <summary>Events, each with its cursor as id.</summary>
    public static void Events(IBufferWriter<byte> output, FeedSlice slice, string epoch)
    {
        Span<byte> digits = stackalloc byte[20];
        foreach (var (_, bytes) in new RecordRun(1, slice.Messages, slice.Frames))
        {
            output.Write("id: "u8);
            Text(output, epoch);
            output.Write(":"u8);
            EventBytes.Seq(bytes.Span).TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
            output.Write(digits[..length]);
            output.Write("\nevent: "u8);
            output.Write(EventBytes.TypeUtf8(bytes.Span));
            output.Write("\ndata: "u8);
            output.Write(bytes.Span);
            output.Write("\n\n"u8);
        }
    }

    /// <summary>How a stream ends: why it was refused, if it was, and when to come back.</summary>
    public static void Goodbye(IBufferWriter<byte> output, ViewerEnd end, string path)
    {
        if (end.Because is { } refusal)
        {
            Control(output, new ControlMessage("refused", Problem.ToJson(refusal, path)));
        }

        Control(output, ControlMessages.Closing(end));
        if (end.RetryAfter is { } wait)
        {
            Retry(output, wait);
        }
    }

    /// <summary>How long the client is to wait before it comes back.</summary>
    public static void Retry(IBufferWriter<byte> output, TimeSpan wait) =>
        Text(output, string.Create(CultureInfo.InvariantCulture, $"retry: {(long)wait.TotalMilliseconds}\n\n"));

    /// <summary>A sign of life that no client sees.</summary>
    public static void Comment(IBufferWriter<byte> output) => output.Write(": \n\n"u8);

    private static void Text(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
