using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

/// <summary>
/// The end of a silo that finds itself declared dead, or without a membership that it could go by: others have its tasks already, and nothing that it
/// still writes is taken. It ends at once, with an exit code of its own, instead of Orleans' crash with a memory dump.
/// </summary>
internal sealed partial class StepDown(ILogger<StepDown> logger, IEnumerable<ILoggerProvider> logs) : IFatalErrorHandler
{
    /// <summary>The exit code: starting the silo again helps.</summary>
    public const int ExitCode = 69;

    /// <inheritdoc/>
    public bool IsUnexpected(Exception exception) => true;

    /// <inheritdoc/>
    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        SteppedDown(logger, ExitCode, context, exception);

        // What has been logged is on its way to the console; this waits for it. The factory stays: calls that are under way may still ask it for a logger.
        foreach (var log in logs)
        {
            log.Dispose();
        }

        Environment.Exit(ExitCode);
    }
}
