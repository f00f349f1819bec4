using Microsoft.Extensions.Logging;

namespace Holdfast.Engine;

internal sealed partial class SiloLease
{
    [LoggerMessage(7065, LogLevel.Warning, "The cluster's table has lost its memory; this silo registers its grains again.")]
    private static partial void LogForgotten(ILogger logger);
}
