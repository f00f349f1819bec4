using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal sealed partial class GrainTimer
{
    [LoggerMessage(7020, LogLevel.Error, "A timer of {Grain} threw; it goes on ticking.")]
    private static partial void LogTickFailed(ILogger logger, GrainId grain, Exception exception);
}
