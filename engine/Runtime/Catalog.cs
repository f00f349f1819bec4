using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>The activations of one silo.</summary>
internal sealed class Catalog(Silo silo)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();

    public int Count => _activations.Count;

    public IEnumerable<Activation> All => _activations.Values;

    public bool TryGet(GrainId id, out Activation activation) => _activations.TryGetValue(id, out activation!);

    /// <summary>The activation of a grain; a new one when there is none.</summary>
    public Activation GetOrAdd(GrainId id) => _activations.TryGetValue(id, out var activation)
        ? activation
        : _activations.GetOrAdd(id, static (id, silo) => new Activation(silo, silo.Manifest.ClassOf(id.Type), id), silo);

    public void Remove(Activation activation) => _activations.TryRemove(KeyValuePair.Create(activation.GrainId, activation));
}
