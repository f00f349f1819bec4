using Orleans.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>Ends activations that nobody has called for a while.</summary>
internal sealed class IdleCollector : IDisposable
{
    private readonly Silo _silo;
    private readonly ITimer _timer;
    private readonly int _age;
    private readonly Dictionary<string, int> _ages;

    public IdleCollector(Silo silo, GrainCollectionOptions options)
    {
        if (options.CollectionQuantum <= TimeSpan.Zero || options.CollectionAge <= options.CollectionQuantum)
        {
            throw new OrleansConfigurationException(
                $"GrainCollectionOptions.CollectionQuantum ({options.CollectionQuantum}) must be positive and less than CollectionAge ({options.CollectionAge}).");
        }

        _silo = silo;
        _age = Ticks(options.CollectionAge);
        _ages = options.ClassSpecificCollectionAge.ToDictionary(p => p.Key, p => Ticks(p.Value));
        _timer = silo.Time.CreateTimer(static state => ((IdleCollector)state!).Collect(), this, options.CollectionQuantum, options.CollectionQuantum);
    }

    public void Dispose() => _timer.Dispose();

    private static int Ticks(TimeSpan time) => (int)Math.Min(int.MaxValue, Math.Ceiling(time / SweepClock.Period));

    private void Collect()
    {
        foreach (var activation in _silo.Catalog.All)
        {
            var age = activation.Class.Type.FullName is { } name && _ages.TryGetValue(name, out var special) ? special : _age;
            activation.CollectIfIdle(_silo.Clock.Now, age);
        }
    }
}
