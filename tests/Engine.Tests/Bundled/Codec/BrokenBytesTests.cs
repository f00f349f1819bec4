using FsCheck;
using FsCheck.Fluent;
using Orleans.Serialization;

namespace Holdfast.Engine.Tests.Codec;

/// <summary>Bytes that were cut, changed or made up are refused, or are another value; nothing else happens, and little room is taken.</summary>
public class BrokenBytesTests
{
    // For an exception and its text, and per byte: a default value of the largest struct takes one.
    private const int Room = 64 * 1024;
    private const int RoomPerByte = 512;

    private static readonly Config s_quiet = Config.QuickThrowOnFailure.WithQuietOnSuccess(true);

    static BrokenBytesTests() => Manifest.Discover(new());

    [Fact]
    public void Any_shape_survives_the_wire() => Check.One(s_quiet, Prop.ForAll(Shapes(), shape =>
    {
        var bytes = CodecTests.Encode(shape);
        var back = CodecTests.Decode<Shape>(bytes);
        return back.GetType() == shape.GetType() && back.Name == shape.Name && CodecTests.Encode(back).SequenceEqual(bytes);
    }));

    [Fact]
    public void Any_value_with_maps_and_bases_survives_the_wire() => Check.One(s_quiet, Prop.ForAll(News(), value =>
    {
        var bytes = CodecTests.Encode(value);
        var back = CodecTests.Decode<New>(bytes);
        return (back.Kept, back.AddedLater, back.Lists is null, back.Map?.Count) == (value.Kept, value.AddedLater, value.Lists is null, value.Map?.Count)
            && CodecTests.Encode(back).SequenceEqual(bytes);
    }));

    [Fact]
    public void Bytes_cut_short_are_refused_not_believed() => Check.One(s_quiet, Prop.ForAll(CodecTests.Arbitrary(), value =>
    {
        var bytes = CodecTests.Encode(value);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Throws<SerializerException>(() => CodecTests.Decode<Everything>(cut));
        }
    }));

    [Fact]
    public void Random_bytes_are_refused_or_a_value() =>
        Check.One(s_quiet, Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Read<Everything>));

    [Fact]
    public void Bytes_that_were_changed_are_refused_or_another_value() => Check.One(
        s_quiet.WithMaxTest(1000), Prop.ForAll(CodecTests.Arbitrary(), Changes(), (value, changes) => Read<Everything>(Change(CodecTests.Encode(value), changes))));

    [Fact]
    public void Changed_bytes_of_derived_types_are_refused_or_another_value() => Check.One(
        s_quiet.WithMaxTest(1000), Prop.ForAll(Shapes(), Changes(), (shape, changes) => Read<Shape>(Change(CodecTests.Encode(shape), changes))));

    [Fact]
    public void Changed_bytes_of_an_error_are_an_error_all_the_same() => Check.One(s_quiet.WithMaxTest(1000), Prop.ForAll(Changes(), changes =>
    {
        using var writer = Writer.Rent();
        CodecOf<Exception>.Instance.Write(writer, 0, new InvalidOperationException("outer", new MarkedException("inner", 7)));
        Read<Exception>(Change(writer.Span.ToArray(), changes));
    }));

    [Fact]
    public void Lists_within_lists_that_promise_more_than_they_hold_get_no_room_for_it()
    {
        // Each level promises as many items as there are bytes left.
        var bytes = new List<byte>();
        for (var level = 0; level < 30; level++)
        {
            using var writer = Writer.Rent();
            writer.Varint(Tag.Of(0, Wire.Named));
            writer.Text("test.Group");
            writer.Varint(Tag.NextLevel);
            writer.Varint(Tag.Of(1, Wire.Sequence));
            writer.Varint(900_000);
            bytes.AddRange(writer.Span);
        }

        bytes.AddRange(new byte[1_000_000]);
        bytes[^1] = 0xFF;

        Read<Shape>([.. bytes], 64 * bytes.Count);
    }

    private static void Read<T>(byte[] bytes) => Read<T>(bytes, Room + (RoomPerByte * bytes.Length));

    private static void Read<T>(byte[] bytes, long room)
    {
        // What is made once for a type is not counted.
        _ = Record.Exception(() => CodecTests.Decode<T>(bytes));
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            CodecTests.Decode<T>(bytes);
        }
        catch (SerializerException e)
        {
            Assert.NotEmpty(e.Message);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, room);
    }

    private static byte[] Change(byte[] bytes, (int At, byte To)[] changes)
    {
        foreach (var (at, to) in changes)
        {
            bytes[at % bytes.Length] = to;
        }

        return bytes;
    }

    private static Arbitrary<(int At, byte To)[]> Changes() =>
        (from at in Gen.Choose(0, 10_000) from to in Gen.Elements<byte>(0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF).Or(ArbMap.Default.GeneratorFor<byte>()) select (at, to)).NonEmptyListOf().Select(l => l.ToArray()).ToArbitrary();

    private static Arbitrary<Shape> Shapes() => Gen.Sized(Shape).ToArbitrary();

    private static Gen<Shape> Shape(int size)
    {
        var name = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => s.Get);
        var circle = from n in name from radius in ArbMap.Default.GeneratorFor<double>() select (Shape)new Circle(n, radius);
        if (size < 2)
        {
            return circle;
        }

        var members = Shape(size / 3).ListOf().Select(l => l.Take(5).ToList());
        return Gen.OneOf(
            circle,
            from n in name from m in members select (Shape)new Group(n, m),
            from n in name from m in members from level in ArbMap.Default.GeneratorFor<int>() select (Shape)new NamedGroup(n, m, level));
    }

    private static Arbitrary<New> News()
    {
        var map = ArbMap.Default;
        return (
            from kept in map.GeneratorFor<int>()
            from points in map.GeneratorFor<(int X, int? Y)[]>()
            from shape in Shapes().Generator
            from real in map.GeneratorFor<double>()
            from keys in map.GeneratorFor<int[]>()
            from bytes in map.GeneratorFor<byte[]>()
            from text in map.GeneratorFor<string?>()
            select new New(
                kept,
                kept % 3 == 0 ? null : [.. points.Select(p => new Point(p.X, p.Y))],
                kept % 5 == 0 ? null : shape,
                real,
                kept % 2 == 0 ? null : keys.Distinct().ToDictionary(k => k, k => new Frozen($"{k}", bytes)),
                text,
                (float)real)).ToArbitrary();
    }
}
