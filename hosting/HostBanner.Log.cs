using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

public sealed partial class HostBanner
{
    [LoggerMessage(3001, LogLevel.Information, "{What} {Version}: {Lines}")]
    private static partial void Started(ILogger logger, string what, string version, string lines);
}
