using System.Buffers.Text;
using System.Globalization;
using System.Text;

using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Events;

/// <summary>
/// Writes events as everybody will see them: <c>{"type":…,"task_id":…,"seq":…,"ts":…,"data":…}</c>, each as a record with its length in front.
/// The only place where an event is encoded; its data comes encoded already.
/// </summary>
internal sealed class EventEnvelope(string taskId)
{
    private readonly byte[] _taskId = Encoding.UTF8.GetBytes($"\",\"task_id\":\"{taskId}\",\"seq\":");
    private readonly byte[] _ts = new byte[TimestampLength];
    private long _tsMilliseconds = -1;

    private const int TimestampLength = 24;

    /// <summary>Bytes that an event has besides its type, its task's id, its number and its data.</summary>
    private static int Fixed => "{\"type\":\"".Length + ",\"ts\":\"".Length + TimestampLength + "\",\"data\":".Length + "}".Length;

    /// <summary>Size of an event in bytes, without the length in front.</summary>
    public int SizeOf(string type, int dataLength, long seq) => Fixed + type.Length + _taskId.Length + Digits(seq) + dataLength;

    /// <summary>Writes one event as a record into <paramref name="destination"/>, which is large enough, and says how many bytes that took.</summary>
    public int Write(Span<byte> destination, string type, ReadOnlySpan<byte> data, long seq, DateTimeOffset ts)
    {
        var size = SizeOf(type, data.Length, seq);
        var at = RecordFrame.WriteHeader(destination, size);
        at += Put(destination[at..], "{\"type\":\""u8);
        at += Encoding.ASCII.GetBytes(type, destination[at..]);
        at += Put(destination[at..], _taskId);
        Utf8Formatter.TryFormat(seq, destination[at..], out var digits);
        at += digits;
        at += Put(destination[at..], ",\"ts\":\""u8);
        at += Put(destination[at..], Timestamp(ts));
        at += Put(destination[at..], "\",\"data\":"u8);
        at += Put(destination[at..], data);
        destination[at++] = (byte)'}';
        return at;
    }

    private static int Put(Span<byte> destination, ReadOnlySpan<byte> source)
    {
        source.CopyTo(destination);
        return source.Length;
    }

    private byte[] Timestamp(DateTimeOffset ts)
    {
        var milliseconds = ts.ToUnixTimeMilliseconds();
        if (milliseconds != _tsMilliseconds)
        {
            ts.UtcDateTime.TryFormat(_ts, out _, WireTime.Pattern, CultureInfo.InvariantCulture);
            _tsMilliseconds = milliseconds;
        }

        return _ts;
    }

    private static int Digits(long value)
    {
        var digits = 1;
        for (; value >= 10; value /= 10)
        {
            digits++;
        }

        return digits;
    }
}
