using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Recovery;

internal sealed partial class RecoveryService
{
    [LoggerMessage(1040, LogLevel.Information, "{Count} tasks that no living silo had are being worked on again")]
    private static partial void Recovered(ILogger logger, int count);

    [LoggerMessage(EventId = 1041, Message = "Task {TaskId} could not be brought back; it is tried again soon, and then less and less often")]
    private static partial void TouchFailed(ILogger logger, LogLevel level, string taskId, Exception reason);

    [LoggerMessage(EventId = 1042, Message = "A sweep for orphaned tasks failed; it is tried again soon, and then less and less often")]
    private static partial void SweepFailed(ILogger logger, LogLevel level, Exception reason);
}
