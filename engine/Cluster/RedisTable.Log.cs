using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

internal sealed partial class RedisTable
{
    [LoggerMessage(7066, LogLevel.Warning, "Redis gave no answer for {Time}: a new connection to the cluster's table takes the place of the one before.")]
    private static partial void LogReplaced(ILogger logger, TimeSpan time);
}
