using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Holdfast.Engine;

/// <summary>Keeps states in grains: gone with a silo that is killed, reachable from every other one until then.</summary>
internal sealed class MemoryGrainStorage(string name, Node node) : IGrainStorage
{
    /// <summary>Over how many grains the states are spread.</summary>
    private const uint Grains = 10;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = await StoreOf(grainId).ReadAsync(Key(stateName, grainId));
        grainState.RecordExists = record is not null;
        grainState.ETag = record?.ETag;
        grainState.State = record is null ? default : Decode<T>(record);
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        byte[] bytes;
        using (var writer = Writer.Rent())
        {
            CodecOf<T>.Instance.Write(writer, 0, grainState.State);
            bytes = writer.Span.ToArray();
        }

        grainState.ETag = Checked(await StoreOf(grainId).WriteAsync(Key(stateName, grainId), bytes, grainState.ETag), grainState.ETag);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Checked(await StoreOf(grainId).ClearAsync(Key(stateName, grainId), grainState.ETag), grainState.ETag);
        grainState.ETag = null;
        grainState.RecordExists = false;
        grainState.State = default;
    }

    private static string Key(string stateName, GrainId grainId) => $"{grainId}/{stateName}";

    private static string? Checked(MemoryOutcome outcome, string? mine) => outcome.Done
        ? outcome.ETag
        : throw new InconsistentStateException("The memory store has another version of the state.", outcome.ETag, mine);

    private T? Decode<T>(MemoryRecord record)
    {
        var reader = new Reader(record.Bytes.Span, node);
        return (T?)CodecOf<T>.Instance.ReadObject(ref reader);
    }

    private IMemoryStoreGrain StoreOf(GrainId grainId)
    {
        var number = Hashing.Of(grainId.Key.AsSpan()) % Grains;
        return node.Factory.GetGrain<IMemoryStoreGrain>(string.Create(CultureInfo.InvariantCulture, $"{name}/{number}"));
    }
}

/// <summary>A part of a memory store.</summary>
[Alias("holdfast.IMemoryStoreGrain")]
internal interface IMemoryStoreGrain : IGrainWithStringKey
{
    Task<MemoryRecord?> ReadAsync(string key);

    Task<MemoryOutcome> WriteAsync(string key, [Immutable] byte[] bytes, string? eTag);

    Task<MemoryOutcome> ClearAsync(string key, string? eTag);
}

/// <summary>A stored state.</summary>
[GenerateSerializer, Immutable, Alias("holdfast.MemoryRecord")]
internal sealed record MemoryRecord([property: Id(0)] ReadOnlyMemory<byte> Bytes, [property: Id(1)] string ETag);

/// <summary>Whether a write was done, and the version mark in the store.</summary>
[GenerateSerializer, Immutable, Alias("holdfast.MemoryOutcome")]
internal sealed record MemoryOutcome([property: Id(0)] bool Done, [property: Id(1)] string? ETag);

/// <inheritdoc cref="IMemoryStoreGrain"/>
[GrainType("holdfast.memory")]
internal sealed class MemoryStoreGrain : Grain, IMemoryStoreGrain
{
    private readonly Dictionary<string, MemoryRecord> _records = [];
    private long _version;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task<MemoryRecord?> ReadAsync(string key) => Task.FromResult(_records.GetValueOrDefault(key));

    public Task<MemoryOutcome> WriteAsync(string key, byte[] bytes, string? eTag)
    {
        if (_records.GetValueOrDefault(key)?.ETag != eTag)
        {
            return Refuse(key);
        }

        var record = new MemoryRecord(bytes, (++_version).ToString(CultureInfo.InvariantCulture));
        _records[key] = record;
        return Task.FromResult(new MemoryOutcome(true, record.ETag));
    }

    public Task<MemoryOutcome> ClearAsync(string key, string? eTag)
    {
        if (_records.GetValueOrDefault(key)?.ETag != eTag)
        {
            return Refuse(key);
        }

        _records.Remove(key);
        return Task.FromResult(new MemoryOutcome(true, null));
    }

    private Task<MemoryOutcome> Refuse(string key) => Task.FromResult(new MemoryOutcome(false, _records.GetValueOrDefault(key)?.ETag));
}
