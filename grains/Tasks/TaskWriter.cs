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

    // There is one append in flight at most: its state is the writer's, and an event costs no closure.
    private LogFlush? _flush;
    private int _repetition;
    private Action<Task<AppendResult>>? _answered;

    /// <summary>Starts an append if something waits and none is in flight. Any thread.</summary>
    public void Kick()
    {
        if (log.TryTake() is { } flush)
        {
            (_flush, _repetition) = (flush, 0);
            Begin(flush);
        }
    }

    private void Begin(LogFlush flush)
    {
        // Straight from the store's thread to the grain's scheduler: one hop, whoever kicked.
        _answered ??= Answered;
        _ = store.AppendAsync(flush.Append).AsTask().ContinueWith(_answered, CancellationToken.None, TaskContinuationOptions.None, scheduler);
    }

    private void Answered(Task<AppendResult> answer)
    {
        var flush = _flush!;
        AppendResult result;
        try
        {
            result = answer.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Repeat(flush, e);
            return;
        }

        if (!IsStored(flush.Append, result, _repetition > 0))
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

    private void Repeat(LogFlush flush, Exception reason)
    {
        if (_repetition >= options.AppendRetries)
        {
            Lose(reason);
            return;
        }

        var delay = options.AppendRetryDelay * Math.Pow(2, _repetition++);
        AppendUnknown(logger, flush.Append.Id, _repetition, reason);
        _ = Task.Delay(delay, clock).ContinueWith(_ => Begin(flush), CancellationToken.None, TaskContinuationOptions.None, scheduler);
    }

    private void Lose(Exception reason)
    {
        log.Close(reason);
        Lost(reason);
    }
}
