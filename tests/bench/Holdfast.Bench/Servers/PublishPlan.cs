namespace Holdfast.Bench.Servers;

/// <summary>What to publish.</summary>
/// <param name="Mode">How: see <see cref="PublishMode"/>.</param>
/// <param name="Topics">To which topics.</param>
/// <param name="PerSecond">Paced: events per second and topic.</param>
/// <param name="Events">Paced and burst: events per topic.</param>
/// <param name="Seconds">Closed: how long.</param>
internal sealed record PublishPlan(PublishMode Mode, string[] Topics, double PerSecond = 0, int Events = 0, double Seconds = 0);

/// <summary>How events are published.</summary>
internal enum PublishMode
{
    /// <summary>At a steady rate, whatever becomes of the events.</summary>
    Paced,

    /// <summary>Each topic's next event when the one before it is durable.</summary>
    Closed,

    /// <summary>As fast as the server takes them, in pieces of 100.</summary>
    Burst,
}

/// <summary>What was published.</summary>
/// <param name="Events">So many events.</param>
/// <param name="Seconds">In so many seconds.</param>
internal sealed record PublishResult(long Events, double Seconds);

/// <summary>What a server's runtime has done since the start.</summary>
/// <param name="Allocated">Bytes allocated.</param>
/// <param name="Collections">Collections of any generation.</param>
/// <param name="PausedMs">Time that everything stood still for them.</param>
/// <param name="WorkItems">Items that its thread pool has done.</param>
internal sealed record RuntimeResult(long Allocated, int Collections, double PausedMs, long WorkItems);

/// <summary>Memory of a server after a full collection.</summary>
/// <param name="Managed">Bytes of live objects.</param>
/// <param name="Committed">Bytes that the collector holds.</param>
internal sealed record MemoryResult(long Managed, long Committed);
