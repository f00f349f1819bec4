using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal sealed partial class Silo
{
    [LoggerMessage(7040, LogLevel.Information, "Silo {Name} runs at {Address} in cluster {Cluster} on the bundled engine.")]
    private static partial void LogStarted(ILogger logger, string name, SiloAddress address, string cluster);

    [LoggerMessage(7041, LogLevel.Warning, "The silo stops without waiting any longer for {Count} activations.")]
    private static partial void LogImpatient(ILogger logger, int count);

    [LoggerMessage(7042, LogLevel.Information, "Silo {Name} has stopped.")]
    private static partial void LogStopped(ILogger logger, string name);
}
