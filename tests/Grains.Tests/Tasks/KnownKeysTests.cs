using System.Globalization;

using Holdfast.Grains.Tasks;

namespace Holdfast.Grains.Tests.Tasks;

public sealed class KnownKeysTests
{
    private readonly KnownKeys _keys = new(limit: 3);

    [Fact]
    public void AKey_IsFoundWithItsEvent()
    {
        _keys.Add("a", 7);
        Assert.True(_keys.TryFind("a", out var seq));
        Assert.Equal(7, seq);
        Assert.False(_keys.TryFind("A", out _));
    }

    [Fact]
    public void BeyondTheLimit_TheOldestGo()
    {
        for (var seq = 1; seq <= 100; seq++)
        {
            _keys.Add(seq.ToString(CultureInfo.InvariantCulture), seq);
            Assert.Equal(Math.Max(1, seq - 2), _keys.OldestSeq);
        }

        Assert.False(_keys.TryFind("97", out _));
        Assert.All(Enumerable.Range(98, 3), seq => Assert.True(_keys.TryFind(seq.ToString(CultureInfo.InvariantCulture), out _)));
    }

    [Fact]
    public void AKeyAgain_KeepsItsFirstEvent_AndItsPlace()
    {
        _keys.Add("a", 1);
        _keys.Add("a", 5);
        _keys.TryFind("a", out var seq);
        Assert.Equal((1, 1), (seq, _keys.OldestSeq));
        _keys.Add("b", 6);
        _keys.Add("c", 7);
        Assert.True(_keys.TryFind("a", out _));
        _keys.Add("d", 8);
        Assert.False(_keys.TryFind("a", out _));
        Assert.Equal(6, _keys.OldestSeq);
    }

    [Fact]
    public void WithoutKeys_ThereIsNoOldest() => Assert.Equal(0, _keys.OldestSeq);
}
