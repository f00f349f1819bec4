using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Logs.Sqlite;

internal sealed partial class LogWriter
{
    [LoggerMessage(1100, LogLevel.Trace, "Committed {Changes} changes in {Milliseconds:0.0} ms.")]
    private static partial void LogCommitted(ILogger logger, int changes, double milliseconds);

    [LoggerMessage(1101, LogLevel.Error, "A commit of {Changes} changes failed. Their owners are told that the outcome is unknown.")]
    private static partial void LogCommitFailed(ILogger logger, Exception exception, int changes);

    [LoggerMessage(1102, LogLevel.Error, "A failed commit could not be rolled back. The next commit tries again.")]
    private static partial void LogRollbackFailed(ILogger logger, Exception exception);

    [LoggerMessage(1103, LogLevel.Warning, "Copying the write-ahead log or sweeping deleted logs away failed. It is tried again later; nothing is lost.")]
    private static partial void LogHousekeepingFailed(ILogger logger, Exception exception);

    [LoggerMessage(1104, LogLevel.Warning, "The log store could not be tidied up before it was closed. The next start does it; nothing is lost.")]
    private static partial void LogFinishFailed(ILogger logger, Exception exception);
}
