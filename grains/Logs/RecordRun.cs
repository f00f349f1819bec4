using System.Buffers;
using System.Buffers.Binary;

namespace Holdfast.Grains.Logs;

/// <summary>
/// Consecutive records of one log in one buffer, numbered from <see cref="First"/>.
/// Each record is its bytes behind a length in the layout of an unmasked RFC 6455 text frame header (section 5.2):
/// a run that was encoded once is at the same time what the store keeps, what a front receives, and what a WebSocket sends.
/// </summary>
/// <remarks>A run is immutable: whoever made the buffer never writes to it again.</remarks>
[GenerateSerializer, Immutable, Alias("holdfast.RecordRun")]
public readonly record struct RecordRun
{
    /// <summary>A run of <paramref name="count"/> records, the first of which has the number <paramref name="first"/>.</summary>
    public RecordRun(long first, int count, ReadOnlyMemory<byte> bytes)
    {
        First = first;
        Count = count;
        Bytes = bytes;
    }

    /// <summary>No records.</summary>
    public static RecordRun Empty => default;

    /// <summary>Number of the first record, from 1.</summary>
    [Id(0)]
    public long First { get; }

    /// <summary>How many records.</summary>
    [Id(1)]
    public int Count { get; }

    /// <summary>The records, each behind its length.</summary>
    [Id(2)]
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Number of the last record; <c>First - 1</c> when there is none.</summary>
    public long Last => First + Count - 1;

    /// <summary>True when there is no record.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>The part of this run after record <paramref name="seq"/>, without copying.</summary>
    public RecordRun After(long seq)
    {
        if (seq < First)
        {
            return this;
        }

        if (seq >= Last)
        {
            return new RecordRun(Last + 1, 0, default);
        }

        var skip = (int)(seq - First + 1);
        return new RecordRun(seq + 1, Count - skip, Bytes[OffsetOf(skip)..]);
    }

    /// <summary>The part of this run up to and including record <paramref name="seq"/>, without copying.</summary>
    public RecordRun UpTo(long seq)
    {
        if (seq >= Last)
        {
            return this;
        }

        var keep = (int)Math.Max(0, seq - First + 1);
        return new RecordRun(First, keep, Bytes[..OffsetOf(keep)]);
    }

    /// <summary>As many of the first records as fit, and at least one when there is any, without copying.</summary>
    public RecordRun Within(LogLimit limit)
    {
        if (Count <= limit.Records && Bytes.Length <= limit.Bytes)
        {
            return this;
        }

        var span = Bytes.Span;
        var (kept, size) = (0, 0);
        while (kept < Count && kept < Math.Max(1, limit.Records))
        {
            var (header, length) = RecordFrame.Read(span[size..]);
            if (kept > 0 && size + header + length > limit.Bytes)
            {
                break;
            }

            size += header + length;
            kept++;
        }

        return new RecordRun(First, kept, Bytes[..size]);
    }

    /// <summary>The records one by one, without copying.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Joins runs that follow each other into one buffer; those without records are passed over.</summary>
    /// <exception cref="ArgumentException">A run does not start where the one before it ends.</exception>
    public static RecordRun Join(IReadOnlyList<RecordRun> runs)
    {
        var joined = Empty;
        var (parts, size) = (0, 0);
        for (var i = 0; i < runs.Count; i++)
        {
            var run = runs[i];
            if (run.IsEmpty)
            {
                continue;
            }

            if (parts > 0 && run.First != joined.Last + 1)
            {
                throw new ArgumentException($"Record {run.First} does not follow record {joined.Last}.", nameof(runs));
            }

            joined = parts == 0 ? run : new RecordRun(joined.First, joined.Count + run.Count, default);
            size = checked(size + run.Bytes.Length);
            parts++;
        }

        if (parts < 2)
        {
            return joined;
        }

        var buffer = GC.AllocateUninitializedArray<byte>(size);
        var at = 0;
        for (var i = 0; i < runs.Count; i++)
        {
            var run = runs[i];
            run.Bytes.Span.CopyTo(buffer.AsSpan(at));
            at += run.Bytes.Length;
        }

        return new RecordRun(joined.First, joined.Count, buffer);
    }

    private int OffsetOf(int index)
    {
        var span = Bytes.Span;
        var offset = 0;
        for (var i = 0; i < index; i++)
        {
            var (header, length) = RecordFrame.Read(span[offset..]);
            offset += header + length;
        }

        return offset;
    }

    /// <summary>Walks over a run.</summary>
    public struct Enumerator
    {
        private readonly ReadOnlyMemory<byte> _bytes;
        private int _next;
        private long _seq;

        internal Enumerator(RecordRun run)
        {
            _bytes = run.Bytes;
            _seq = run.First - 1;
        }

        /// <summary>The record's number and its bytes, without the length in front.</summary>
        public (long Seq, ReadOnlyMemory<byte> Bytes) Current { get; private set; }

        /// <summary>Goes to the next record.</summary>
        public bool MoveNext()
        {
            if (_next >= _bytes.Length)
            {
                return false;
            }

            var (header, length) = RecordFrame.Read(_bytes.Span[_next..]);
            Current = (++_seq, _bytes.Slice(_next + header, length));
            _next += header + length;
            return true;
        }
    }
}

/// <summary>The length in front of a record: the header of an unmasked, unfragmented RFC 6455 text frame.</summary>
public static class RecordFrame
{
    /// <summary>FIN and the opcode for text.</summary>
    private const byte Text = 0x81;

    /// <summary>Largest header, in bytes.</summary>
    public const int MaxHeader = 10;

    /// <summary>How many bytes the header of a record of this length has.</summary>
    public static int HeaderSize(int length) => length switch { < 126 => 2, <= ushort.MaxValue => 4, _ => 10 };

    /// <summary>Writes a header and says how long it is.</summary>
    public static int WriteHeader(Span<byte> destination, int length)
    {
        destination[0] = Text;
        switch (HeaderSize(length))
        {
            case 2:
                destination[1] = (byte)length;
                return 2;
            case 4:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)length);
                return 4;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)length);
                return 10;
        }
    }

    /// <summary>Reads a header that <see cref="WriteHeader"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such header: the store or the wire gave back something else than it was given.</exception>
    public static (int Header, int Length) Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < 2 || source[0] != Text || source[1] > 127)
        {
            throw new InvalidDataException("A record does not begin with its length.");
        }

        var (header, length) = source[1] switch
        {
            126 when source.Length >= 4 => (4, (ulong)BinaryPrimitives.ReadUInt16BigEndian(source[2..])),
            127 when source.Length >= 10 => (10, BinaryPrimitives.ReadUInt64BigEndian(source[2..])),
            < 126 => (2, (ulong)source[1]),
            _ => throw new InvalidDataException("A record's length is cut off."),
        };
        if (length > (ulong)(source.Length - header))
        {
            throw new InvalidDataException("A record is cut off.");
        }

        return (header, (int)length);
    }

    /// <summary>Appends a record with its length to a buffer.</summary>
    public static void Write(IBufferWriter<byte> writer, ReadOnlySpan<byte> record)
    {
        var span = writer.GetSpan(MaxHeader + record.Length);
        var header = WriteHeader(span, record.Length);
        record.CopyTo(span[header..]);
        writer.Advance(header + record.Length);
    }
}
