using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>A type whose values are one thing on the wire, and never change.</summary>
internal sealed class PlainCodec<T>(Wire kind, Action<Writer, T> write, PlainCodec<T>.Decode read) : Codec<T>
{
    public delegate T Decode(ref Reader reader);

    public override bool Shares => true;

    public override void WriteValue(Writer writer, uint field, T value)
    {
        writer.Varint(Tag.Of(field, kind));
        write(writer, value);
    }

    public override T ReadValue(ref Reader reader, Wire wire)
    {
        Expect(kind, wire);
        return read(ref reader);
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
        [typeof(bool)] = Number<bool>(v => v ? 1 : 0, n => n != 0),
        [typeof(byte)] = Number<byte>(v => v, n => (byte)n),
        [typeof(sbyte)] = Number<sbyte>(v => v, n => (sbyte)n),
        [typeof(short)] = Number<short>(v => v, n => (short)n),
        [typeof(ushort)] = Number<ushort>(v => v, n => (ushort)n),
        [typeof(int)] = Number<int>(v => v, n => (int)n),
        [typeof(uint)] = Number<uint>(v => v, n => (uint)n),
        [typeof(long)] = Number<long>(v => v, n => n),
        [typeof(ulong)] = Number<ulong>(v => (long)v, n => (ulong)n),
        [typeof(char)] = Number<char>(v => v, n => (char)n),
        [typeof(TimeSpan)] = Number<TimeSpan>(v => v.Ticks, n => new TimeSpan(n)),
        [typeof(DateOnly)] = Number<DateOnly>(v => v.DayNumber, n => DateOnly.FromDayNumber((int)n)),
        [typeof(TimeOnly)] = Number<TimeOnly>(v => v.Ticks, n => new TimeOnly(n)),
        [typeof(float)] = new PlainCodec<float>(Wire.Fixed32, (w, v) => w.Fixed32(BitConverter.SingleToUInt32Bits(v)), (ref r) => BitConverter.UInt32BitsToSingle(r.Fixed32())),
        [typeof(double)] = Bits<double>(BitConverter.DoubleToUInt64Bits, BitConverter.UInt64BitsToDouble),
        [typeof(DateTime)] = Bits<DateTime>(v => (ulong)v.ToBinary(), n => DateTime.FromBinary((long)n)),
        [typeof(string)] = new PlainCodec<string>(Wire.Bytes, (w, v) => w.Text(v), (ref r) => r.Text()),
        [typeof(Uri)] = Text<Uri>(v => v.OriginalString, t => new Uri(t, UriKind.RelativeOrAbsolute)),
        [typeof(IPAddress)] = Text<IPAddress>(v => v.ToString(), IPAddress.Parse),
        [typeof(SiloAddress)] = Text<SiloAddress>(v => v.ToParsableString(), SiloAddress.FromParsableString),
        [typeof(byte[])] = new ByteArrayCodec(),
        [typeof(ReadOnlyMemory<byte>)] = new MemoryCodec(),
        [typeof(Guid)] = Block<Guid>(16, (b, v) => v.TryWriteBytes(b), b => new Guid(b)),
        [typeof(decimal)] = Block<decimal>(16, WriteDecimal, b => new decimal([Int(b, 0), Int(b, 4), Int(b, 8), Int(b, 12)])),
        [typeof(DateTimeOffset)] = Block<DateTimeOffset>(10, WriteOffset, b => new DateTimeOffset(
            BinaryPrimitives.ReadInt64LittleEndian(b), TimeSpan.FromMinutes(BinaryPrimitives.ReadInt16LittleEndian(b[8..])))),
        [typeof(GrainId)] = new GrainIdCodec(),
    };

    private delegate T Unpack<T>(ReadOnlySpan<byte> bytes);

    private static PlainCodec<T> Number<T>(Func<T, long> to, Func<long, T> from) => new(Wire.Varint, (w, v) => w.Signed(to(v)), (ref r) => from(r.Signed()));

    private static PlainCodec<T> Bits<T>(Func<T, ulong> to, Func<ulong, T> from) => new(Wire.Fixed64, (w, v) => w.Fixed64(to(v)), (ref r) => from(r.Fixed64()));

    private static PlainCodec<T> Text<T>(Func<T, string> to, Func<string, T> from) => new(Wire.Bytes, (w, v) => w.Text(to(v)), (ref r) => from(r.Text()));

    private static PlainCodec<T> Block<T>(int size, Action<Span<byte>, T> pack, Unpack<T> unpack) => new(
        Wire.Bytes,
        (w, v) =>
        {
            Span<byte> bytes = stackalloc byte[size];
            pack(bytes, v);
            w.Bytes(bytes);
        },
        (ref r) => r.Bytes() is var bytes && bytes.Length == size ? unpack(bytes) : throw Reader.Broken());

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
