using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Holdfast.Bench.Servers;

/// <summary>Says which types a server allocates: the runtime tells of every 100 KiB, by the object that filled them.</summary>
internal sealed class AllocationSampler : EventListener
{
    private const EventKeywords GarbageCollector = (EventKeywords)1;
    private readonly ConcurrentDictionary<string, long> _bytes = new(StringComparer.Ordinal);

    /// <summary>Listens for a while. The largest come first, in parts of all.</summary>
    public static async Task<IReadOnlyList<string>> SampleAsync(TimeSpan duration)
    {
        using var sampler = new AllocationSampler();
        await Task.Delay(duration);
        var all = Math.Max(1, sampler._bytes.Values.Sum());
        return [.. sampler._bytes.OrderByDescending(one => one.Value).Take(60).Select(one => $"{one.Value * 100.0 / all,6:0.0} %  {one.Key}")];
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Verbose, GarbageCollector);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) == true
            && eventData.Payload?[eventData.PayloadNames!.IndexOf("TypeName")] is string type)
        {
            _bytes.AddOrUpdate(type, 1, static (_, count) => count + 1);
        }
    }
}
