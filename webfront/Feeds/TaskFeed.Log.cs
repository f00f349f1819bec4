namespace Holdfast.WebFront.Feeds;

internal sealed partial class TaskFeed
{
    [LoggerMessage(2001, LogLevel.Debug, "Task {TaskId} could not be watched; the next tick tries again")]
    private static partial void WatchFailed(ILogger logger, string taskId, Exception reason);

    [LoggerMessage(2002, LogLevel.Debug, "Task {TaskId} could not be told that nobody watches here any more; its lease will run out")]
    private static partial void UnwatchFailed(ILogger logger, string taskId, Exception reason);
}
