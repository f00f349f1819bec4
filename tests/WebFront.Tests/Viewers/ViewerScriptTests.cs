using Holdfast.Grains.Events;
using Holdfast.Grains.Feeds;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Tests.Viewers;

public sealed class ViewerScriptTests
{
    [Fact]
    public void FromTheStart_HistoryThenCaughtUpThenLiveThenTheEnd()
    {
        var script = Begin(new ViewerStart(null, true), At(3));
        Assert.Equal(ViewerStep.Events, script.Next(At(3)));
        Assert.True(script.Replaying);
        script.Sent(3);
        Assert.Equal(ViewerStep.CaughtUp, script.Next(At(5)));
        script.SentCaughtUp();
        Assert.False(script.Replaying);
        Assert.Equal(ViewerStep.Events, script.Next(At(5)));
        script.Sent(5);
        Assert.Equal(ViewerStep.Wait, script.Next(At(5)));
        Assert.Equal(ViewerStep.Events, script.Next(End(7)));
        script.Sent(6);
        Assert.Equal(ViewerStep.Terminal, script.Next(End(7)));
        script.Sent(7);
        Assert.Equal(ViewerStep.Finished, script.Next(End(7)));
    }

    [Fact]
    public void HistoryEnds_WhereItStoodAtTheBeginning_HoweverFastTheTaskWrites()
    {
        var script = Begin(new ViewerStart(null, true), At(3));
        script.Sent(2);
        Assert.Equal(ViewerStep.Events, script.Next(At(1000)));
        script.Sent(4);
        Assert.Equal(ViewerStep.CaughtUp, script.Next(At(1000)));
    }

    [Fact]
    public void OfAFinishedTask_CaughtUpComesBeforeTheTerminalEvent()
    {
        var script = Begin(new ViewerStart(null, true), End(3));
        Assert.Equal(ViewerStep.Events, script.Next(End(3)));
        script.Sent(2);
        Assert.Equal(ViewerStep.CaughtUp, script.Next(End(3)));
        script.SentCaughtUp();
        Assert.Equal(ViewerStep.Terminal, script.Next(End(3)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public void ACursor_IsWhereItBegins(long seq)
    {
        var script = Begin(new ViewerStart(new Cursor("e", seq), false), At(3));
        Assert.Null(script.ResetReason);
        Assert.Equal(seq, script.Position);
        Assert.Equal(seq < 3 ? ViewerStep.Events : ViewerStep.CaughtUp, script.Next(At(3)));
    }

    [Fact]
    public void ACursor_WinsOverHistory() => Assert.Equal(2, Begin(new ViewerStart(new Cursor("e", 2), true), At(3)).Position);

    [Fact]
    public void CursorOnTheTerminalEvent_IsToldNothingMore()
    {
        var script = Begin(new ViewerStart(new Cursor("e", 3), false), End(3));
        Assert.Equal(ViewerStep.CaughtUp, script.Next(End(3)));
        script.SentCaughtUp();
        Assert.Equal(ViewerStep.Finished, script.Next(End(3)));
    }

    [Theory]
    [InlineData("e", 4, "cursor_ahead")]
    [InlineData("other", 0, "epoch_changed")]
    [InlineData("other", 2, "epoch_changed")]
    [InlineData("other", 9, "epoch_changed")]
    public void ACursorThatMeansNothing_BeginsAtTheFirstEvent(string epoch, long seq, string reason)
    {
        var script = Begin(new ViewerStart(new Cursor(epoch, seq), false), At(3));
        Assert.Equal((reason, 0), (script.ResetReason, script.Position));
    }

    [Fact]
    public void LiveOnly_BeginsAfterItsStatus_WhichMayBeAheadOfTheFeed()
    {
        var script = new ViewerScript(new ViewerStart(null, false), At(3), statusEnd: 5);
        Assert.Equal(5, script.Position);
        Assert.Equal(ViewerStep.CaughtUp, script.Next(At(3)));
        script.SentCaughtUp();
        Assert.Equal(ViewerStep.Wait, script.Next(At(3)));
        Assert.Equal(ViewerStep.Wait, script.Next(At(5)));
        Assert.Equal(ViewerStep.Events, script.Next(At(6)));
    }

    [Fact]
    public void LiveOnly_OfAFinishedTask_IsToldTheTerminalEvent()
    {
        var script = new ViewerScript(new ViewerStart(null, false), End(3), statusEnd: 2);
        script.SentCaughtUp();
        Assert.Equal(ViewerStep.Terminal, script.Next(End(3)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void GoingBackwards_IsAFault_AndNotARepetition(long seq)
    {
        var script = Begin(new ViewerStart(new Cursor("e", 3), false), At(5));
        Assert.Throws<InvalidOperationException>(() => script.Sent(seq));
        Assert.Equal(3, script.Position);
    }

    private static ViewerScript Begin(ViewerStart start, FeedPosition position) => new(start, position, position.LastSeq);

    private static FeedPosition At(long last) => new("e", 1, last, false, 0, [], 0);

    private static FeedPosition End(long last) => At(last) with { Sealed = true };
}
