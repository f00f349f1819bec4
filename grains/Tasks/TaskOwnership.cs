using System.Collections.Concurrent;
using System.Threading.Channels;

using Microsoft.Extensions.Hosting;

namespace Holdfast.Grains.Tasks;

/// <summary>Which tasks this silo writes, and which silos may be succeeded.</summary>
/// <param name="local">This silo.</param>
/// <param name="oracle">The others.</param>
/// <param name="lifetime">Whether it is going down.</param>
/// <param name="maxLost">How many lost tasks it notes at most.</param>
public sealed class TaskOwnership(ILocalSiloDetails local, ISiloStatusOracle oracle, IHostApplicationLifetime lifetime, int maxLost)
{
    private readonly ConcurrentDictionary<string, byte> _owned = new(StringComparer.Ordinal);
    private readonly Channel<string> _lost = Channel.CreateBounded<string>(new BoundedChannelOptions(maxLost) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>This silo's incarnation, as it stands in the heads of its tasks.</summary>
    public string Silo { get; } = local.SiloAddress.ToParsableString();

    /// <summary>Tasks whose log was lost to this silo while it lives; recovery tries them again. A full list leaves them to the sweep.</summary>
    public ChannelReader<string> LostTasks => _lost.Reader;

    /// <summary>How many tasks this silo writes.</summary>
    public int Count => _owned.Count;

    /// <summary>The silo is going down: it hands over what it has and takes nothing more.</summary>
    public bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>True when this silo writes the task.</summary>
    public bool Owns(string taskId) => _owned.ContainsKey(taskId);

    /// <summary>Whether a task whose recorded writer is <paramref name="silo"/> may be taken over: handed over, ours, or that silo is no more.</summary>
    public bool IsFree(string? silo) =>
        silo is null || silo == Silo || oracle.GetApproximateSiloStatus(SiloAddress.FromParsableString(silo)) is SiloStatus.None or SiloStatus.Dead;

    /// <summary>This silo writes the task from now on.</summary>
    public void Taken(string taskId) => _owned[taskId] = 0;

    /// <summary>It no longer does, as the task has ended or was handed over.</summary>
    public void Released(string taskId) => _owned.TryRemove(taskId, out _);

    /// <summary>It no longer does, against its will.</summary>
    public void Lost(string taskId)
    {
        Released(taskId);
        _lost.Writer.TryWrite(taskId);
    }
}
