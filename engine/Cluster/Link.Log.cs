using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

internal abstract partial class Link
{
    [LoggerMessage(7070, LogLevel.Information, "The connection to {Peer} is closed: {Reason}.")]
    private static partial void LogClosed(ILogger logger, string peer, string reason);
}
