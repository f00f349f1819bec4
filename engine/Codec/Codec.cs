using Orleans.Serialization;

namespace Holdfast.Engine;

/// <summary>Writes, reads and copies values of one type, without knowing the type at compile time.</summary>
internal abstract class Codec
{
    /// <summary>Values may be handed over as they are: nobody changes them.</summary>
    public virtual bool Shares => false;

    public abstract void WriteObject(Writer writer, object? value);

    public abstract object? ReadObject(ref Reader reader);

    public abstract void WriteMember(Writer writer, uint id, object? value);

    public abstract object? ReadMember(ref Reader reader, Wire wire);

    public abstract object? CopyObject(object? value);
}

/// <summary>Writes, reads and copies values of <typeparamref name="T"/>.</summary>
internal abstract class Codec<T> : Codec
{
    /// <summary>Writes a tag and the value; <paramref name="field"/> is a member's number plus one, or 0 for a value that is no member.</summary>
    public void Write(Writer writer, uint field, T? value)
    {
        if (value is null)
        {
            writer.Varint(Tag.Of(field, Wire.Null));
        }
        else
        {
            WriteValue(writer, field, value);
        }
    }

    /// <summary>Reads the value behind a tag.</summary>
    public T? Read(ref Reader reader, Wire wire) => wire == Wire.Null ? default : ReadValue(ref reader, wire);

    public abstract void WriteValue(Writer writer, uint field, T value);

    public abstract T ReadValue(ref Reader reader, Wire wire);

    /// <summary>A copy that shares nothing changeable with <paramref name="value"/>.</summary>
    public virtual T Copy(T value, int depth) => value;

    public override void WriteObject(Writer writer, object? value) => Write(writer, 0, (T?)value);

    /// <summary>Reads a value.</summary>
    /// <exception cref="SerializerException">The bytes hold no such value, for whatever reason.</exception>
    public override object? ReadObject(ref Reader reader)
    {
        try
        {
            return Read(ref reader, (Wire)(reader.ReadTag() & 7));
        }
        catch (Exception e) when (e is not SerializerException)
        {
            throw new SerializerException($"A value of type {typeof(T)} could not be read: {e.Message}", e);
        }
    }

    public override void WriteMember(Writer writer, uint id, object? value) => Write(writer, id + 1, (T?)value);

    public override object? ReadMember(ref Reader reader, Wire wire) => Read(ref reader, wire);

    public override object? CopyObject(object? value) => value is null || Shares ? value : Copy((T)value, 0);

    protected static void Expect(Wire expected, Wire wire)
    {
        if (wire != expected)
        {
            throw new SerializerException($"A value of type {typeof(T)} came as {wire}, not as {expected}: the other side has another version of the type.");
        }
    }

    /// <summary>One level deeper, while that is still a tree.</summary>
    protected static int Deeper(int depth) => depth < Tag.MaxDepth
        ? depth + 1
        : throw new SerializerException($"An object of type {typeof(T)} is nested deeper than {Tag.MaxDepth} levels; cycles are not supported.");
}

/// <summary>The codec of a type, made when it is first needed.</summary>
internal static class CodecOf<T>
{
    private static Codec<T>? s_codec;

    public static Codec<T> Instance => s_codec ??= (Codec<T>)CodecTable.For(typeof(T));
}
