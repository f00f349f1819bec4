using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>A type whose values fit into a number.</summary>
internal sealed class NumberCodec<T>(Func<T, long> toNumber, Func<long, T> fromNumber) : Codec<T>
{
    public override bool Shares => true;

    public override void WriteValue(Writer writer, uint field, T value)
    {
        writer.Varint(Tag.Of(field, Wire.Varint));
        writer.Signed(toNumber(value));
    }

    public override T ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Varint, wire);
        return fromNumber(reader.Signed());
    }
}

/// <summary>A type whose values are eight bytes.</summary>
internal sealed class Fixed64Codec<T>(Func<T, ulong> toBits, Func<ulong, T> fromBits) : Codec<T>
{
    public override bool Shares => true;

    public override void WriteValue(Writer writer, uint field, T value)
    {
        writer.Varint(Tag.Of(field, Wire.Fixed64));
        writer.Fixed64(toBits(value));
    }

    public override T ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Fixed64, wire);
        return fromBits(reader.Fixed64());
    }
}

internal sealed class SingleCodec : Codec<float>
{
    public override bool Shares => true;

    public override void WriteValue(Writer writer, uint field, float value)
    {
        writer.Varint(Tag.Of(field, Wire.Fixed32));
        writer.Fixed32(BitConverter.SingleToUInt32Bits(value));
    }

    public override float ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Fixed32, wire);
        return BitConverter.UInt32BitsToSingle(reader.Fixed32());
    }
}

internal sealed class StringCodec : Codec<string>
{
    public override bool Shares => true;

    public override void WriteValue(Writer writer, uint field, string value)
    {
        writer.Varint(Tag.Of(field, Wire.Bytes));
        writer.Text(value);
    }

    public override string ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Bytes, wire);
        return reader.Text();
    }
}

/// <summary>A type whose values have a text form that says all.</summary>
internal sealed class TextCodec<T>(Func<T, string> toText, Func<string, T> fromText) : Codec<T>
{
    public override bool Shares => true;

    public override void WriteValue(Writer writer, uint field, T value)
    {
        writer.Varint(Tag.Of(field, Wire.Bytes));
        writer.Text(toText(value));
    }

    public override T ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Bytes, wire);
        return fromText(reader.Text());
    }
}

internal sealed class ByteArrayCodec : Codec<byte[]>
{
    public override void WriteValue(Writer writer, uint field, byte[] value)
    {
        writer.Varint(Tag.Of(field, Wire.Bytes));
        writer.Bytes(value);
    }

    public override byte[] ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Bytes, wire);
        return reader.Bytes().ToArray();
    }

    public override byte[] Copy(byte[] value, int depth) => value.AsSpan().ToArray();
}

internal sealed class MemoryCodec : Codec<ReadOnlyMemory<byte>>
{
    public override void WriteValue(Writer writer, uint field, ReadOnlyMemory<byte> value)
    {
        writer.Varint(Tag.Of(field, Wire.Bytes));
        writer.Bytes(value.Span);
    }

    public override ReadOnlyMemory<byte> ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Bytes, wire);
        return reader.Bytes().ToArray();
    }

    public override ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> value, int depth) => value.ToArray();
}

/// <summary>A type whose values are a few bytes of known number.</summary>
internal sealed class BlockCodec<T>(int size, Action<Span<byte>, T> write, BlockCodec<T>.Decode read) : Codec<T>
{
    public delegate T Decode(ReadOnlySpan<byte> bytes);

    public override bool Shares => true;

    public override void WriteValue(Writer writer, uint field, T value)
    {
        Span<byte> bytes = stackalloc byte[size];
        write(bytes, value);
        writer.Varint(Tag.Of(field, Wire.Bytes));
        writer.Bytes(bytes);
    }

    public override T ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Bytes, wire);
        var bytes = reader.Bytes();
        return bytes.Length == size ? read(bytes) : throw Reader.Broken();
    }
}

/// <summary>Enums travel as numbers, whatever their underlying type.</summary>
internal sealed class EnumCodec<T> : Codec<T>
    where T : struct, Enum
{
    public override bool Shares => true;

    public override void WriteValue(Writer writer, uint field, T value)
    {
        writer.Varint(Tag.Of(field, Wire.Varint));
        writer.Signed(Unsafe.SizeOf<T>() switch
        {
            1 => Unsafe.BitCast<T, sbyte>(value),
            2 => Unsafe.BitCast<T, short>(value),
            4 => Unsafe.BitCast<T, int>(value),
            _ => Unsafe.BitCast<T, long>(value),
        });
    }

    public override T ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Varint, wire);
        var number = reader.Signed();
        return Unsafe.SizeOf<T>() switch
        {
            1 => Unsafe.BitCast<sbyte, T>((sbyte)number),
            2 => Unsafe.BitCast<short, T>((short)number),
            4 => Unsafe.BitCast<int, T>((int)number),
            _ => Unsafe.BitCast<long, T>(number),
        };
    }
}

internal sealed class NullableCodec<T> : Codec<T?>
    where T : struct
{
    public override bool Shares => CodecOf<T>.Instance.Shares;

    public override void WriteValue(Writer writer, uint field, T? value) => CodecOf<T>.Instance.WriteValue(writer, field, value!.Value);

    public override T? ReadValue(ref Reader reader, Wire wire) => CodecOf<T>.Instance.ReadValue(ref reader, wire);

    public override T? Copy(T? value, int depth) => value is { } some ? CodecOf<T>.Instance.Copy(some, depth) : null;
}

internal sealed class GrainIdCodec : Codec<GrainId>
{
    public override bool Shares => true;

    public static void Write(Writer writer, GrainId id)
    {
        writer.Bytes(id.Type.Value.AsSpan());
        writer.Bytes(id.Key.AsSpan());
    }

    public static GrainId Read(ref Reader reader) =>
        new(new GrainType(new IdSpan(reader.Bytes().ToArray())), new IdSpan(reader.Bytes().ToArray()));

    public override void WriteValue(Writer writer, uint field, GrainId value)
    {
        writer.Varint(Tag.Of(field, Wire.Sequence));
        writer.Varint(2);
        writer.Varint(Tag.Of(0, Wire.Bytes));
        writer.Bytes(value.Type.Value.AsSpan());
        writer.Varint(Tag.Of(0, Wire.Bytes));
        writer.Bytes(value.Key.AsSpan());
    }

    public override GrainId ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Sequence, wire);
        if (reader.Count() != 2 || reader.ReadTag() != (uint)Wire.Bytes)
        {
            throw Reader.Broken();
        }

        var type = new IdSpan(reader.Bytes().ToArray());
        return reader.ReadTag() == (uint)Wire.Bytes ? new GrainId(new GrainType(type), new IdSpan(reader.Bytes().ToArray())) : throw Reader.Broken();
    }
}

/// <summary>A reference to a grain or an observer travels as its identity.</summary>
internal sealed class ReferenceCodec<T> : Codec<T>
    where T : class, IAddressable
{
    public override void WriteValue(Writer writer, uint field, T value) => CodecOf<GrainId>.Instance.WriteValue(writer, field, Checked(value).Id);

    public override T ReadValue(ref Reader reader, Wire wire) => (T)reader.References.Refer(typeof(T), CodecOf<GrainId>.Instance.ReadValue(ref reader, wire));

    public override T Copy(T value, int depth)
    {
        Checked(value);
        return value;
    }

    private static GrainProxy Checked(T value) => value as GrainProxy
        ?? throw new NotSupportedException($"A {typeof(T).Name} in a call must be a reference, not a {value.GetType()}: use CreateObjectReference for an observer, AsReference for a grain.");
}

/// <summary>The types that need no attribute.</summary>
internal static class Primitives
{
    public static readonly Dictionary<Type, Codec> All = new()
    {
        [typeof(bool)] = new NumberCodec<bool>(v => v ? 1 : 0, n => n != 0),
        [typeof(byte)] = new NumberCodec<byte>(v => v, n => (byte)n),
        [typeof(sbyte)] = new NumberCodec<sbyte>(v => v, n => (sbyte)n),
        [typeof(short)] = new NumberCodec<short>(v => v, n => (short)n),
        [typeof(ushort)] = new NumberCodec<ushort>(v => v, n => (ushort)n),
        [typeof(int)] = new NumberCodec<int>(v => v, n => (int)n),
        [typeof(uint)] = new NumberCodec<uint>(v => v, n => (uint)n),
        [typeof(long)] = new NumberCodec<long>(v => v, n => n),
        [typeof(ulong)] = new NumberCodec<ulong>(v => (long)v, n => (ulong)n),
        [typeof(char)] = new NumberCodec<char>(v => v, n => (char)n),
        [typeof(TimeSpan)] = new NumberCodec<TimeSpan>(v => v.Ticks, n => new TimeSpan(n)),
        [typeof(DateOnly)] = new NumberCodec<DateOnly>(v => v.DayNumber, n => DateOnly.FromDayNumber((int)n)),
        [typeof(TimeOnly)] = new NumberCodec<TimeOnly>(v => v.Ticks, n => new TimeOnly(n)),
        [typeof(float)] = new SingleCodec(),
        [typeof(double)] = new Fixed64Codec<double>(BitConverter.DoubleToUInt64Bits, BitConverter.UInt64BitsToDouble),
        [typeof(DateTime)] = new Fixed64Codec<DateTime>(v => (ulong)v.ToBinary(), n => DateTime.FromBinary((long)n)),
        [typeof(string)] = new StringCodec(),
        [typeof(Uri)] = new TextCodec<Uri>(v => v.OriginalString, t => new Uri(t, UriKind.RelativeOrAbsolute)),
        [typeof(IPAddress)] = new TextCodec<IPAddress>(v => v.ToString(), IPAddress.Parse),
        [typeof(SiloAddress)] = new TextCodec<SiloAddress>(v => v.ToParsableString(), SiloAddress.FromParsableString),
        [typeof(byte[])] = new ByteArrayCodec(),
        [typeof(ReadOnlyMemory<byte>)] = new MemoryCodec(),
        [typeof(Guid)] = new BlockCodec<Guid>(16, (b, v) => v.TryWriteBytes(b), b => new Guid(b)),
        [typeof(decimal)] = new BlockCodec<decimal>(16, WriteDecimal, b => new decimal([Int(b, 0), Int(b, 4), Int(b, 8), Int(b, 12)])),
        [typeof(DateTimeOffset)] = new BlockCodec<DateTimeOffset>(10, WriteOffset, b => new DateTimeOffset(
            BinaryPrimitives.ReadInt64LittleEndian(b), TimeSpan.FromMinutes(BinaryPrimitives.ReadInt16LittleEndian(b[8..])))),
        [typeof(GrainId)] = new GrainIdCodec(),
    };

    private static int Int(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    private static void WriteDecimal(Span<byte> bytes, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        for (var i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * i)..], parts[i]);
        }
    }

    private static void WriteOffset(Span<byte> bytes, DateTimeOffset value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value.Ticks);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[8..], (short)value.TotalOffsetMinutes);
    }
}
