using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

public static partial class HealthProbe
{
    [LoggerMessage(EventId = 3002, Message = "Not ready: the {Part} does not answer")]
    private static partial void Ill(ILogger logger, LogLevel level, string part, Exception reason);

    [LoggerMessage(3004, LogLevel.Information, "The {Part} answers again, after {Failures} failures")]
    private static partial void Well(ILogger logger, string part, int failures);
}
