using System.Diagnostics;
using System.Numerics;

namespace Holdfast.Bench.Load;

/// <summary>Counts durations in buckets that are 3 % apart, from a microsecond on.</summary>
internal sealed class Histogram
{
    private const int SubBuckets = 32;
    private readonly long[] _counts = new long[64 * SubBuckets];

    /// <summary>How many durations.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a duration in ticks of <see cref="Stopwatch"/>.</summary>
    public void Add(long ticks)
    {
        var micros = Math.Max(1, ticks * 1_000_000 / Stopwatch.Frequency);
        var power = BitOperations.Log2((ulong)micros);
        var sub = power < 5 ? (int)((micros << (5 - power)) & (SubBuckets - 1)) : (int)((micros >> (power - 5)) & (SubBuckets - 1));
        _counts[(power * SubBuckets) + sub]++;
        Count++;
    }

    /// <summary>The duration in milliseconds that so large a part of all stays below.</summary>
    public double Percentile(double part)
    {
        var left = (long)Math.Ceiling(part * Count);
        for (var i = 0; i < _counts.Length; i++)
        {
            left -= _counts[i];
            if (left <= 0)
            {
                return Math.Pow(2, i / SubBuckets) * (1 + ((i % SubBuckets) / (double)SubBuckets)) / 1000;
            }
        }

        return 0;
    }

    /// <summary>Starts over.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }
}
