using System.Collections.Concurrent;

namespace Holdfast.Grains.Generators;

/// <summary>The places in which generators run on this silo: so many per kind at once, first come first served.</summary>
public sealed class GeneratorPlaces
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _places = new(StringComparer.Ordinal);
    private int _running;

    /// <summary>How many generators run now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Waits for a place.</summary>
    public async Task<Place> EnterAsync(GeneratorEntry entry, CancellationToken cancellationToken)
    {
        var places = _places.GetOrAdd(entry.Generator.Kind, static (_, max) => new SemaphoreSlim(max, max), entry.MaxConcurrent);
        await places.WaitAsync(cancellationToken);
        Interlocked.Increment(ref _running);
        return new Place(this, places);
    }

    /// <summary>One place; given back once.</summary>
    public sealed class Place : IDisposable
    {
        private readonly GeneratorPlaces _owner;
        private SemaphoreSlim? _places;

        internal Place(GeneratorPlaces owner, SemaphoreSlim places) => (_owner, _places) = (owner, places);

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _places, null) is { } places)
            {
                Interlocked.Decrement(ref _owner._running);
                places.Release();
            }
        }
    }
}
