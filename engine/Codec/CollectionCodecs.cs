using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Holdfast.Engine;

/// <summary>A collection: a count, and every item behind its tag.</summary>
internal abstract class SequenceCodec<TCollection, TItem> : Codec<TCollection>
    where TCollection : IEnumerable<TItem>
{
    private const int FirstRoom = 256;

    public override void WriteValue(Writer writer, uint field, TCollection value)
    {
        writer.Enter();
        writer.Varint(Tag.Of(field, Wire.Sequence));
        writer.Varint((uint)Count(value));
        var codec = CodecOf<TItem>.Instance;
        foreach (var item in value)
        {
            codec.Write(writer, 0, item);
        }

        writer.Leave();
    }

    public override TCollection ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Sequence, wire);
        reader.Enter();
        var count = reader.Count();
        // Room is made for what came, not for what was promised.
        var items = new TItem[Math.Min(count, FirstRoom)];
        var codec = CodecOf<TItem>.Instance;
        for (var i = 0; i < count; i++)
        {
            if (i == items.Length)
            {
                Array.Resize(ref items, Math.Min(count, 2 * i));
            }

            items[i] = codec.Read(ref reader, (Wire)(reader.ReadTag() & 7))!;
        }

        reader.Leave();
        return Build(items);
    }

    public override TCollection Copy(TCollection value, int depth)
    {
        var items = new TItem[Count(value)];
        var codec = CodecOf<TItem>.Instance;
        var inner = Deeper(depth);
        var i = 0;
        foreach (var item in value)
        {
            items[i++] = item is null || codec.Shares ? item : codec.Copy(item, inner);
        }

        return Build(items);
    }

    protected abstract int Count(TCollection value);

    /// <summary>The collection of these items; the array may be kept.</summary>
    protected abstract TCollection Build(TItem[] items);
}

internal sealed class ArrayCodec<T> : SequenceCodec<T[], T>
{
    protected override int Count(T[] value) => value.Length;

    protected override T[] Build(T[] items) => items;
}

internal sealed class ListCodec<T> : SequenceCodec<List<T>, T>
{
    protected override int Count(List<T> value) => value.Count;

    protected override List<T> Build(T[] items) => [.. items];
}

internal sealed class SetCodec<T> : SequenceCodec<HashSet<T>, T>
{
    protected override int Count(HashSet<T> value) => value.Count;

    protected override HashSet<T> Build(T[] items) => [.. items];
}

internal sealed class ImmutableArrayCodec<T> : SequenceCodec<ImmutableArray<T>, T>
{
    public override bool Shares => CodecOf<T>.Instance.Shares;

    public override void WriteValue(Writer writer, uint field, ImmutableArray<T> value)
    {
        // The default one has no items to count: it stays what it is.
        if (value.IsDefault)
        {
            writer.Varint(Tag.Of(field, Wire.Null));
        }
        else
        {
            base.WriteValue(writer, field, value);
        }
    }

    public override ImmutableArray<T> Copy(ImmutableArray<T> value, int depth) => value.IsDefault ? value : base.Copy(value, depth);

    protected override int Count(ImmutableArray<T> value) => value.Length;

    protected override ImmutableArray<T> Build(T[] items) => ImmutableCollectionsMarshal.AsImmutableArray(items);
}

internal sealed class ImmutableListCodec<T> : SequenceCodec<ImmutableList<T>, T>
{
    public override bool Shares => CodecOf<T>.Instance.Shares;

    protected override int Count(ImmutableList<T> value) => value.Count;

    protected override ImmutableList<T> Build(T[] items) => [.. items];
}

internal sealed class DictionaryCodec<TKey, TValue> : SequenceCodec<Dictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    protected override int Count(Dictionary<TKey, TValue> value) => value.Count;

    protected override Dictionary<TKey, TValue> Build(KeyValuePair<TKey, TValue>[] items) => new(items);
}

internal sealed class ImmutableDictionaryCodec<TKey, TValue> : SequenceCodec<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    public override bool Shares => CodecOf<TKey>.Instance.Shares && CodecOf<TValue>.Instance.Shares;

    protected override int Count(ImmutableDictionary<TKey, TValue> value) => value.Count;

    protected override ImmutableDictionary<TKey, TValue> Build(KeyValuePair<TKey, TValue>[] items) => ImmutableDictionary.CreateRange(items);
}

internal sealed class PairCodec<TKey, TValue> : Codec<KeyValuePair<TKey, TValue>>
{
    public override bool Shares => CodecOf<TKey>.Instance.Shares && CodecOf<TValue>.Instance.Shares;

    public override void WriteValue(Writer writer, uint field, KeyValuePair<TKey, TValue> value)
    {
        writer.Varint(Tag.Of(field, Wire.Sequence));
        writer.Varint(2);
        CodecOf<TKey>.Instance.Write(writer, 0, value.Key);
        CodecOf<TValue>.Instance.Write(writer, 0, value.Value);
    }

    public override KeyValuePair<TKey, TValue> ReadValue(ref Reader reader, Wire wire)
    {
        Expect(Wire.Sequence, wire);
        if (reader.Count() != 2)
        {
            throw Reader.Broken();
        }

        var key = CodecOf<TKey>.Instance.Read(ref reader, (Wire)(reader.ReadTag() & 7));
        var value = CodecOf<TValue>.Instance.Read(ref reader, (Wire)(reader.ReadTag() & 7));
        return new(key!, value!);
    }

    public override KeyValuePair<TKey, TValue> Copy(KeyValuePair<TKey, TValue> value, int depth) => new(
        value.Key is null ? value.Key : CodecOf<TKey>.Instance.Copy(value.Key, depth),
        value.Value is null ? value.Value : CodecOf<TValue>.Instance.Copy(value.Value, depth));
}
