using Orleans.Concurrency;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// Brings waiting tasks of one kind and external workers together. Key: the kind. It keeps a list in memory only, made anew from the store;
/// who really has a task is decided by the task, so a candidate may turn out to be taken.
/// </summary>
[Alias("holdfast.IWorkQueueGrain")]
public interface IWorkQueueGrain : IGrainWithStringKey
{
    /// <summary>A task waits for a worker. Repeating it changes nothing.</summary>
    [Alias("offer")]
    Task OfferAsync(string taskId);

    /// <summary>The task that has waited longest, taken off the list; null when none waits.</summary>
    [Alias("take")]
    Task<string?> TakeAsync();

    /// <summary>True as soon as a task waits; false after <paramref name="wait"/>, 2 s at most: longer waits are the caller's.</summary>
    [Alias("wait"), AlwaysInterleave]
    Task<bool> WaitAsync(TimeSpan wait);

    /// <summary>How many tasks wait.</summary>
    [Alias("depth"), AlwaysInterleave]
    Task<int> DepthAsync();
}
