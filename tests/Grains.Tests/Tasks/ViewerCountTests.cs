using Holdfast.Grains.Feeds;
using Holdfast.Grains.Tasks;

namespace Holdfast.Grains.Tests.Tasks;

/// <summary>Who watches a task, as fronts and sessions tell it, in whatever order that arrives.</summary>
public sealed class ViewerCountTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void AViewerThatJoins_CountsOn_WhenARenewalThatDoesNotKnowItArrivesLater()
    {
        var watchers = new Watchers(new TaskOptions());
        watchers.Renew(new FrontRenewal("f", ["a"]), Now);
        watchers.Join("f", "b", Now);
        watchers.Renew(new FrontRenewal("f", ["a"]), Now);
        Assert.Equal(2, watchers.Viewers);
        watchers.Renew(new FrontRenewal("f", ["a", "b"]), Now);
        Assert.Equal(2, watchers.Viewers);
    }

    [Fact]
    public void TheOnlyViewer_IsNeverTakenForGone_WhileItsFrontStillHasToSaySo()
    {
        var watchers = new Watchers(new TaskOptions());
        watchers.Join("f", "a", Now);
        watchers.Renew(new FrontRenewal("f", []), Now);
        Assert.Equal((1, null), (watchers.Viewers, watchers.DesertedSince));
        watchers.Renew(new FrontRenewal("f", []), Now.AddSeconds(3));
        Assert.Equal((0, Now.AddSeconds(3)), (watchers.Viewers, watchers.DesertedSince));
    }

    [Fact]
    public void AViewerThatLeaves_IsNotBroughtBackByItsJoining()
    {
        var watchers = new Watchers(new TaskOptions());
        watchers.Join("f", "a", Now);
        watchers.Leave("f", "a", Now);
        watchers.Renew(new FrontRenewal("f", []), Now);
        Assert.Equal(0, watchers.Viewers);
    }

    [Fact]
    public void AFrontThatSaysNothing_HasNoViewersAfterItsLease()
    {
        var options = new TaskOptions();
        var watchers = new Watchers(options);
        watchers.Join("f", "a", Now);
        watchers.Expire(Now + options.FeedLease - TimeSpan.FromTicks(1));
        Assert.Equal(1, watchers.Viewers);
        watchers.Expire(Now + options.FeedLease);
        Assert.Equal((0, Now + options.FeedLease), (watchers.Viewers, watchers.DesertedSince));
    }
}
