using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal sealed partial class Links
{
    [LoggerMessage(7071, LogLevel.Warning, "There is no connection to {Silo} yet; it is tried again.")]
    private static partial void LogNotConnected(ILogger logger, SiloAddress silo, Exception exception);
}
