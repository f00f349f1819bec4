using Holdfast.Grains.Generators;
using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>The work: who does it, when it starts, and what happens when time passes.</summary>
internal sealed partial class TaskGrain
{
    private GeneratorRun? _run;
    private IGrainTimer? _keepAlive;
    private ITimer? _deadlines;
    private bool _offered;

    /// <summary>Looks at the accepted state and sets going whatever it asks for. Idempotent: called after every step and when time has passed.</summary>
    private void Arrange()
    {
        if (_writer is not { } writer || _leaving)
        {
            return;
        }

        var head = writer.Log.Head;
        if (head.IsTerminal)
        {
            _run?.End();
            return;
        }

        if (generators.Find(head.Kind) is { } entry)
        {
            ArrangeRun(writer, entry);
        }
        else if (head.Status == GenerationStatus.Queued && IsDue(head))
        {
            Offer(head.Kind);
        }
        else if (head.Status == GenerationStatus.Running && head.Lease is null)
        {
            // A review was answered after its worker had gone.
            writer.Log.Make((current, step) => _machine.Interrupted(current, step, Random.Shared.NextDouble()));
            writer.Kick();
            Offer(head.Kind);
        }

        _offered &= head.Status == GenerationStatus.Queued;
        SetDeadline(writer.Log.Head);
    }

    private void ArrangeRun(TaskWriter writer, GeneratorEntry entry)
    {
        if (_run is { Ended: false } run)
        {
            foreach (var review in writer.Log.Head.Reviews.Values)
            {
                run.Resolved(review);
            }

            return;
        }

        if (writer.Log.Head.Status == GenerationStatus.Running)
        {
            // A review was answered after its generator had gone.
            writer.Log.Make((current, step) => _machine.Interrupted(current, step, Random.Shared.NextDouble()));
            writer.Kick();
        }

        // A run that has been ended and does not return is left behind: nothing is taken from it any more.
        if (writer.Log.Head is { Status: GenerationStatus.Queued } head && IsDue(head))
        {
            _run = new GeneratorRun(_id, writer, _machine, places, entry, clock);
            _run.Completion = RunAsync(_run, writer, entry);
        }
    }

    private bool IsDue(TaskHead head) => head.NotBefore is not { } at || at <= _time.Now;

    /// <summary>One run of the generator, from its place in the queue to its outcome. Between turns, on the grain's scheduler.</summary>
    private async Task RunAsync(GeneratorRun run, TaskWriter writer, GeneratorEntry entry)
    {
        try
        {
            await run.EnterAsync();
            var input = await store.ReadBlobAsync(_id, TaskBlobs.Input, run.Stopping) ?? throw new InvalidDataException("The task's input is missing.");
            var head = writer.Log.Head;
            var checkpoint = head.LargeCheckpoint ? Json.Parse(await store.ReadBlobAsync(_id, TaskBlobs.Checkpoint, run.Stopping) ?? default) : head.Checkpoint ?? default;
            if (!Make(run, writer, (current, step) => TaskMachine.Started(current, step, BuiltIn, null)))
            {
                return;
            }

            var result = await run.RunAsync(Json.Parse(input), checkpoint, head.Attempt);
            Make(run, writer, (current, step) => _machine.Completed(current, step, result));
        }
        catch (OperationCanceledException) when (run.Ended)
        {
            // The task had no more use for it.
        }
        catch (GeneratorException e)
        {
            Failed(run, writer, new TaskError(e.Code, e.Message, e.Retryable));
        }
        catch (LogStoreUnavailableException e) when (!run.Ended)
        {
            writer.Log.Close(e);
            OnLost(writer, e);
        }
        catch (Exception e) when (run.Ended)
        {
            // Told to stop, and this is its answer: nothing is taken from it any more.
            GeneratorThrewWhenStopped(logger, _id, entry.Generator.Kind, e);
        }
        catch (Exception e)
        {
            GeneratorThrew(logger, _id, entry.Generator.Kind, run.Attempt, e);
            Failed(run, writer, new TaskError("generator_failed", "The generator failed; its log says why.", true));
        }
        finally
        {
            run.End();
            run.Dispose();
            _run = _run == run ? null : _run;
            Arrange();
        }
    }

    private const string BuiltIn = "builtin";

    private void Failed(GeneratorRun run, TaskWriter writer, TaskError error)
    {
        if (Make(run, writer, (current, step) => _machine.AttemptFailed(current, step, error, Random.Shared.NextDouble())))
        {
            AttemptFailed(logger, _id, run.Attempt, error.Code);
        }
    }

    /// <summary>A step on behalf of a run: nothing, when the task has no more use for it.</summary>
    private static bool Make(GeneratorRun run, TaskWriter writer, Func<TaskHead, Step, Change?> rule)
    {
        if (run.Ended)
        {
            return false;
        }

        try
        {
            var made = writer.Log.Make(rule) is not null;
            writer.Kick();
            return made;
        }
        catch (TaskLogLostException)
        {
            return false;
        }
    }

    /// <summary>Tells the work queue of this kind that the task waits for a worker.</summary>
    private void Offer(string kind)
    {
        if (!_offered)
        {
            _offered = true;
            _ = OfferAsync(kind);
        }
    }

    private async Task OfferAsync(string kind)
    {
        try
        {
            await GrainFactory.GetGrain<IWorkQueueGrain>(kind).OfferAsync(_id);
        }
        catch (Exception e)
        {
            // The queue looks into the store for what was not offered.
            _offered = false;
            OfferFailed(logger, _id, kind, e);
        }
    }

    /// <summary>Time has passed: whatever is due happens. Each rule looks for itself whether it is.</summary>
    private void OnDeadline()
    {
        if (_writer is not { } writer || writer.Log.Head.IsTerminal)
        {
            return;
        }

        var now = _time.Now;
        _delivery.Expire(now);
        try
        {
            var log = writer.Log;
            log.Make((head, step) => _machine.ReviewExpired(head, step, Random.Shared.NextDouble()));
            log.Make(TaskMachine.CancelOverdue);
            log.Make((head, step) => head.Lease is { } lease && lease.ExpiresAt <= step.Steady ? _machine.Interrupted(head, step, Random.Shared.NextDouble()) : null);
            if (log.Head.Status == GenerationStatus.Running && now - log.LastProgress >= _options.NoProgressLimit)
            {
                _run?.End();
                var error = new TaskError("no_progress", $"Nothing was heard of the work for {_options.NoProgressLimit.TotalSeconds:0} s.", true);
                log.Make((head, step) => _machine.AttemptFailed(head, step, error, Random.Shared.NextDouble()));
            }

            if (DesertedAt(log.Head) is { } at && at <= now)
            {
                log.Make((head, step) => _machine.Cancelled(head, step, "nobody watches any more", "on_disconnect"));
            }

            writer.Kick();
            Arrange();
        }
        catch (TaskLogLostException)
        {
            // Whoever closed the log has seen to the rest.
        }
    }

    /// <summary>When the task is cancelled for want of viewers; null when it is not.</summary>
    private DateTimeOffset? DesertedAt(TaskHead head)
    {
        if (head.OnDisconnect?.CancelAfter is not { } after || _delivery.DesertedSince is not { } since)
        {
            return null;
        }

        var due = since + after;
        var earliest = _takenOverAt + _options.DisconnectGrace;
        return due > earliest ? due : earliest;
    }

    private void SetDeadline(TaskHead head)
    {
        if (head.IsTerminal || _writer is null || _leaving)
        {
            return;
        }

        DateTimeOffset?[] all =
        [
            head.Status == GenerationStatus.Queued ? head.NotBefore : null,
            head.Status == GenerationStatus.Running ? _writer.Log.LastProgress + _options.NoProgressLimit : null,
            head.Lease?.ExpiresAt,
            head.CancelRequested?.Deadline,
            head.PendingReview?.ExpiresAt,
            DesertedAt(head),
            _delivery.NextExpiry,
        ];
        var due = all.Min() - _time.Now ?? Timeout.InfiniteTimeSpan;
        if (due != Timeout.InfiniteTimeSpan && due < TimeSpan.FromMilliseconds(1))
        {
            due = TimeSpan.FromMilliseconds(1);
        }

        _deadlines ??= clock.CreateTimer(
            _ => _ = Task.Factory.StartNew(OnDeadline, CancellationToken.None, TaskCreationOptions.None, _scheduler), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _deadlines.Change(due, Timeout.InfiniteTimeSpan);
    }

    private async Task StopDeadlinesAsync()
    {
        if (_deadlines is { } timer)
        {
            _deadlines = null;
            await timer.DisposeAsync();
        }
    }

    /// <summary>A task that is being worked on is never idle, however quiet it is.</summary>
    private void KeepAlive() => _keepAlive ??= this.RegisterGrainTimer(
        static () => Task.CompletedTask, new GrainTimerCreationOptions { DueTime = KeepAlivePeriod, Period = KeepAlivePeriod, KeepAlive = true });

    private void LetGo()
    {
        _keepAlive?.Dispose();
        _keepAlive = null;
        _ = StopDeadlinesAsync();
    }

    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(30);
}
