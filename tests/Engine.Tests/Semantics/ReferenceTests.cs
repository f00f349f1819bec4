namespace Holdfast.Engine.Tests.Semantics;

public interface IUnimplementedGrain : IGrainWithStringKey
{
    Task PingAsync();
}

/// <summary>Semantic 15, the part about references.</summary>
public class ReferenceTests
{
    [Theory, Silos]
    public async Task S15_equal_references_are_equal_but_not_the_same(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;

        var (one, two, other) = (client.GetGrain<ICallGrain>("k"), client.GetGrain<ICallGrain>("k"), client.GetGrain<ICallGrain>("l"));

        Assert.True(one.Equals(two));
        Assert.Equal(one.GetHashCode(), two.GetHashCode());
        Assert.NotSame(one, two);
        Assert.False(one.Equals(other));
        Assert.Equal(GrainId.Create("test.call", "k"), one.GetGrainId());
    }

    [Theory, Silos]
    public async Task S15_a_blank_key_or_an_interface_that_nothing_implements_is_refused_at_once(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;

        Assert.ThrowsAny<ArgumentException>(() => client.GetGrain<ICallGrain>(""));
        Assert.ThrowsAny<ArgumentException>(() => client.GetGrain<ICallGrain>("  "));
        Assert.ThrowsAny<ArgumentException>(() => client.GetGrain<ICallGrain>(null!));
        Assert.ThrowsAny<ArgumentException>(() => client.GetGrain<IUnimplementedGrain>("k"));
    }

    [Theory, Silos]
    public async Task S15_odd_characters_in_keys_survive(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;

        foreach (var key in new[] { "a/b+c", "a b", "ключ", "\u0001\ud83e\udd80", "x/sys.client/y", new string('k', 3000) })
        {
            var grain = client.GetGrain<IKeyGrain>(key);
            Assert.Equal(key, grain.GetPrimaryKeyString());
            Assert.Equal(key, await grain.KeyAsync());
        }
    }

    [Theory, Silos]
    public async Task References_travel_and_can_be_called_where_they_arrive(int silos)
    {
        var client = (await Clusters.WithAsync(silos)).Client;
        var (first, second) = (client.GetGrain<IKeyGrain>(Guid.NewGuid().ToString("N")), client.GetGrain<IKeyGrain>(Guid.NewGuid().ToString("N")));

        Assert.Equal(second.GetPrimaryKeyString(), await first.AskAsync(second));
        Assert.Equal(first.GetPrimaryKeyString(), await (await first.MyselfAsync()).KeyAsync());
    }
}

public interface IKeyGrain : IGrainWithStringKey
{
    Task<string> KeyAsync();

    Task<string> AskAsync(IKeyGrain other);

    Task<IKeyGrain> MyselfAsync();
}

[GrainType("test.key")]
public sealed class KeyGrain : Grain, IKeyGrain
{
    public Task<string> KeyAsync() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<string> AskAsync(IKeyGrain other) => other.KeyAsync();

    public Task<IKeyGrain> MyselfAsync() => Task.FromResult(this.AsReference<IKeyGrain>());
}
