using FsCheck;
using FsCheck.Fluent;

using Holdfast.Grains.Recovery;
using Holdfast.TestSupport;

namespace Holdfast.Grains.Tests;

/// <summary>Waits while clocks are set, forward and back.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(2);

    private readonly TestClock _clock = new();

    [Theory]
    [InlineData(-600)]
    [InlineData(600)]
    public void SteadyTime_PassesEvenly_HoweverTheClockIsSet(int seconds)
    {
        var time = new SteadyTime(_clock);
        var begun = time.Now;
        Assert.Equal(_clock.GetUtcNow(), begun);
        _clock.Advance(TimeSpan.FromSeconds(3));
        _clock.Set(TimeSpan.FromSeconds(seconds));
        Assert.Equal(TimeSpan.FromSeconds(3), time.Now - begun);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(7), time.Now - begun);
    }

    [Theory]
    [InlineData(-600)]
    [InlineData(600)]
    public void ALease_LastsItsTerm_HoweverTheClockIsSet(int seconds)
    {
        var leases = new Leases<int>(TimeSpan.FromSeconds(10), _clock);
        leases.Renew("a", 1);
        _clock.Set(TimeSpan.FromSeconds(seconds));
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal([1], leases.Living());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(leases.Living());
    }

    [Fact]
    public void WhatIsLeftOfAStoredWait_IsNeverMoreThanItsMaximum_NorLessThanWasStored_WhereThatIsLess() =>
        Prop.ForAll(
            Gen.Choose(-1_000_000, 1_000_000).ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (stored, most) =>
            {
                var (now, atMost) = (_clock.GetUtcNow(), TimeSpan.FromSeconds(most));
                var left = StoredWait.EndOf(now + TimeSpan.FromSeconds(stored), now, atMost, Skew) - now;
                return left <= atMost && left == TimeSpan.FromSeconds(Math.Min(stored + Skew.TotalSeconds, most));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void AStoredWaitOfUnknownLength_EndsAsStored() =>
        Assert.Equal(_clock.GetUtcNow() + TimeSpan.FromDays(1) + Skew, StoredWait.EndOf(_clock.GetUtcNow() + TimeSpan.FromDays(1), _clock.GetUtcNow(), null, Skew));

    [Fact]
    public void ATaskThatEndedInTheFuture_IsKeptNoLongerThanAnyOther()
    {
        var retention = new Retention(TimeSpan.FromDays(7), new SteadyTime(_clock));
        var (ended, ahead) = (_clock.GetUtcNow(), _clock.GetUtcNow() + TimeSpan.FromDays(3650));
        Assert.Equal((false, false), Look());
        _clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal((false, false), Look());
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((true, true), Look());

        // It is gone, and so is what was remembered of it: another of this name begins anew.
        retention.Begin();
        Assert.Equal((true, false), Look());

        (bool Ended, bool Ahead) Look()
        {
            retention.Begin();
            return (retention.IsOver("a", ended, _clock.GetUtcNow()), retention.IsOver("b", ahead, _clock.GetUtcNow()));
        }
    }
}
