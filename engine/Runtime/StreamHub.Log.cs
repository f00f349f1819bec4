using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

internal sealed partial class StreamHub
{
    [LoggerMessage(7050, LogLevel.Debug, "A subscription to {Hub} could not be renewed; it is tried again.")]
    private static partial void LogRenewalFailed(ILogger logger, object hub, Exception exception);
}
