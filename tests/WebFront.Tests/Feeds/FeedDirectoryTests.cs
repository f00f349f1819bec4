using Holdfast.Grains.Feeds;
using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Tasks;
using Holdfast.WebFront.Feeds;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>When feeds come, watch, and go.</summary>
public sealed class FeedDirectoryTests
{
    private const string TaskId = "t_watched1";

    private readonly FeedRig _rig = new();

    [Fact]
    public async Task AnUnknownTask_HasNoFeed_AndAsksNoGrain()
    {
        _rig.Grains.Watch = _ => throw new InvalidOperationException("A grain was asked.");
        Assert.Null(await _rig.Feeds.FindAsync("t_unknown1", default));
        Assert.Null(await _rig.Feeds.FindAsync("no id at all", default));
        Assert.Empty(_rig.Feeds.All);
    }

    [Fact]
    public async Task AllWhoComeToATask_ShareItsFeed()
    {
        await StartAsync();
        Assert.Same(await FindAsync(), await FindAsync());
    }

    [Fact]
    public async Task AFeedThatNobodyComesTo_GoesAfterAWhile_AndSaysSo()
    {
        await StartAsync();
        var feed = await FindAsync();
        _rig.Clock.Advance(TimeSpan.FromSeconds(4.9));
        _rig.Feeds.Tick();
        Assert.False(feed.Gone);
        _rig.Clock.Advance(TimeSpan.FromSeconds(0.1));
        _rig.Feeds.Tick();
        Assert.True(feed.Gone);
        Assert.Equal(["front"], _rig.Grains.Unwatched);
        Assert.NotSame(feed, await FindAsync());
    }

    [Fact]
    public async Task AFeed_StaysForWhoeverIsAboutToCome()
    {
        await StartAsync();
        var feed = await FindAsync();
        _rig.Clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Same(feed, await FindAsync());
        _rig.Clock.Advance(TimeSpan.FromSeconds(4.9));
        _rig.Feeds.Tick();
        Assert.False(feed.Gone);
    }

    [Fact]
    public async Task WhoeverComesTooLate_FindsTheFeedGone_InsteadOfWaitingForEver()
    {
        await StartAsync();
        var feed = await FindAsync();
        _rig.Clock.Advance(TimeSpan.FromSeconds(5));
        _rig.Feeds.Tick();
        feed.Add(new Viewer("s1"));
        Assert.True(feed.Gone);
    }

    [Fact]
    public async Task AFeedWithViewers_Stays()
    {
        await StartAsync();
        var feed = await FindAsync();
        var viewer = new Viewer("s1");
        feed.Add(viewer);
        _rig.Clock.Advance(TimeSpan.FromHours(1));
        _rig.Feeds.Tick();
        Assert.False(feed.Gone);
        feed.Remove(viewer);
        _rig.Clock.Advance(TimeSpan.FromSeconds(4.9));
        _rig.Feeds.Tick();
        Assert.False(feed.Gone);
    }

    [Fact]
    public async Task AnotherLogInItsPlace_EndsTheFeed_AndWakesItsViewers()
    {
        await StartAsync();
        var feed = await FindAsync();
        var viewer = new Viewer("s1");
        feed.Add(viewer);
        await _rig.Store.DeleteAsync(TaskId);
        await StartAsync();
        Assert.NotSame(feed, await FindAsync());
        Assert.True(feed.Gone);
        Assert.True(viewer.Woken > 0);
    }

    [Fact]
    public async Task AFeed_WatchesOnce_AndThenRenews_WithItsSessions()
    {
        var task = await StartAsync();
        List<string> calls = [];
        _rig.Grains.Watch = watch => Reply($"watch {string.Join(' ', watch.Sessions.Order())}", new WatchReply(null, task.Position, true));
        _rig.Grains.Renew = renewal => Reply($"renew {string.Join(' ', renewal.Sessions.Order())}", new WatchReply(null, task.Position, true));
        var feed = await FindAsync();
        await Waiting.UntilAsync("the watch", () => calls.Count == 1);
        feed.Add(new Viewer("s2"));
        feed.Add(new Viewer("s1"));
        feed.Add(new Viewer("s1"));
        Assert.Equal(2, feed.ViewerCount);
        await Waiting.UntilAsync("the renewal", () =>
        {
            feed.Tick();
            return calls.Count > 1;
        });
        Assert.Equal(["watch ", "renew s1 s2"], calls.Take(2));

        Task<WatchReply> Reply(string call, WatchReply reply)
        {
            calls.Add(call);
            return Task.FromResult(reply);
        }
    }

    [Fact]
    public async Task ATaskThatIsNotFound_IsLookedForAgainSoon_AndLessAndLessOften()
    {
        await StartAsync();
        var watched = 0;
        _rig.Grains.Watch = _ => Task.FromResult(new WatchReply(new Refusal(RefusalCodes.TaskMoving, "Not here yet."), null, ++watched < 0));
        _rig.Grains.Renew = _ => Task.FromResult(new WatchReply(null, null, false));
        await FindAsync();
        await Waiting.UntilAsync("the first watch", () => Volatile.Read(ref watched) == 1);

        // By the renewals alone it would be 1 in every 3 seconds.
        List<double> at = [];
        for (var seconds = 0.0; seconds < 30; seconds += .05)
        {
            _rig.Clock.Advance(TimeSpan.FromSeconds(.05));
            var before = Volatile.Read(ref watched);
            if (_rig.Feeds.All.Single().Retry())
            {
                await Waiting.UntilAsync("another watch", () => Volatile.Read(ref watched) == before + 1);
                at.Add(seconds);
            }
        }

        Assert.InRange(at.Count(one => one < 1), 2, 4);
        Assert.InRange(at.Count(one => one > 15), 3, 6);
    }

    [Fact]
    public async Task ATaskThatDoesNotKnowTheFront_IsWatchedAnew()
    {
        var task = await StartAsync();
        var watched = 0;
        _rig.Grains.Watch = _ => Task.FromResult(new WatchReply(null, task.Position, ++watched > 0));
        _rig.Grains.Renew = _ => Task.FromResult(new WatchReply(null, task.Position, false));
        var feed = await FindAsync();
        await Waiting.UntilAsync("another watch", () =>
        {
            feed.Tick();
            return Volatile.Read(ref watched) > 1;
        });
    }

    [Fact]
    public async Task ALostBatch_ShowsAtTheSecondRenewalThatNamesIt()
    {
        var task = await StartAsync();
        var renewals = 0;
        _rig.Grains.Watch = _ => Task.FromResult(new WatchReply(null, task.Position, true));
        _rig.Grains.Renew = _ => Task.FromResult(new WatchReply(null, task.Position, ++renewals > 0));
        var feed = await FindAsync();
        task.Append(false, EventDraft.Token("c", "lost"));
        await task.StoreAsync();
        await Waiting.UntilAsync("the lost event", () =>
        {
            feed.Tick();
            return feed.Position.LastSeq == 3;
        });
        Assert.True(Volatile.Read(ref renewals) <= 3, $"It took {renewals} renewals.");
    }

    [Fact]
    public async Task ATaskThatIsGone_EndsItsFeed()
    {
        await StartAsync();
        _rig.Grains.Watch = _ => Task.FromResult(new WatchReply(new Refusal(RefusalCodes.TaskNotFound, "gone"), null, false));
        var feed = await FindAsync();
        await Waiting.UntilAsync("the feed's end", () => feed.Gone);
    }

    [Fact]
    public async Task ManyWhoAskForOnePage_ReadTheLogOnce()
    {
        var task = await StartAsync();
        task.Append(false, [.. Enumerable.Repeat(EventDraft.Token("c", "x"), 5)]);
        await task.StoreAsync();
        var feed = await FindAsync();
        _rig.Reader.Hold();
        var reads = Enumerable.Range(0, 50).Select(_ => feed.ReadAsync(0, compact: false, 1 << 20).AsTask()).ToList();
        _rig.Reader.Release();
        Assert.All(await Task.WhenAll(reads), slice => Assert.Equal(7, slice!.Value.Last));
        Assert.Equal(1, _rig.Reader.Reads);
    }

    [Fact]
    public async Task Pages_KeepWithinTheirBudget()
    {
        var task = await StartAsync();
        for (var i = 0; i < 40; i++)
        {
            task.Append(false, EventDraft.Token("c", new string('x', 100)));
        }

        await task.StoreAsync();
        var feed = await FindAsync();
        for (long after = 0; after < 42; after = (await feed.ReadAsync(after, compact: false, 1 << 20))!.Value.Last)
        {
            await Waiting.UntilAsync("pages within the budget", () => _rig.Pages.Bytes <= _rig.Limits.PageCacheBytes);
        }

        await Waiting.UntilAsync("pages in the cache", () => _rig.Pages.Bytes > 0 && _rig.Pages.Bytes <= _rig.Limits.PageCacheBytes);
    }

    private Task<TaskByHand> StartAsync() => TaskByHand.StartAsync(_rig.Store, TaskId, new TaskOptions(), _rig.Clock);

    private async Task<TaskFeed> FindAsync() => (await _rig.Feeds.FindAsync(TaskId, default))!.Value.Feed;

    private sealed class Viewer(string session) : IFeedViewer
    {
        private int _woken;

        public string SessionId => session;

        public int Woken => Volatile.Read(ref _woken);

        public void Wake() => Interlocked.Increment(ref _woken);
    }
}
