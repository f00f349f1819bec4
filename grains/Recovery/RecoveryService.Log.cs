using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Recovery;

internal sealed partial class RecoveryService
{
    [LoggerMessage(1040, LogLevel.Information, "{Count} tasks that no living silo had are being worked on again")]
    private static partial void Recovered(ILogger logger, int count);

    [LoggerMessage(1041, LogLevel.Warning, "Task {TaskId} could not be brought back; the next sweep tries again")]
    private static partial void TouchFailed(ILogger logger, string taskId, Exception reason);

    [LoggerMessage(1042, LogLevel.Warning, "A sweep for orphaned tasks failed; the next one tries again")]
    private static partial void SweepFailed(ILogger logger, Exception reason);
}
