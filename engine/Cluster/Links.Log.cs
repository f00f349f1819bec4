using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal sealed partial class Links
{
    [LoggerMessage(7070, LogLevel.Information, "The connection to {Peer} is closed: {Reason}.")]
    private static partial void LogClosed(ILogger logger, string peer, string reason);

    [LoggerMessage(7071, LogLevel.Information, "{Silo} is connected again, after {Failures} attempts that failed.")]
    private static partial void LogBack(ILogger logger, SiloAddress silo, int failures);

    [LoggerMessage(EventId = 7072, Message = "There is no connection to {Silo}: {Reason}. It is tried again in {Delay}, and so on while the silo counts as alive.")]
    private static partial void LogNotConnected(ILogger logger, LogLevel level, SiloAddress silo, string reason, TimeSpan delay);
}
