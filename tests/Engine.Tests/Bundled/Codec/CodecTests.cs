using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Orleans.Serialization;

namespace Holdfast.Engine.Tests.Codec;

/// <summary>What goes in comes out, whatever it is and whoever reads it.</summary>
public class CodecTests
{
    static CodecTests() => Manifest.Discover(new());

    [Fact]
    public void Every_value_survives_the_wire() => Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(Arbitrary(), value =>
    {
        var back = RoundTrip(value);
        return Same(value, back);
    }));

    [Fact]
    public void A_copy_equals_its_original_and_shares_nothing_that_can_change() => Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(Arbitrary(), value =>
    {
        var copy = CodecOf<Everything>.Instance.Copy(value, 0);
        return Same(value, copy)
            && (value.Names is null || !ReferenceEquals(value.Names, copy.Names))
            && (value.Raw is null || !ReferenceEquals(value.Raw, copy.Raw))
            && (value.Times is null || !ReferenceEquals(value.Times, copy.Times));
    }));

    [Fact]
    public void A_reader_skips_members_that_it_does_not_know()
    {
        var value = new New(7, [new Point(1, null), new Point(2, 3)], new NamedGroup("g", [new Circle("c", 2.5)], 3), 1.5, new() { [1] = new("f", new byte[3]) }, "later", 2.5f);

        var old = Decode<Old>(Encode(value));

        Assert.Equal(new Old(7, "later"), old);
    }

    [Fact]
    public void Members_that_are_not_there_keep_their_default() => Assert.Equal(new New(7, null, null, 0, null, "x", 0), Decode<New>(Encode(new Old(7, "x"))));

    [Fact]
    public void A_member_with_an_initialiser_keeps_a_zero_or_a_null_that_was_set()
    {
        var back = RoundTrip(new WithInit { Name = "n", Limit = 0, Items = null });

        Assert.Equal(0, back.Limit);
        Assert.Null(back.Items);
        Assert.Equal("n", back.Name);
    }

    [Fact]
    public void Members_that_can_only_be_read_come_back_too()
    {
        var back = RoundTrip(new GetOnly(7, "seven"));

        Assert.Equal((7, "seven"), (back.Number, back.Text));
    }

    [Fact]
    public void An_abstract_base_brings_the_derived_type_back()
    {
        Shape value = new NamedGroup("outer", [new Circle("a", 1), new Group("b", []), new NamedGroup("c", [], 2)], 9);

        var back = Assert.IsType<NamedGroup>(RoundTrip(value));

        Assert.Equal(("outer", 9), (back.Name, back.Level));
        Assert.Equal([typeof(Circle), typeof(Group), typeof(NamedGroup)], back.Members.Select(m => m.GetType()));
    }

    [Fact]
    public void A_derived_type_that_is_not_marked_is_refused() => Assert.Throws<CodecNotFoundException>(() => Encode<Shape>(new Unmarked("u")));

    [Fact]
    public void A_cycle_is_refused_not_followed()
    {
        var loop = new Loop();
        loop.Next = loop;

        Assert.Throws<SerializerException>(() => Encode(loop));
        Assert.Throws<SerializerException>(() => CodecOf<Loop>.Instance.Copy(loop, 0));
    }

    [Theory]
    [InlineData(-0d)]
    [InlineData(double.NaN)]
    [InlineData(double.Epsilon)]
    [InlineData(double.NegativeInfinity)]
    public void Reals_keep_every_bit(double value) =>
        Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(RoundTrip(new Circle("c", value)).Radius));

    [Fact]
    public void An_immutable_array_without_items_or_without_anything_stays_that()
    {
        Assert.True(RoundTrip(default(ImmutableArray<string>)).IsDefault);
        Assert.True(RoundTrip(ImmutableArray<string>.Empty) is { IsDefault: false, IsEmpty: true });
    }

    [Fact]
    public void What_promises_not_to_change_is_shared()
    {
        var frozen = new Frozen("f", new byte[3]);

        Assert.Same(frozen, CodecOf<Frozen>.Instance.CopyObject(frozen));
        Assert.Same(frozen, CodecOf<List<Frozen>>.Instance.Copy([frozen], 0)[0]);
    }

    [Fact]
    public void Collections_of_unknown_kind_have_no_codec()
    {
        Assert.Throws<CodecNotFoundException>(() => CodecTable.For(typeof(IReadOnlyList<int>)));
        Assert.Throws<CodecNotFoundException>(() => CodecTable.For(typeof(object)));
        Assert.Throws<CodecNotFoundException>(() => CodecTable.For(typeof(System.Text.StringBuilder)));
    }

    internal static Arbitrary<Everything> Arbitrary()
    {
        var map = ArbMap.Default;
        var flat =
            from flag in map.GeneratorFor<bool>()
            from small in map.GeneratorFor<byte>()
            from number in map.GeneratorFor<int>()
            from large in map.GeneratorFor<long>()
            from real in map.GeneratorFor<double>()
            from money in map.GeneratorFor<decimal>()
            from letter in map.GeneratorFor<char>()
            from text in map.GeneratorFor<string?>()
            from guid in map.GeneratorFor<Guid>()
            from when in map.GeneratorFor<DateTimeOffset>()
            from span in map.GeneratorFor<TimeSpan>()
            from colour in Gen.Elements(Colour.Red, Colour.Green, Colour.Blue)
            from y in map.GeneratorFor<int?>()
            from names in map.GeneratorFor<List<string?>?>()
            from raw in map.GeneratorFor<byte[]?>()
            from numbers in map.GeneratorFor<int[]>()
            from keys in map.GeneratorFor<NonNull<string>[]>()
            let times = keys.Select(k => k.Get).Distinct(StringComparer.Ordinal).ToDictionary(k => k, k => (TimeSpan?)(k.Length % 2 == 0 ? span : null))
            let pair = flag ? (number, "x") : ((int, string)?)null
            select new Everything(
                flag,
                small,
                number,
                large,
                (ulong)large,
                real,
                money,
                letter,
                text,
                guid,
                when,
                span,
                colour,
                new Point(number, y),
                flag ? names : null,
                times,
                [.. numbers],
                small % 2 == 0 ? raw : null,
                pair,
                (float)real,
                null);
        return (from first in flat from second in flat from chained in map.GeneratorFor<bool>() select chained ? first with { Next = second } : first).ToArbitrary();
    }

    // Records compare their collections by reference, so each is compared by its items.
    private static bool Same(Everything a, Everything b) =>
        a with { Names = null, Times = null, Numbers = default, Raw = null, Next = null } == b with { Names = null, Times = null, Numbers = default, Raw = null, Next = null }
        && (a.Names ?? []).SequenceEqual(b.Names ?? []) && a.Names is null == b.Names is null
        && (a.Times ?? []).OrderBy(p => p.Key, StringComparer.Ordinal).SequenceEqual((b.Times ?? []).OrderBy(p => p.Key, StringComparer.Ordinal))
        && a.Numbers.SequenceEqual(b.Numbers)
        && (a.Raw ?? []).SequenceEqual(b.Raw ?? []) && a.Raw is null == b.Raw is null
        && (a.Next is null ? b.Next is null : b.Next is not null && Same(a.Next, b.Next));

    private static T RoundTrip<T>(T value) => Decode<T>(Encode(value));

    internal static byte[] Encode<T>(T value)
    {
        using var writer = Writer.Rent();
        CodecOf<T>.Instance.Write(writer, 0, value);
        return writer.Span.ToArray();
    }

    internal static T Decode<T>(byte[] bytes)
    {
        var reader = new Reader(bytes, null!);
        return (T)CodecOf<T>.Instance.ReadObject(ref reader)!;
    }
}
