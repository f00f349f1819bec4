using Holdfast.Grains.Logs;

using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// Drives a task's log into the store: one append in flight, repeated while its outcome is unknown, and everything that waits in the next.
/// Whoever has accepted something kicks it; what follows an answer happens on the grain's scheduler.
/// </summary>
internal sealed partial class TaskWriter(TaskLog log, ILogStore store, TaskScheduler scheduler, TaskOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>The log being written.</summary>
    public TaskLog Log => log;

    /// <summary>Called on the grain's scheduler when an append is stored.</summary>
    public required Action<LogFlush> Stored { get; init; }

    /// <summary>Called on the grain's scheduler, once, when the log is lost to this writer.</summary>
    public required Action<Exception> Lost { get; init; }

    /// <summary>Starts an append if something waits and none is in flight. Any thread.</summary>
    public void Kick()
    {
        if (log.TryTake() is { } flush)
        {
            Begin(flush, 0);
        }
    }

    private void Begin(LogFlush flush, int repetition)
    {
        // Straight from the store's thread to the grain's scheduler: one hop, whoever kicked.
        _ = store.AppendAsync(flush.Append).AsTask().ContinueWith(
            answer => Answered(flush, repetition, answer), CancellationToken.None, TaskContinuationOptions.None, scheduler);
    }

    private void Answered(LogFlush flush, int repetition, Task<AppendResult> answer)
    {
        AppendResult result;
        try
        {
            result = answer.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Repeat(flush, repetition, e);
            return;
        }

        if (!IsStored(flush.Append, result, repetition > 0))
        {
            Lose(new InvalidOperationException($"The append was answered {result.Outcome}, last record {result.LastSeq}."));
            return;
        }

        log.Stored(flush);
        Stored(flush);
        Kick();
    }

    /// <summary>Whether an answer means that the append is in the log. Only a repetition may find that it was stored before.</summary>
    private static bool IsStored(LogAppend append, AppendResult result, bool repeated) => result.Outcome switch
    {
        AppendOutcome.Ok => true,
        AppendOutcome.Mismatch => repeated && append.Records.Count > 0 && result.LastSeq == append.ExpectedLastSeq + append.Records.Count,
        AppendOutcome.Sealed => repeated && append.Seal && result.LastSeq == append.ExpectedLastSeq + append.Records.Count,
        _ => false,
    };

    private void Repeat(LogFlush flush, int repetition, Exception reason)
    {
        if (repetition >= options.AppendRetries)
        {
            Lose(reason);
            return;
        }

        AppendUnknown(logger, flush.Append.Id, repetition + 1, reason);
        _ = Task.Delay(options.AppendRetryDelay * Math.Pow(2, repetition), clock).ContinueWith(
            _ => Begin(flush, repetition + 1), CancellationToken.None, TaskContinuationOptions.None, scheduler);
    }

    private void Lose(Exception reason)
    {
        log.Close(reason);
        Lost(reason);
    }
}
