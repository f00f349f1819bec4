using System.Collections.Concurrent;
using System.Text;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>Guesses where a grain is: where it was seen last, or where a new one would be put. The register has the last word.</summary>
internal sealed class Locator(Membership membership, int maxPlaces) : ISiloStatusListener
{
    private readonly ConcurrentDictionary<GrainId, SiloAddress> _seen = new();
    private readonly ConcurrentDictionary<SiloAddress, ulong> _hashes = new();

    /// <summary>The silo to try first among those that <paramref name="usable"/> allows; null when there is none.</summary>
    public SiloAddress? Find(GrainId grain, Func<SiloAddress, bool> usable)
    {
        if (_seen.TryGetValue(grain, out var silo))
        {
            if (membership.StatusOf(silo) == SiloStatus.Active && usable(silo))
            {
                return silo;
            }

            _seen.TryRemove(grain, out _);
        }

        return Place(grain, usable);
    }

    /// <summary>The silo of a new grain, by rendezvous hashing (Thaler and Ravishankar, 1998): a silo that joins or leaves moves no other grain.</summary>
    public SiloAddress? Place(GrainId grain, Func<SiloAddress, bool> usable)
    {
        SiloAddress? best = null;
        ulong bestScore = 0;
        var hash = Hashing.Of(grain.Type.Value.AsSpan(), grain.Key.AsSpan());
        foreach (var silo in membership.Active)
        {
            if (!usable(silo))
            {
                continue;
            }

            var score = Hashing.Mix(hash ^ _hashes.GetOrAdd(silo, static s => Hashing.Of(Encoding.UTF8.GetBytes(s.ToParsableString()))));
            if (best is null || score > bestScore)
            {
                (best, bestScore) = (silo, score);
            }
        }

        return best;
    }

    /// <summary>Remembers where a grain answered.</summary>
    public void Note(GrainId grain, SiloAddress silo)
    {
        if (_seen.Count >= maxPlaces)
        {
            _seen.Clear();
        }

        _seen[grain] = silo;
    }

    // A silo that joins is to get its share of grains that are activated anew.
    void ISiloStatusListener.SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Active)
        {
            _seen.Clear();
        }
        else if (status == SiloStatus.Dead)
        {
            _hashes.TryRemove(updatedSilo, out _);
        }
    }
}
