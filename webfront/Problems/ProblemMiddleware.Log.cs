namespace Holdfast.WebFront.Problems;

internal sealed partial class ProblemMiddleware
{
    [LoggerMessage(2030, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Failed(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(EventId = 2031, Message = "{Method} {Path} could not be answered: {Code}")]
    private static partial void Unavailable(ILogger logger, LogLevel level, string method, PathString path, string code, Exception reason);
}
