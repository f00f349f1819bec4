using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Tasks;

internal sealed partial class TaskGrain
{
    [LoggerMessage(1010, LogLevel.Information, "Task {TaskId} of kind {Kind} was created by {Owner}")]
    private static partial void Created(ILogger logger, string taskId, string kind, string owner);

    [LoggerMessage(1011, LogLevel.Information, "Task {TaskId} is written here from now on, fence {Fence}, after event {LastSeq}, status {Status}")]
    private static partial void TakenOver(ILogger logger, string taskId, long fence, long lastSeq, GenerationStatus status);

    [LoggerMessage(1012, LogLevel.Information, "Task {TaskId} has ended: {Status}, {LastSeq} events")]
    private static partial void Ended(ILogger logger, string taskId, GenerationStatus status, long lastSeq);

    [LoggerMessage(1013, LogLevel.Warning, "Task {TaskId}: its log is lost to this silo, which steps down")]
    private static partial void LogLost(ILogger logger, string taskId, Exception reason);

    [LoggerMessage(1014, LogLevel.Warning, "Task {TaskId}: not everything could be stored before handing over; the work since the checkpoint will be done again")]
    private static partial void HandOverIncomplete(ILogger logger, string taskId, Exception reason);

    [LoggerMessage(1015, LogLevel.Warning, "Task {TaskId}: attempt {Attempt} failed with {Code}")]
    private static partial void AttemptFailed(ILogger logger, string taskId, int attempt, string code);

    [LoggerMessage(1016, LogLevel.Error, "Task {TaskId}: the generator of kind {Kind} threw in attempt {Attempt}")]
    private static partial void GeneratorThrew(ILogger logger, string taskId, string kind, int attempt, Exception exception);

    [LoggerMessage(1017, LogLevel.Debug, "Task {TaskId}: front {Front} did not take a batch and is sent nothing more until it watches anew")]
    private static partial void FrontUnresponsive(ILogger logger, string taskId, string front, Exception reason);

    [LoggerMessage(1018, LogLevel.Information, "Task {TaskId} was deleted")]
    private static partial void Deleted(ILogger logger, string taskId);

    [LoggerMessage(1019, LogLevel.Debug, "Task {TaskId}: a notice could not be sent")]
    private static partial void NoticeFailed(ILogger logger, string taskId, Exception reason);

    [LoggerMessage(1020, LogLevel.Debug, "Task {TaskId}: the work queue {Kind} could not be told; it looks for itself")]
    private static partial void OfferFailed(ILogger logger, string taskId, string kind, Exception reason);

    [LoggerMessage(1021, LogLevel.Debug, "Task {TaskId}: the generator of kind {Kind} was told to stop, and threw")]
    private static partial void GeneratorThrewWhenStopped(ILogger logger, string taskId, string kind, Exception exception);
}
