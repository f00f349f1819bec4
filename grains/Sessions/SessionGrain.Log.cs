using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Sessions;

internal sealed partial class SessionGrain
{
    [LoggerMessage(1030, LogLevel.Debug, "Session {SessionId}: front {Front} could not be told to end its connection")]
    private static partial void FrontUnreachable(ILogger logger, string sessionId, string front, Exception reason);
}
