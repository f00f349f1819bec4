using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

internal sealed partial class SweepClock
{
    [LoggerMessage(7001, LogLevel.Error, "Looking for calls whose time is up failed.")]
    private static partial void LogSweepFailed(ILogger logger, Exception exception);
}
