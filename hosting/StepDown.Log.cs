using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

internal sealed partial class StepDown
{
    [LoggerMessage(3007, LogLevel.Critical, "This silo steps down, with exit code {ExitCode}: {Reason}")]
    private static partial void SteppedDown(ILogger logger, int exitCode, string? reason, Exception? exception);
}
