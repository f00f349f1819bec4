using System.Runtime.CompilerServices;

using Holdfast.Grains.Logs;

using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// Drives a task's log into the store: one append in flight, repeated while its outcome is unknown, and everything that waits in the next.
/// Whoever has accepted something kicks it; what follows an answer happens on the store's thread, and only a loss on the grain's scheduler.
/// </summary>
internal sealed partial class TaskWriter(TaskLog log, ILogStore store, TaskScheduler scheduler, TaskOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>The log being written.</summary>
    public TaskLog Log => log;

    /// <summary>Called when an append is stored, for one after the other, on whatever thread the store answered. It does not throw.</summary>
    public required Action<TaskWriter, LogFlush> Stored { get; init; }

    /// <summary>Called on the grain's scheduler, once, when the log is lost to this writer.</summary>
    public required Action<TaskWriter, Exception> Lost { get; init; }

    // There is one append in flight at most: its state is the writer's, and an event costs no closure.
    private LogFlush? _flush;
    private int _repetition;
    private ConfiguredValueTaskAwaitable<AppendResult>.ConfiguredValueTaskAwaiter _answer;
    private Action? _answered;

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
        try
        {
#pragma warning disable CA2012 // Its one awaiter is kept, and asked once: what a state machine would do, without one for each append.
            _answer = store.AppendAsync(flush.Append).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception e)
        {
            // Not an answer of the store's: the append itself can't be made.
            Lose(e);
            return;
        }

        // Never in the caller's turn, even if the answer is there already: viewers are told from here, and no grain's turn is theirs.
        _answer.UnsafeOnCompleted(_answered ??= Answered);
    }

    private void Answered()
    {
        if (TakeAnswer() is { } next)
        {
            Begin(next);
        }
    }

    /// <summary>Takes the store's answer, and what waits for the next append; null when nothing does, or not now.</summary>
    private LogFlush? TakeAnswer()
    {
        var flush = _flush!;
        AppendResult result;
        try
        {
            result = _answer.GetResult();
        }
        catch (Exception e)
        {
            Repeat(flush, e);
            return null;
        }

        if (!IsStored(flush.Append, result, _repetition > 0))
        {
            Lose(new InvalidOperationException($"The append was answered {result.Outcome}, last record {result.LastSeq}."));
            return null;
        }

        // Its viewers come first; only then may the next append begin, whose answer could overtake this one.
        log.Stored(flush);
        Stored(this, flush);
        log.Finish(flush);
        if (log.TryTake() is not { } next)
        {
            // From here on another thread may have begun one.
            return null;
        }

        (_flush, _repetition) = (next, 0);
        return next;
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
        _ = Task.Delay(delay, clock).ContinueWith(_ => Begin(flush), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Lose(Exception reason)
    {
        log.Close(reason);
        _ = Task.Factory.StartNew(() => Lost(this, reason), CancellationToken.None, TaskCreationOptions.None, scheduler);
    }
}
