using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Tasks;

public sealed class WatchersTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<string> _deaf = [];
    private readonly Watchers _watchers;
    private long _last;

    public WatchersTests() => _watchers = new Watchers(new TaskOptions { MaxBatchBytes = 60 }) { Deaf = (front, _) => _deaf.Add(front) };

    [Fact]
    public void AFrontThatWatches_IsSentWhatComesAfter()
    {
        Grow("a");
        Watch("f1");
        Assert.Empty(Take());
        Grow("b");
        Assert.Equal(["f1: 2 b"], Take());
        Assert.Empty(Take());
    }

    [Fact]
    public void OneBatchIsInFlight_AndTheNextHasAllThatCameMeanwhile()
    {
        Watch("f1");
        Grow("a");
        var call = new TaskCompletionSource();
        Assert.Equal(["f1: 1 a"], Take(call.Task));
        Grow("b");
        Grow("c");
        Assert.Empty(Take());
        call.SetResult();
        Assert.Equal(["f1: 3 b c"], Take());
    }

    [Fact]
    public void HoweverManyFrontsWatch_AllAreSentTheBytesThatWereStored()
    {
        for (var n = 0; n < 100; n++)
        {
            Watch($"f{n}");
        }

        var stored = Runs.Of(1, "a", "b");
        _watchers.Grown(new FeedPosition("e", 1, 2, false, 0, [], 0), stored);
        var sent = 0;
        while (_watchers.TryTakeSending(out var sending))
        {
            // The very buffer, and not an equal one.
            Assert.True(stored.Bytes.Equals(sending.Batch.Events.Bytes));
            _watchers.Sent(sending, Task.CompletedTask);
            sent++;
        }

        Assert.Equal(100, sent);
    }

    [Fact]
    public void ABatchInFlight_IsAwaitedOnce_AndOnlyWhenThereIsNewsForItsFront()
    {
        Watch("f1");
        Grow("a");
        var call = new TaskCompletionSource();
        Take(call.Task);
        Assert.False(_watchers.TryTakeAwaited(out _));
        Grow("b");
        Assert.True(_watchers.TryTakeAwaited(out var awaited));
        Assert.Same(call.Task, awaited);
        Assert.False(_watchers.TryTakeAwaited(out _));
    }

    [Fact]
    public void ASlowFront_HoldsUpNoOther()
    {
        Watch("slow");
        Watch("quick");
        Grow("a");
        Take(new TaskCompletionSource().Task, "slow");
        Grow("b");
        Assert.Equal(["quick: 2 b"], Take());
        Grow("c");
        Assert.Equal(["quick: 3 c"], Take());
    }

    [Fact]
    public void AFrontThatDidNotTakeABatch_IsSentNothingMore_UntilItWatchesAnew()
    {
        Watch("f1", "s1");
        Grow("a");
        Take(Task.FromException(new TimeoutException("no answer")));
        Grow("b");
        Assert.Empty(Take());
        Assert.Equal(["f1"], _deaf);
        Assert.Equal(1, _watchers.Viewers);
        Assert.False(Renew("f1", 0, "s1"));
        Watch("f1", "s1");
        Assert.Empty(Take());
        Grow("c");
        Assert.Equal(["f1: 3 c"], Take());
    }

    [Fact]
    public void ARenewal_NoticesADeafFront_WhileTheTaskIsQuiet()
    {
        Watch("f1", "s1");
        Grow("a");
        Take(Task.FromException(new TimeoutException("no answer")));
        Assert.False(Renew("f1", 1, "s1"));
        Assert.Equal(["f1"], _deaf);
    }

    [Fact]
    public void TheAnswerToAnOlderWatch_MeansNothing()
    {
        Watch("f1");
        Grow("a");
        Assert.True(_watchers.TryTakeSending(out var old));
        Watch("f1");
        _watchers.Sent(old, Task.FromException(new TimeoutException("no answer")));
        Grow("b");
        Assert.Equal(["f1: 2 b"], Take());
        Assert.Empty(_deaf);
    }

    [Fact]
    public void WhatIsTooMuchForABatch_IsOnlyAnnounced()
    {
        Watch("f1");
        Grow(new string('x', 40), new string('y', 40));
        Assert.Equal(["f1: 2"], Take());
        Grow("c");
        Assert.Equal(["f1: 3 c"], Take());
    }

    [Fact]
    public void ACheckpointAlone_IsNoNews()
    {
        Watch("f1");
        Grow();
        Assert.Empty(Take());
    }

    [Fact]
    public void ALease_RunsOutUnlessItIsRenewed()
    {
        Watch("f1", "s1");
        Watch("f2", "s2");
        Assert.Equal(Noon + TimeSpan.FromSeconds(10), _watchers.NextExpiry);
        Assert.True(Renew("f2", 9, "s2"));
        _watchers.Expire(At(10));
        Assert.Equal((1, Noon + TimeSpan.FromSeconds(19)), (_watchers.Viewers, _watchers.NextExpiry));
        Grow("a");
        Assert.Equal(["f2: 1 a"], Take());
        Assert.False(Renew("f1", 11, "s1"));
        _watchers.Expire(At(21));
        Assert.Equal((0, (DateTimeOffset?)null), (_watchers.Viewers, _watchers.NextExpiry));
    }

    [Fact]
    public void Viewers_AreCountedOnce_OnHoweverManyFronts()
    {
        Watch("f1", "s1", "s2");
        Watch("f2", "s2", "s3");
        Assert.Equal(3, _watchers.Viewers);
        _watchers.Join("f1", "s2", At(0));
        _watchers.Leave("f1", "s2", At(0));
        Assert.Equal(3, _watchers.Viewers);
        _watchers.Leave("f2", "s2", At(0));
        Assert.Equal(2, _watchers.Viewers);
        Renew("f1", 0, "s3");
        Assert.Equal(1, _watchers.Viewers);
        _watchers.Remove("f2", At(0));
        _watchers.Remove("f2", At(0));
        Assert.Equal(1, _watchers.Viewers);
    }

    [Fact]
    public void Deserted_IsWhatWasWatchedAndIsNoMore()
    {
        Watch("f1");
        _watchers.Expire(At(10));
        Assert.Null(_watchers.DesertedSince);
        _watchers.Join("f1", "s1", At(20));
        _watchers.Leave("f1", "s1", At(21));
        _watchers.Leave("f1", "s1", At(25));
        Assert.Equal(At(21), _watchers.DesertedSince);
        _watchers.Join("f2", "s1", At(26));
        Assert.Null(_watchers.DesertedSince);
        _watchers.Deserted(At(27));
        Assert.Null(_watchers.DesertedSince);
        _watchers.Expire(At(36));
        Assert.Equal(At(36), _watchers.DesertedSince);
    }

    private static DateTimeOffset At(int seconds) => Noon + TimeSpan.FromSeconds(seconds);

    private void Watch(string front, params string[] sessions) => _watchers.Watch(new FrontWatch(front, new Ear(), sessions), Position, Noon);

    private bool Renew(string front, int seconds, params string[] sessions) => _watchers.Renew(new FrontRenewal(front, sessions), At(seconds));

    private FeedPosition Position => new("e", 1, _last, false, 0, [], 0);

    private void Grow(params string[] texts)
    {
        var run = texts.Length == 0 ? new RecordRun(_last + 1, 0, default) : Runs.Of(_last + 1, texts);
        _last += texts.Length;
        _watchers.Grown(Position, run);
    }

    /// <summary>Takes all that is to be sent, each on its way until <paramref name="call"/> is complete, or arrived at once.</summary>
    private List<string> Take(Task? call = null, string? only = null)
    {
        List<string> sent = [];
        while (_watchers.TryTakeSending(out var sending))
        {
            sent.Add(string.Join(' ', sending.Batch.Events.Texts().Prepend($"{sending.Front}: {sending.Batch.Position.LastSeq}")));
            _watchers.Sent(sending, call is not null && (only ?? sending.Front) == sending.Front ? call : Task.CompletedTask);
        }

        return sent;
    }

    private sealed class Ear : IFeedObserver
    {
        public ValueTask OnBatchAsync(FeedBatch batch) => ValueTask.CompletedTask;
    }
}
