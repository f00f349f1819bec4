using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

public sealed partial class HostBanner
{
    [LoggerMessage(3001, LogLevel.Information, "{What} {Version}: {Lines}")]
    private static partial void Starting(ILogger logger, string what, string version, string lines);

    [LoggerMessage(3006, LogLevel.Information, "Up, at {Addresses}")]
    private static partial void Up(ILogger logger, string addresses);
}
