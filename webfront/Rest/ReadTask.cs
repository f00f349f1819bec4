using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Rest;

/// <summary><c>GET /api/v1/tasks/{id}</c> and its <c>/result</c>.</summary>
internal static class ReadTask
{
    public static async Task<SnapshotResult> HandleAsync(HttpContext http, string taskId, TaskCalls calls, FrontContext front)
    {
        var (state, head) = await calls.FindAsync(taskId, http.RequestAborted);
        return head.IsTerminal ? new SnapshotResult(state, (await EveryFront.ViewersAsync(front, [state]))[0])
            : TaskCalls.Answer(await front.Grains.GetGrain<ITaskGrain>(taskId).GetAsync());
    }

    public static async Task<JsonResult> ResultAsync(HttpContext http, string taskId, TaskCalls calls, FrontContext front)
    {
        var (state, head) = await calls.FindAsync(taskId, http.RequestAborted);
        switch (head.Status)
        {
            case GenerationStatus.Completed:
                break;
            case GenerationStatus.Failed:
                throw new ProblemException(RefusalCodes.TaskFailed, $"The task failed: {head.Error?.Code}. There is no result; POST {Paths.Task(taskId)}/retry makes another try.");
            case GenerationStatus.Cancelled:
                throw new ProblemException(RefusalCodes.TaskCancelled, $"The task was cancelled. There is no result; POST {Paths.Task(taskId)}/retry makes another try.");
            default:
                throw new ProblemException(new Refusal(RefusalCodes.NotFinished, $"The task is {head.Status.Wire()}; watch it, or ask again later.", null, TimeSpan.FromSeconds(1)));
        }

        if (head.LargeResult)
        {
            return new JsonResult(await front.Logs.ReadBlobAsync(taskId, TaskBlobs.Result, http.RequestAborted) ?? throw TaskCalls.NotFound(taskId));
        }

        var page = await front.Logs.ReadAsync(taskId, state.LastSeq - 1, new LogLimit(1, 1), http.RequestAborted) ?? throw TaskCalls.NotFound(taskId);
        foreach (var (_, bytes) in page.Records)
        {
            // {"result":…}: the value alone.
            var data = EventBytes.Data(bytes);
            return new JsonResult(data["{\"result\":".Length..^1]);
        }

        throw new InvalidDataException($"The log of task {taskId} has no last event.");
    }
}
