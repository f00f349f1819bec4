using System.Text.Json;

using Holdfast.Grains.Recovery;

namespace Holdfast.Chaos.Judging;

/// <summary>
/// How long a task that nobody watches stood still while everything was well. A viewer wakes its task by coming; whatever had to wake one that has
/// none was recovery, which hears of deaths by events and has its sweep only as the net.
/// </summary>
internal static class Standstill
{
    /// <summary>So long at most: half of what the net alone would take, and many times what a busy machine needs.</summary>
    public static TimeSpan Limit { get; } = new RecoveryOptions().SweepPeriod / 2;

    /// <summary>The longest time between two events of a log, without the time in which something was broken.</summary>
    /// <param name="log">The log.</param>
    /// <param name="outages">When something was broken.</param>
    public static TimeSpan Longest(IReadOnlyList<JsonElement> log, IReadOnlyList<Outage> outages)
    {
        var times = log.Select(one => one.GetProperty("ts").GetDateTimeOffset()).ToList();
        return times.Zip(times.Skip(1)).Select(pair => pair.Second - pair.First - outages.Aggregate(TimeSpan.Zero, (sum, outage) => sum + outage.Within(pair.First, pair.Second)))
            .DefaultIfEmpty().Max();
    }
}

/// <summary>A time in which something was broken, until all of the cluster was ready again.</summary>
/// <param name="From">Its begin.</param>
/// <param name="To">Its end.</param>
internal readonly record struct Outage(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>How much of it lies within another time.</summary>
    public TimeSpan Within(DateTimeOffset from, DateTimeOffset to)
    {
        var shared = (to < To ? to : To) - (from > From ? from : From);
        return shared > TimeSpan.Zero ? shared : TimeSpan.Zero;
    }
}
