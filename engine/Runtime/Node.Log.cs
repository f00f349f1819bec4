using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal abstract partial class Node
{
    [LoggerMessage(7030, LogLevel.Debug, "There is no {Target} to take {Method}: the call will time out.")]
    private static partial void LogLost(ILogger logger, GrainId target, Method method);

    [LoggerMessage(EventId = 7062, Message = "The cluster's table cannot be asked; what is known goes on, but when a silo's lease is over, nothing new starts there.")]
    private static partial void LogTableAway(ILogger logger, LogLevel level, Exception exception);

    [LoggerMessage(7063, LogLevel.Information, "The cluster's table answers again, after {Failures} failures.")]
    private static partial void LogTableBack(ILogger logger, int failures);
}
