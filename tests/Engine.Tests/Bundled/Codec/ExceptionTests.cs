using Orleans.Serialization;

namespace Holdfast.Engine.Tests.Codec;

public class ExceptionTests
{
    static ExceptionTests() => Manifest.Discover(new());

    [Fact]
    public void S6_a_framework_exception_keeps_its_type_its_message_and_what_is_behind_it()
    {
        var back = RoundTrip(Thrown(OutOfRange(7)));

        var outer = Assert.IsType<InvalidOperationException>(back);
        Assert.Equal("outer", outer.Message);
        var inner = Assert.IsType<ArgumentOutOfRangeException>(outer.InnerException);
        Assert.Equal(OutOfRange(7).Message, inner.Message);
        Assert.Null(inner.ActualValue);
        Assert.Contains(nameof(Thrown), outer.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public void S6_a_marked_exception_keeps_its_members()
    {
        var back = Assert.IsType<MarkedException>(RoundTrip(new MarkedException("marked", 7)));

        Assert.Equal(("marked", 7), (back.Message, back.Code));
    }

    [Fact]
    public void S6_an_unmarked_exception_becomes_a_codec_not_found()
    {
        var back = Assert.IsType<CodecNotFoundException>(RoundTrip(new UnmarkedException("secret of the grain")));

        Assert.Contains(nameof(UnmarkedException), back.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_with_several_behind_it_arrives()
    {
        var back = Assert.IsType<AggregateException>(RoundTrip(new AggregateException("several", new TimeoutException("one"), new TimeoutException("two"))));

        Assert.IsType<TimeoutException>(back.InnerException);
    }

    [Fact]
    public void A_cancellation_arrives_as_one() => Assert.IsType<TaskCanceledException>(RoundTrip(new TaskCanceledException("stopped")));

    private static ArgumentOutOfRangeException OutOfRange(int size) => new(nameof(size), size, "Too large.");

    private static InvalidOperationException Thrown(Exception inner)
    {
        try
        {
            throw new InvalidOperationException("outer", inner);
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    private static Exception RoundTrip(Exception exception) => CodecTests.Decode<Exception>(CodecTests.Encode(exception));
}
