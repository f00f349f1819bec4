using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal abstract partial class Node
{
    [LoggerMessage(7030, LogLevel.Debug, "There is no {Target} to take {Method}: the call will time out.")]
    private static partial void LogLost(ILogger logger, GrainId target, Method method);
}
