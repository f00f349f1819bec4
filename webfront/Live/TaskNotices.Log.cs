namespace Holdfast.WebFront.Live;

internal sealed partial class TaskNotices
{
    [LoggerMessage(2040, LogLevel.Debug, "No notices of tasks are heard; lists look for themselves")]
    private static partial void Unheard(ILogger logger, Exception reason);
}
