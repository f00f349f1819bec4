using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Logs.Redis;

internal sealed partial class RedisLink
{
    [LoggerMessage(1154, LogLevel.Warning, "Redis gave no answer for {Time}: a new connection takes the place of the one before")]
    private static partial void Replaced(ILogger logger, TimeSpan time);

    [LoggerMessage(1155, LogLevel.Warning, "A new connection to Redis could not be made, or the one before not be closed; it is tried again")]
    private static partial void NotReplaced(ILogger logger, Exception reason);
}
