using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

public sealed partial class FiguresReporter
{
    [LoggerMessage(3003, LogLevel.Debug, "The figures of this process could not be told to the cluster")]
    private static partial void NotReported(ILogger logger, Exception reason);
}
