using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Tasks;

internal sealed partial class TaskWriter
{
    [LoggerMessage(1001, LogLevel.Warning, "Task {TaskId}: the outcome of an append is unknown; repetition {Repetition}")]
    private static partial void AppendUnknown(ILogger logger, string taskId, int repetition, Exception reason);
}
