using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal sealed partial class Activation
{
    [LoggerMessage(7010, LogLevel.Warning, "{Grain} could not be activated.")]
    private static partial void LogActivationFailed(ILogger logger, GrainId grain, Exception exception);

    [LoggerMessage(7011, LogLevel.Warning, "{Grain} failed while it was being deactivated.")]
    private static partial void LogDeactivationFailed(ILogger logger, GrainId grain, Exception exception);

    [LoggerMessage(7012, LogLevel.Error, "A slice of {Grain} failed outside of the grain's own code.")]
    private static partial void LogSliceFailed(ILogger logger, GrainId grain, Exception exception);
}
