using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

internal sealed partial class Silo
{
    [LoggerMessage(7040, LogLevel.Information, "Silo {Name} runs at {Address} in cluster {Cluster} on the bundled engine.")]
    private static partial void LogStarted(ILogger logger, string name, SiloAddress address, string cluster);

    [LoggerMessage(7041, LogLevel.Warning, "The silo stops without waiting any longer for {Count} activations and what others still send.")]
    private static partial void LogImpatient(ILogger logger, int count, Exception exception);

    [LoggerMessage(7042, LogLevel.Information, "Silo {Name} has stopped.")]
    private static partial void LogStopped(ILogger logger, string name);

    [LoggerMessage(7044, LogLevel.Warning, "The register still says that {Grain} is here: it could not be told otherwise.")]
    private static partial void LogNotReleased(ILogger logger, GrainId grain, Exception exception);

    [LoggerMessage(7043, LogLevel.Critical, "Silo {Name} ends at once. {Reason}")]
    private static partial void LogDeclaredDead(ILogger logger, string name, string reason);
}
