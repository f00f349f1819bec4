using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Logs.Sqlite;

internal static partial class SqliteLogStoreLog
{
    [LoggerMessage(1110, LogLevel.Information, "The log store is open: {Path}. {RecoveredLogs} logs were brought up to date after the last run.")]
    public static partial void Opened(ILogger logger, string path, int recoveredLogs);

    [LoggerMessage(1111, LogLevel.Information, "The log store is closed.")]
    public static partial void Closed(ILogger logger);
}
