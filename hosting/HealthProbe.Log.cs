using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

public static partial class HealthProbe
{
    [LoggerMessage(3002, LogLevel.Warning, "Not ready: the {Part} does not answer")]
    private static partial void Ill(ILogger logger, string part, Exception reason);
}
