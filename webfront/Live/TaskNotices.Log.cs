namespace Holdfast.WebFront.Live;

internal sealed partial class TaskNotices
{
    [LoggerMessage(EventId = 2040, Message = "No notices of tasks are heard; lists look for themselves")]
    private static partial void Unheard(ILogger logger, LogLevel level, Exception reason);

    [LoggerMessage(2041, LogLevel.Information, "Notices of tasks are heard again, after {Failures} failures")]
    private static partial void HeardAgain(ILogger logger, int failures);

    [LoggerMessage(2042, LogLevel.Debug, "A subscription to notices of tasks could not be ended")]
    private static partial void NotLeft(ILogger logger, Exception reason);
}
