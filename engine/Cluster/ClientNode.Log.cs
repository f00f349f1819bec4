using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

internal sealed partial class ClientNode
{
    [LoggerMessage(7064, LogLevel.Information, "No silo can be reached yet; it is tried again.")]
    private static partial void LogRetry(ILogger logger, Exception exception);
}
