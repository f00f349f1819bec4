using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

internal sealed partial class ClientNode
{
    [LoggerMessage(7063, LogLevel.Warning, "The cluster's table could not be read; the client goes on with what it knows.")]
    private static partial void LogNotRead(ILogger logger, Exception exception);

    [LoggerMessage(7064, LogLevel.Information, "No silo can be reached yet; it is tried again.")]
    private static partial void LogRetry(ILogger logger, Exception exception);
}
