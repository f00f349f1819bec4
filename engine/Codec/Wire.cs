using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Orleans.Serialization;

namespace Holdfast.Engine;

/// <summary>How a value's bytes are laid out, so that a reader who does not know the value can skip it.</summary>
internal enum Wire
{
    /// <summary>No value; without a field number, the end of an object.</summary>
    Null,
    Varint,
    Fixed32,
    Fixed64,

    /// <summary>A length and as many bytes.</summary>
    Bytes,

    /// <summary>Tagged fields up to an end tag.</summary>
    Object,

    /// <summary>A type's name, then an object.</summary>
    Named,

    /// <summary>A count and as many values, each behind its own tag.</summary>
    Sequence,
}

/// <summary>Tags: a field's number plus one above three bits of <see cref="Wire"/>; values that are no fields have number 0.</summary>
internal static class Tag
{
    public const uint End = 0;

    /// <summary>Within an object: what follows belongs to the next derived type.</summary>
    public const uint NextLevel = 1;

    /// <summary>Deeper than this is taken for a cycle, or for an attack.</summary>
    public const int MaxDepth = 64;

    public static uint Of(uint field, Wire wire) => (field << 3) | (uint)wire;
}

/// <summary>Grows as it is written to. Rented and returned, never shared between threads.</summary>
internal sealed class Writer : IDisposable
{
    [ThreadStatic]
    private static Writer? t_spare;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(1024);
    private int _depth;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>A writer of the calling thread, empty.</summary>
    public static Writer Rent()
    {
        var writer = t_spare ?? new Writer();
        t_spare = null;
        writer.Length = 0;
        writer._depth = 0;
        return writer;
    }

    public void Dispose()
    {
        if (_bytes.Length > 64 * 1024)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(1024);
        }

        t_spare = this;
    }

    public void Enter()
    {
        if (++_depth > Tag.MaxDepth)
        {
            throw new SerializerException($"An object is nested deeper than {Tag.MaxDepth} levels; cycles are not supported.");
        }
    }

    public void Leave() => _depth--;

    public void Varint(ulong value)
    {
        var span = Reserve(10);
        var i = 0;
        while (value >= 0x80)
        {
            span[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[i++] = (byte)value;
        Length += i;
    }

    public void Signed(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    public void Fixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        Length += 4;
    }

    public void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        Length += 8;
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Varint((uint)value.Length);
        Raw(value);
    }

    public void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        Length += value.Length;
    }

    public void Text(string value)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        Varint((uint)size);
        Encoding.UTF8.GetBytes(value, Reserve(size));
        Length += size;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int size)
    {
        if (_bytes.Length - Length < size)
        {
            Grow(size);
        }

        return _bytes.AsSpan(Length);
    }

    private void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_bytes.Length * 2, Length + size)));
        Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

/// <summary>Reads what <see cref="Writer"/> wrote, trusting no length in it.</summary>
internal ref struct Reader(ReadOnlySpan<byte> data, IReferenceMaker references)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _at;
    private int _depth;

    /// <summary>Makes references callable again.</summary>
    public IReferenceMaker References { get; } = references;

    public readonly int Remaining => _data.Length - _at;

    public void Enter()
    {
        if (++_depth > Tag.MaxDepth)
        {
            throw new SerializerException($"An object is nested deeper than {Tag.MaxDepth} levels.");
        }
    }

    public void Leave() => _depth--;

    public ulong Varint()
    {
        ulong result = 0;
        for (var shift = 0; shift < 70 && _at < _data.Length; shift += 7)
        {
            var next = _data[_at++];
            result |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return result;
            }
        }

        throw Broken();
    }

    public long Signed()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Raw(4));

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Raw(8));

    public ReadOnlySpan<byte> Bytes() => Raw(Count());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public ReadOnlySpan<byte> Raw(int size)
    {
        if (size < 0 || size > Remaining)
        {
            throw Broken();
        }

        _at += size;
        return _data.Slice(_at - size, size);
    }

    public uint ReadTag() => Varint() is <= uint.MaxValue and var tag ? (uint)tag : throw Broken();

    /// <summary>A count of bytes, or of things that take at least one byte each.</summary>
    public int Count()
    {
        var count = Varint();
        return count <= (ulong)Remaining ? (int)count : throw Broken();
    }

    /// <summary>Passes over a value that nobody knows any more.</summary>
    public void Skip(Wire wire)
    {
        switch (wire)
        {
            case Wire.Null:
                break;
            case Wire.Varint:
                Varint();
                break;
            case Wire.Fixed32:
                Raw(4);
                break;
            case Wire.Fixed64:
                Raw(8);
                break;
            case Wire.Bytes:
                Bytes();
                break;
            case Wire.Object or Wire.Named:
                if (wire == Wire.Named)
                {
                    Bytes();
                }

                Enter();
                for (var tag = ReadTag(); tag != Tag.End; tag = ReadTag())
                {
                    if (tag != Tag.NextLevel)
                    {
                        Skip((Wire)(tag & 7));
                    }
                }

                Leave();
                break;
            default:
                Enter();
                for (var left = Count(); left > 0; left--)
                {
                    Skip((Wire)(ReadTag() & 7));
                }

                Leave();
                break;
        }
    }

    public static SerializerException Broken() => new("A message is cut short or malformed.");
}

/// <summary>Turns identities from the wire into references that can be called.</summary>
internal interface IReferenceMaker
{
    object Refer(Type interfaceType, Orleans.Runtime.GrainId id);
}
