using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Storage;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>A grain storage as a user would write one, with a way to make it fail.</summary>
public sealed class TestStorage : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (object State, string ETag)> _records = new();
    private int _version;

    public static TestStorage Shared { get; } = new();

    /// <summary>Writes for these keys fail.</summary>
    public ConcurrentDictionary<string, Exception> Failures { get; } = new();

    public int Reads { get; private set; }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Reads++;
        if (_records.TryGetValue(Key(stateName, grainId), out var record))
        {
            grainState.State = (T)((ICloneable)record.State).Clone();
            grainState.ETag = record.ETag;
            grainState.RecordExists = true;
        }
        else
        {
            grainState.ETag = null;
            grainState.RecordExists = false;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (Failures.TryGetValue(grainId.Key.ToString()!, out var failure))
        {
            throw failure;
        }

        var key = Key(stateName, grainId);
        Check(key, grainState.ETag);
        grainState.ETag = Interlocked.Increment(ref _version).ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
        _records[key] = (((ICloneable)grainState.State!).Clone(), grainState.ETag);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = Key(stateName, grainId);
        Check(key, grainState.ETag);
        _records.TryRemove(key, out _);
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    /// <summary>Changes a record behind the grain's back.</summary>
    public void Overwrite(string stateName, GrainId grainId, object state) => _records[Key(stateName, grainId)] = (state, "another");

    private static string Key(string stateName, GrainId grainId) => $"{grainId}/{stateName}";

    private void Check(string key, string? eTag)
    {
        var stored = _records.TryGetValue(key, out var record) ? record.ETag : null;
        if (stored != eTag)
        {
            throw new InconsistentStateException("Another version is stored.", stored, eTag);
        }
    }
}
