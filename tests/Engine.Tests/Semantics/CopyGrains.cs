using Orleans.Serialization;

namespace Holdfast.Engine.Tests.Semantics;

[GenerateSerializer, Alias("test.Plain")]
public sealed record Plain([property: Id(0)] List<int> Items)
{
    [Id(1)]
    public string Note { get; set; } = "";
}

[GenerateSerializer, Immutable, Alias("test.Sealed")]
public sealed record Sealed([property: Id(0)] List<int> Items);

/// <summary>Its serializer is generated, so it may leave its silo.</summary>
[GenerateSerializer, Alias("test.MarkedFailureException")]
public sealed class MarkedFailureException(string message) : Exception(message)
{
    [Id(0)]
    public int Code { get; set; }
}

/// <summary>It has no serializer, so it may not.</summary>
public sealed class UnmarkedFailureException(string message) : Exception(message);

public interface ICopyGrain : IGrainWithStringKey
{
    /// <summary>Keeps what it is given.</summary>
    Task TakeAsync(List<int> list, byte[] bytes, ReadOnlyMemory<byte> memory, Plain plain);

    Task TakeSealedAsync(Sealed value);

    Task<string> KeptAsync();

    /// <summary>Gives out its own list.</summary>
    Task<List<int>> GiveAsync();

    Task<Sealed> GiveSealedAsync();

    /// <summary>Calls another grain with arguments, changes them, and asks what the other one has.</summary>
    Task<string> ChangeAfterSendingAsync(string other);

    /// <summary>Asks another grain for its list, changes it, and asks again.</summary>
    Task<int> ChangeAfterReceivingAsync(string other);

    /// <summary>Whether an immutable object that went to another grain and back is the same one.</summary>
    Task<bool> SharesAsync(string other);

    Task FailAsync(string kind);

    /// <summary>What kind of exception comes out of another grain.</summary>
    Task<string> FailureOfAsync(string other, string kind);
}

[GrainType("test.copy")]
public sealed class CopyGrain : Grain, ICopyGrain
{
    private List<int> _list = [1];
    private byte[] _bytes = [];
    private ReadOnlyMemory<byte> _memory;
    private Plain _plain = new([]);
    private Sealed _sealed = new([]);

    public Task TakeAsync(List<int> list, byte[] bytes, ReadOnlyMemory<byte> memory, Plain plain)
    {
        (_list, _bytes, _memory, _plain) = (list, bytes, memory, plain);
        return Task.CompletedTask;
    }

    public Task TakeSealedAsync(Sealed value)
    {
        _sealed = value;
        return Task.CompletedTask;
    }

    public Task<string> KeptAsync() => Task.FromResult(
        $"{string.Join(' ', _list)}|{string.Join(' ', _bytes)}|{string.Join(' ', _memory.ToArray())}|{string.Join(' ', _plain.Items)} {_plain.Note}");

    public Task<List<int>> GiveAsync() => Task.FromResult(_list);

    public Task<Sealed> GiveSealedAsync() => Task.FromResult(_sealed);

    public async Task<string> ChangeAfterSendingAsync(string other)
    {
        var grain = GrainFactory.GetGrain<ICopyGrain>(other);
        var (list, bytes, plain) = (new List<int> { 1 }, new byte[] { 1 }, new Plain([1]) { Note = "n" });
        var memory = new byte[] { 1 };

        var sent = grain.TakeAsync(list, bytes, memory, plain);
        list.Add(2);
        bytes[0] = memory[0] = 2;
        plain.Items.Add(2);
        plain.Note = "changed";
        await sent;

        return await grain.KeptAsync();
    }

    public async Task<int> ChangeAfterReceivingAsync(string other)
    {
        var grain = GrainFactory.GetGrain<ICopyGrain>(other);
        var list = await grain.GiveAsync();
        list.Add(2);
        return (await grain.GiveAsync()).Count;
    }

    public async Task<bool> SharesAsync(string other)
    {
        var grain = GrainFactory.GetGrain<ICopyGrain>(other);
        var value = new Sealed([1]);
        await grain.TakeSealedAsync(value);
        return ReferenceEquals(value, await grain.GiveSealedAsync());
    }

    public Task FailAsync(string kind) => throw (kind switch
    {
        "marked" => new MarkedFailureException("told") { Code = 7 },
        "unmarked" => new UnmarkedFailureException("told"),
        _ => new InvalidOperationException("told"),
    });

    public async Task<string> FailureOfAsync(string other, string kind)
    {
        try
        {
            await GrainFactory.GetGrain<ICopyGrain>(other).FailAsync(kind);
            return "none";
        }
        catch (Exception e) when (e is MarkedFailureException or UnmarkedFailureException or InvalidOperationException or CodecNotFoundException)
        {
            return e.GetType().Name;
        }
    }
}
