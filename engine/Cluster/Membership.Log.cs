using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal sealed partial class Membership
{
    [LoggerMessage(7060, LogLevel.Information, "Silo {Name} at {Silo} is {Status}.")]
    private static partial void LogChanged(ILogger logger, string name, SiloAddress silo, SiloStatus status);

    [LoggerMessage(7061, LogLevel.Error, "The status listener {Listener} failed.")]
    private static partial void LogListenerFailed(ILogger logger, Type listener, Exception exception);
}
