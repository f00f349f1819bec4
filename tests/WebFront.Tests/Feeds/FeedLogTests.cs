using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;
using Holdfast.WebFront.Feeds;

namespace Holdfast.WebFront.Tests.Feeds;

public sealed class FeedLogTests
{
    private readonly FeedLog _log = new(At(0), windowBytes: 1500);

    [Fact]
    public void BatchThatContinues_MovesTheHead_AndIsAtHand()
    {
        Assert.True(_log.Accept(Batch(1, "a", "b")));
        Assert.True(_log.Accept(Batch(3, "c")));
        Assert.Equal(3, _log.Position.LastSeq);
        Assert.Equal(["a", "b", "c"], ReadAfter(0));
        Assert.Equal(["c"], ReadAfter(2));
        Assert.Empty(ReadAfter(3));
    }

    [Fact]
    public void BatchAgain_ChangesNothing()
    {
        _log.Accept(Batch(1, "a", "b"));
        Assert.False(_log.Accept(Batch(1, "a", "b")));
        Assert.False(_log.Accept(Batch(1, "a")));
        Assert.Equal(["a", "b"], ReadAfter(0));
    }

    [Fact]
    public void BatchThatOverlaps_IsTrimmed()
    {
        _log.Accept(Batch(1, "a", "b"));
        Assert.True(_log.Accept(Batch(2, "b", "c")));
        Assert.Equal(["a", "b", "c"], ReadAfter(0));
    }

    [Fact]
    public void BatchBehindAGap_IsTheOnlyOneAtHand()
    {
        _log.Accept(Batch(1, "a"));
        Assert.True(_log.Accept(Batch(3, "c")));
        Assert.Equal(3, _log.Position.LastSeq);
        Assert.Empty(ReadAfter(0));
        Assert.Empty(ReadAfter(1));
        Assert.Equal(["c"], ReadAfter(2));
    }

    [Fact]
    public void PositionAlone_MovesTheHead_AndWhatFollowsIsAGap()
    {
        _log.Accept(Batch(1, "a"));
        Assert.True(Learn(At(2)));
        Assert.False(Learn(At(1)));
        _log.Accept(Batch(3, "c"));
        Assert.Empty(ReadAfter(0));
        Assert.Empty(ReadAfter(1));
        Assert.Equal(["c"], ReadAfter(2));
    }

    [Fact]
    public void LateBatch_OfWhatTheHeadIsPast_TakesNothingBack()
    {
        Learn(At(5));
        Assert.False(_log.Accept(Batch(3, "c")));
        Assert.Equal(5, _log.Position.LastSeq);
        Assert.Equal(["c"], ReadAfter(2));
        Assert.Empty(ReadAfter(3));
        _log.Accept(Batch(1, "a", "b"));
        Assert.Empty(ReadAfter(0));
    }

    [Fact]
    public void BatchWithoutEvents_MovesTheHead()
    {
        Assert.True(_log.Accept(new FeedBatch(At(7), RecordRun.Empty)));
        Assert.Equal(7, _log.Position.LastSeq);
        Assert.Empty(ReadAfter(6));
    }

    [Fact]
    public void CheckpointWithoutEvent_IsLearned_AndWakesNobody()
    {
        Learn(At(4));
        Assert.False(Learn(At(4) with { Checkpoint = 4 }));
        Assert.Equal(4, _log.Position.Checkpoint);
        Assert.False(Learn(At(4)));
        Assert.Equal(4, _log.Position.Checkpoint);
    }

    [Fact]
    public void FullWindow_DropsTheOldest_AndKeepsTheNewestHoweverLarge()
    {
        var (large, larger) = (new string('x', 600), new string('y', 9000));
        _log.Accept(Batch(1, large));
        _log.Accept(Batch(2, large));
        _log.Accept(Batch(3, "c"));
        Assert.Equal([large], ReadAfter(0));
        _log.Accept(Batch(4, large));
        Assert.Empty(ReadAfter(0));
        Assert.Equal([large, "c"], ReadAfter(1));
        Assert.Equal([large], ReadAfter(3));
        _log.Accept(Batch(5, larger));
        Assert.Empty(ReadAfter(3));
        Assert.Equal([larger], ReadAfter(4));
    }

    [Fact]
    public void WhatAReaderHolds_StaysAsItWas()
    {
        _log.Accept(Batch(1, "a"));
        var held = _log.Read(0, 1000);
        _log.Accept(Batch(2, "b"));
        _log.Accept(Batch(9, "i"));
        Assert.Equal(["a"], held.Texts());
    }

    [Fact]
    public void Read_GivesSoManyBytesAtMost_AndOneEventAtLeast()
    {
        _log.Accept(Batch(1, "a", "b"));
        _log.Accept(Batch(3, "c"));
        Assert.Equal(["a"], ReadAfter(0, bytes: 1));
        Assert.Equal(["a", "b"], ReadAfter(0, bytes: 8));
        Assert.Equal(["a", "b", "c"], ReadAfter(0, bytes: 9));
    }

    [Fact]
    public void AnotherEpoch_IsRefused()
    {
        _log.Accept(Batch(1, "a"));
        Assert.Throws<EpochChangedException>(() => Learn(At(9) with { Epoch = "other" }));
        Assert.Throws<EpochChangedException>(() => _log.Accept(new FeedBatch(At(2) with { Epoch = "other" }, Runs.Of(2, "b"))));
        Assert.Equal(At(1), _log.Position);
    }

    private static readonly long[] NoCuts = [];

    private static FeedPosition At(long last) => new("e", 1, last, false, 0, NoCuts, 0);

    private static FeedBatch Batch(long first, params string[] texts) => new(At(first + texts.Length - 1), Runs.Of(first, texts));

    private bool Learn(FeedPosition position) => _log.Accept(new FeedBatch(position, RecordRun.Empty));

    private IReadOnlyList<string> ReadAfter(long seq, int bytes = 10_000) => _log.Read(seq, bytes).Texts();
}
