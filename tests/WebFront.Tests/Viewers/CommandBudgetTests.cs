using Holdfast.WebFront.Transports.WebSockets;

using Microsoft.Extensions.Time.Testing;

namespace Holdfast.WebFront.Tests.Viewers;

public sealed class CommandBudgetTests
{
    private readonly FakeTimeProvider _clock = new();
    private CommandBudget _budget;

    public CommandBudgetTests() => _budget = new CommandBudget(20, 50, _clock.GetTimestamp());

    [Fact]
    public void ABurst_IsAllowed_AndNoMore() => Assert.Equal(50, Take(100));

    [Fact]
    public void AtTheSteadyRate_ItNeverEnds()
    {
        Take(50);
        for (var second = 0; second < 60; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(20, Take(100));
        }
    }

    [Fact]
    public void Waiting_SavesUpOneBurst_AndNoMore()
    {
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(50, Take(100));
        _clock.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(0, Take(10));
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(1, Take(10));
    }

    private int Take(int times)
    {
        var taken = 0;
        for (var i = 0; i < times; i++)
        {
            taken += _budget.TryTake(_clock) ? 1 : 0;
        }

        return taken;
    }
}
