using Holdfast.Grains;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Rest;

/// <summary>What the calls on one task have in common: the log is looked at first, so that a garbage id wakes nobody.</summary>
internal sealed class TaskCalls(FrontContext front)
{
    /// <summary>The task's log and state.</summary>
    /// <exception cref="ProblemException">There is no such task.</exception>
    public async Task<(LogState State, TaskHead Head)> FindAsync(string id, CancellationToken cancellationToken)
    {
        var state = TaskIds.IsValid(id) ? await front.Logs.ReadHeadAsync(id, cancellationToken) : null;
        return state is null ? throw NotFound(id) : (state, TaskHead.Parse(state.Head.Span));
    }

    /// <summary>The task's grain, once the task is known to be there.</summary>
    public async Task<ITaskGrain> GrainAsync(string id, CancellationToken cancellationToken)
    {
        await FindAsync(id, cancellationToken);
        return front.Grains.GetGrain<ITaskGrain>(id);
    }

    /// <summary>A grain's answer as a snapshot.</summary>
    /// <exception cref="ProblemException">The grain refused.</exception>
    public static SnapshotResult Answer(TaskReply reply) =>
        reply.Refusal is { } refusal ? throw new ProblemException(refusal) : new SnapshotResult(reply.State!, reply.Viewers);

    /// <summary>There is no such task.</summary>
    public static ProblemException NotFound(string id) => new(RefusalCodes.TaskNotFound, $"There is no task '{id}'; check the id, or create it first.");
}
