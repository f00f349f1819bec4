using FsCheck;
using FsCheck.Fluent;

using Holdfast.Grains.Events;

namespace Holdfast.Grains.Tests.Tasks;

public sealed class CursorTests
{
    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    [Fact]
    public void AnyCursor_IsReadAsItWasWritten() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Cursors, cursor =>
    {
        Assert.True(Cursor.TryParse(cursor.ToString(), out var read), cursor.ToString());
        Assert.Equal(cursor, read);
    }));

    [Fact]
    public void AnyText_IsACursorOnlyInItsExactForm() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(Texts, text =>
    {
        if (Cursor.TryParse(text, out var cursor))
        {
            Assert.Equal(text, cursor.ToString());
            Assert.InRange(cursor.Seq, 0, Cursor.MaxSeq);
        }
    }));

    [Theory]
    [InlineData("e:0")]
    [InlineData("e:9007199254740991")]
    [InlineData("-_:1")]
    [InlineData("12345678901234567890123456789012:1")]
    public void WellFormed(string text) => Assert.True(Cursor.TryParse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("7")]
    [InlineData(":7")]
    [InlineData("e:")]
    [InlineData("e:-1")]
    [InlineData("e:+1")]
    [InlineData("e:01")]
    [InlineData("e:00")]
    [InlineData("e: 1")]
    [InlineData(" e:1")]
    [InlineData("e:1 ")]
    [InlineData("e:1.0")]
    [InlineData("e:1e3")]
    [InlineData("e:0x1")]
    [InlineData("e:٣")]
    [InlineData("é:1")]
    [InlineData("e.f:1")]
    [InlineData("e:f:1")]
    [InlineData("e:9007199254740992")]
    [InlineData("e:99999999999999999999")]
    [InlineData("123456789012345678901234567890123:1")]
    public void Malformed(string text) => Assert.False(Cursor.TryParse(text, out _));

    private static readonly Arbitrary<Cursor> Cursors = Arb.From(
        from epoch in Gen.Elements(Characters.ToCharArray()).NonEmptyListOf()
        from seq in Gen.OneOf(Gen.Choose(0, 1000).Select(n => (long)n), Gen.Choose(0, int.MaxValue).Select(n => Cursor.MaxSeq - n))
        select new Cursor(new string([.. epoch.Take(32)]), seq));

    private static readonly Arbitrary<string> Texts = Arb.From(
        Gen.Elements("e", "E-", ":", ":", "0", "1", "9", "-", "+", " ", "9007199254740991", "\0", "é", "a_b").ListOf().Select(parts => string.Concat(parts)));
}
