using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

public sealed partial class MetricsText
{
    [LoggerMessage(3005, LogLevel.Warning, "The metric {Metric} has {Count} series: /metrics leaves out what has other labels (Process:MaxSeries)")]
    private static partial void Full(ILogger logger, string metric, int count);
}
