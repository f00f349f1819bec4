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
        Assert.Equal([7, 0, 0], _keys.Find(["a", null, "A"]));
    }

    [Fact]
    public void BeyondTheLimit_TheOldestMakeRoom()
    {
        for (var seq = 1; seq <= 100; seq++)
        {
            _keys.MakeRoom();
            _keys.Add(seq.ToString(CultureInfo.InvariantCulture), seq);
            Assert.Equal(Math.Max(1, seq - 2), _keys.OldestSeq);
        }

        _keys.MakeRoom();
        Assert.Equal([0, 98, 99, 100], _keys.Find(["97", "98", "99", "100"]));
    }

    [Fact]
    public void AKeyAgain_KeepsItsFirstEvent_AndItsPlace()
    {
        Add(1, "a");
        _keys.Add("a", 5);
        Assert.Equal([1], _keys.Find(["a"]));
        Assert.Equal(1, _keys.OldestSeq);
        Add(6, "b", "c", "d");
        _keys.MakeRoom();
        Assert.Equal([0], _keys.Find(["a"]));
        Assert.Equal(6, _keys.OldestSeq);
    }

    [Fact]
    public void ABatchBeyondTheLimit_IsRecognisedAsAWhole_UntilAnotherBringsSomethingNew()
    {
        Add(1, "a", "b", "c", "d", "e");
        Assert.Equal([1, 2, 3, 4, 5], _keys.Find(["a", "b", "c", "d", "e"]));

        // What will not be known beside the new one is new already: or its repetition would be another batch than it was.
        Assert.Equal([0, 3, 0], _keys.Find(["b", "c", "f"]));
        Add(6, "b", "f");
        Assert.Equal([6, 3, 7], _keys.Find(["b", "c", "f"]));
    }

    [Fact]
    public void WhatIsSuperseded_IsForgotten_AndMayComeAgain()
    {
        Add(1, "a", "b", "c", "d");
        _keys.ForgetAfter(2);
        Assert.Equal([1, 2, 0, 0], _keys.Find(["a", "b", "c", "d"]));
        Add(6, "c");
        Assert.Equal([1, 2, 6], _keys.Find(["a", "b", "c"]));
        _keys.ForgetAfter(0);
        Assert.Equal(0, _keys.OldestSeq);
    }

    [Fact]
    public void WithoutKeys_ThereIsNoOldest() => Assert.Equal(0, _keys.OldestSeq);

    /// <summary>A batch that brings these.</summary>
    private void Add(long seq, params string[] keys)
    {
        _keys.MakeRoom();
        foreach (var key in keys)
        {
            _keys.Add(key, seq++);
        }
    }
}
