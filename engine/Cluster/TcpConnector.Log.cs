using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal sealed partial class TcpConnector
{
    [LoggerMessage(7072, LogLevel.Warning, "{Silo} could not be connected: {Reason}")]
    private static partial void LogNotConnected(ILogger logger, SiloAddress silo, string reason);

    [LoggerMessage(7073, LogLevel.Warning, "A connection from {Peer} was not accepted: {Reason}")]
    private static partial void LogNotAccepted(ILogger logger, string peer, string reason);
}
