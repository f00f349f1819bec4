using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

internal sealed partial class TcpConnector
{
    [LoggerMessage(7073, LogLevel.Warning, "A connection from {Peer} was not accepted: {Reason}")]
    private static partial void LogNotAccepted(ILogger logger, string peer, string reason);
}
