using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Logs.Redis;

public sealed partial class RedisLogStore
{
    [LoggerMessage(1150, LogLevel.Information, "The log store is Redis, prefix {Prefix}, appendonly {AppendOnly}, appendfsync {Fsync}")]
    private static partial void Opened(ILogger logger, string prefix, string appendOnly, string fsync);

    [LoggerMessage(1151, LogLevel.Warning, "Redis does not flush every write before it answers (appendonly {AppendOnly}, appendfsync {Fsync}): a crash of Redis may lose what was acknowledged, and viewers then start over. Set appendonly yes and appendfsync always")]
    private static partial void NotDurable(ILogger logger, string appendOnly, string fsync);

    [LoggerMessage(1152, LogLevel.Warning, "Redis did not say how it persists; a restart of it will count as a loss of records")]
    private static partial void DurabilityUnknown(ILogger logger, Exception reason);

    [LoggerMessage(1153, LogLevel.Error, "Redis has lost records of log {Id}: it now ends after record {LastSeq}. Its epoch is {Epoch} from now on, and viewers start over")]
    private static partial void RecordsLost(ILogger logger, string id, long lastSeq, string epoch);
}
