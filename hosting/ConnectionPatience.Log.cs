using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

internal sealed partial class ConnectionPatience
{
    [LoggerMessage(EventId = 3005, Message = "No silo of the cluster {Cluster} can be reached yet: waiting for one")]
    private static partial void Waits(ILogger logger, LogLevel level, string cluster, Exception reason);
}
