using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Feeds;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Logs;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// A task's grain: a thin skin around <see cref="TaskMachine"/> (the rules), <see cref="TaskLog"/> and <see cref="TaskWriter"/> (the log),
/// <see cref="GeneratorRun"/> (the work) and <see cref="Watchers"/> (the fronts). This part: where the log comes from and where it goes.
/// </summary>
[GrainType("holdfast.task")]
internal sealed partial class TaskGrain(
    ILogStore store,
    GeneratorCatalog generators,
    GeneratorPlaces places,
    TaskOwnership ownership,
    TaskMetrics metrics,
    LocalFeeds feeds,
    IOptions<TaskOptions> taskOptions,
    TimeProvider clock,
    ILogger<TaskGrain> logger) : Grain, ITaskGrain
{
    private readonly TaskOptions _options = taskOptions.Value;
    private readonly TaskMachine _machine = new(taskOptions.Value);
    private readonly SteadyTime _time = new(clock);
    private TaskScheduler _scheduler = TaskScheduler.Default;
    private Task? _opening;
    private DateTimeOffset _takenOverAt;

    /// <summary>The last stored state that the grain had to act on, and when. It belongs to whoever stores, one append after the other.</summary>
    private (TaskHead Head, long At)? _actedOn;
    private TaskDelivery _delivery = null!;
    private NoticePace _pace = new("", TimeSpan.Zero);
    private bool _leased;
    private string _id = "";

    /// <summary>What was read last, while this activation does not write; null: there is no such task. Only a sealed log stays as it was read.</summary>
    private LogState? _read;

    /// <summary>The log, while this activation is its writer.</summary>
    private TaskWriter? _writer;

    /// <summary>The activation is ending: nothing new is set going.</summary>
    private bool _leaving;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // The log is read by the first call: a store that is unavailable fails a call, never an activation.
        _id = this.GetPrimaryKeyString();
        _pace = new NoticePace(_id, _options.NoticePeriod);
        _scheduler = TaskScheduler.Current;
        _delivery = new TaskDelivery(_options, (front, e) => FrontUnresponsive(logger, _id, front, e));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _leaving = true;
        CountLease(false);
        await StopDeadlinesAsync();
        if (_writer is not { } writer)
        {
            return;
        }

        ownership.Released(_id);
        var completion = _run?.Completion ?? Task.CompletedTask;
        _run?.End();
        try
        {
            await completion.WaitAsync(_options.StopGrace, clock, cancellationToken);
            writer.Log.Make((head, step) => head.IsTerminal ? null : new Change(head with { Silo = null, UpdatedAt = step.Now }, []));
            writer.Kick();
            await writer.Log.WhenStoredAsync().WaitAsync(_options.StopGrace, clock, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or TaskLogLostException)
        {
            // What was not stored was seen by nobody; the next writer goes on from the checkpoint.
            HandOverIncomplete(logger, _id, e);
        }

        writer.Log.Close(new ObjectDisposedException(nameof(TaskGrain), "The activation has ended."));
        if (!ownership.IsStopping && !writer.Log.StoredHead.IsTerminal)
        {
            // Orleans ends activations on a silo that lives, too, as when the silo that had them in its part of the directory has died.
            ownership.Lost(_id);
        }
    }

    /// <inheritdoc/>
    public async Task<TaskReply> CreateAsync(NewTask task)
    {
        await ReadyAsync();
        if (State() is null)
        {
            if (Refused(generators.Find(task.Kind), task) is { } refusal)
            {
                return TaskReply.Refused(refusal);
            }

            // The claim comes before the log: of several racing creates with one key, one makes the task.
            if (task.Claim is { } key && await Claims.TakeAsync(store, key, new Claim(_id, task.RequestDigest)) is var claim && claim.TaskId != _id)
            {
                return TaskReply.Claimed(claim);
            }

            var created = await CreateLogAsync(task);
            await ReadyAsync();
            if (created && _writer is { } writer)
            {
                return await CreatedAsync(writer, task);
            }
        }

        // Before its first event is stored there is nothing to show: whoever takes the task over will see to it.
        if (State() is not { LastSeq: > 0 } state)
        {
            return TaskReply.Refused(Moving());
        }

        var head = TaskHead.Parse(state.Head.Span);
        if (head.Owner == task.Owner && head.RequestDigest == task.RequestDigest)
        {
            return new TaskReply(null, state, _delivery.Viewers);
        }

        if (task.Claim is { } unused && head.Claim != unused)
        {
            // No task came of it and none will: the key is free for a better request.
            await Claims.ReleaseAsync(store, unused, _id);
        }

        return TaskReply.Refused(new Refusal(RefusalCodes.TaskExists, "A task of this id exists and was created with another body; choose another task_id.", "task_id"));
    }

    /// <summary>Answers once the first event is durable.</summary>
    private async Task<TaskReply> CreatedAsync(TaskWriter writer, NewTask task)
    {
        try
        {
            await writer.Log.WhenStoredAsync();
        }
        catch (TaskLogLostException)
        {
            // Somebody else has taken it over, or the store is away: the task is there, and the same request again gets it.
            return TaskReply.Refused(Moving());
        }

        Created(logger, _id, task.Kind, task.Owner);
        return new TaskReply(null, State(), _delivery.Viewers, Created: true);
    }

    /// <inheritdoc/>
    public async Task<TaskReply> GetAsync()
    {
        await ReadyAsync();
        return State() is { } state ? new TaskReply(null, state, _delivery.Viewers) : TaskReply.Refused(NotFound(_id));
    }

    /// <inheritdoc/>
    public async Task<bool> TouchAsync(string caller)
    {
        await ReadyAsync(caller);
        return _writer is not null ? !_leaving : _read is not { Sealed: false };
    }

    /// <inheritdoc/>
    public Task<TaskReply> CancelAsync(string? reason, string by) => ChangeAsync((head, step) => _machine.Cancelled(head, step, reason, by));

    /// <inheritdoc/>
    public Task<TaskReply> ReviewAsync(ReviewDecided decided)
    {
        var decision = JsonSerializer.Deserialize($"\"{decided.Decision}\"", TaskJson.Default.ReviewDecision);
        var answer = new ReviewAnswer(decision, decided.Comment, Json.Parse(decided.Edits));
        return ChangeAsync((head, step) => TaskMachine.ReviewResolved(head, step, decided.ReviewId, answer, decided.By));
    }

    /// <inheritdoc/>
    public async Task<TaskReply> DeleteAsync()
    {
        await ReadyAsync();
        if (State() is not { } state)
        {
            return TaskReply.Refused(NotFound(_id));
        }

        var head = TaskHead.Parse(state.Head.Span);
        if (!head.IsTerminal)
        {
            return TaskReply.Refused(new Refusal(RefusalCodes.NotFinished, "Only a task that has ended can be deleted; cancel it first."));
        }

        await store.DeleteAsync(_id);
        if (head.Claim is { } claim)
        {
            await store.DeleteAsync(claim);
        }

        _writer?.Log.Close(new ObjectDisposedException(nameof(TaskGrain), "The task was deleted."));
        Forget();
        Deleted(logger, _id);
        return new TaskReply(null, state);
    }

    private static Refusal NotFound(string id) => new(RefusalCodes.TaskNotFound, $"There is no task '{id}'; it may have been deleted.");

    private static Refusal Moving() =>
        new(RefusalCodes.TaskMoving, "The task is moving to another silo; try again.", RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>The committed state; null when there is no such task.</summary>
    private LogState? State() => _writer?.Log is { } log
        ? StateOf(log, log.StoredState)
        : _read;

    private LogState StateOf(TaskLog log, StoredState stored) => new(_id, log.Epoch, stored.Seq, stored.Head.IsTerminal, stored.Head.ToBytes());

    private static Refusal? Refused(GeneratorEntry? entry, NewTask task)
    {
        if (entry is null)
        {
            return GeneratorCatalog.Reserved.Contains(task.Kind)
                ? new Refusal(RefusalCodes.KindUnavailable, $"The kind '{task.Kind}' is reserved and not available in this version.", "kind")
                : null;
        }

        try
        {
            entry.Generator.Validate(Json.Parse(task.Input));
            return null;
        }
        catch (InvalidInputException e)
        {
            return new Refusal(RefusalCodes.InvalidInput, e.Message, "input." + e.Field);
        }
    }

    private async Task<bool> CreateLogAsync(NewTask task)
    {
        var now = clock.GetUtcNow();
        var head = new TaskHead
        {
            Kind = task.Kind,
            Owner = task.Owner,
            Labels = new SortedDictionary<string, string>(task.Labels, StringComparer.Ordinal),
            MaxAttempts = task.MaxAttempts ?? _options.DefaultMaxAttempts,
            OnDisconnect = task.OnDisconnect,
            RetryOf = task.RetryOf,
            RequestDigest = task.RequestDigest,
            Claim = task.Claim,
            CreatedAt = now,
            UpdatedAt = now,
        };
        return await store.CreateAsync(new NewLog(_id, head.ToBytes(), TaskTags.Of(head), new LogBlob(TaskBlobs.Input, task.Input)));
    }

    /// <summary>
    /// Every call begins here: what is known of the log is read, unless this activation writes it or it is sealed, and taken over if nobody alive writes
    /// it. Calls that come meanwhile share one reading.
    /// </summary>
    /// <param name="loser">A silo that says of itself that it is not the writer: a log that was lost could not be told so.</param>
    /// <exception cref="LogStoreUnavailableException">The store did not answer; the next call asks it again.</exception>
    private Task ReadyAsync(string? loser = null) =>
        _writer is not null || _read is { Sealed: true } ? Task.CompletedTask
        : _opening is { IsCompleted: false } && loser is null ? _opening
        : _opening = OpenAsync(_opening, loser);

    private async Task OpenAsync(Task? before, string? loser)
    {
        if (before is { IsCompleted: false })
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        if (_writer is null)
        {
            _read = await store.ReadHeadAsync(_id);
            await TakeOverAsync(loser);
        }
    }

    /// <summary>Nothing is known of the log any more, and whoever watches has to begin anew.</summary>
    private void Forget()
    {
        (_read, _writer, _offered) = (null, null, false);
        _delivery.End();
        CountLease(false);
        LetGo();
    }

    /// <summary>
    /// Becomes the log's writer if the task is not terminal and nobody else alive is. The fence comes first; what follows sees a log that is ours alone.
    /// </summary>
    private async Task TakeOverAsync(string? loser)
    {
        if (_read is null || _read.Sealed || _leaving || ownership.IsStopping)
        {
            return;
        }

        if (TaskHead.Parse(_read.Head.Span).Silo is { } silo && silo != loser && !ownership.IsFree(silo))
        {
            return;
        }

        if (await store.OpenAsync(_id) is not { } opened)
        {
            _read = null;
            return;
        }

        var head = TaskHead.Parse(opened.Head.Span);
        if (opened.Sealed)
        {
            _read = new LogState(_id, opened.Epoch, opened.LastSeq, true, opened.Head);
            return;
        }

        if (opened.LastSeq > 0)
        {
            _pace.Found(head);
        }

        var log = new TaskLog(_id, opened, head, await LastTimeAsync(opened.LastSeq), _options, clock, _time) { Keys = await KeysAsync(head) };
        var writer = new TaskWriter(log, store, _scheduler, _options, clock, logger) { Stored = OnStored, Lost = OnLost };
        _actedOn = null;
        log.Make((current, step) => opened.LastSeq == 0 ? TaskMachine.Created(current, step) : null);
        log.Make((current, step) => _machine.TakenOver(current, step, ownership.Silo));
        if (generators.Find(head.Kind) is not null)
        {
            if (log.Make((current, step) => _machine.Interrupted(current, step, Random.Shared.NextDouble())) is not null)
            {
                metrics.Interrupted();
            }
        }

        (_writer, _read, _takenOverAt) = (writer, null, _time.Now);
        _delivery.Begin(writer, Position(log, log.StoredState), head.Watched ? _takenOverAt : null);

        ownership.Taken(_id);
        TakenOver(logger, _id, opened.Fence, opened.LastSeq, head.Status);
        KeepAlive();
        writer.Kick();
        Arrange();
    }

    /// <summary>No event may be older than the one before it, whatever the clocks of two silos say.</summary>
    private async Task<DateTimeOffset> LastTimeAsync(long lastSeq)
    {
        if (lastSeq > 0 && await store.ReadAsync(_id, lastSeq - 1, new LogLimit(1, 1)) is { } page)
        {
            foreach (var (_, bytes) in page.Records)
            {
                return EventBytes.Time(bytes.Span);
            }
        }

        return default;
    }

    /// <summary>Makes a step, waits until it is stored, and answers with the state then.</summary>
    private async Task<TaskReply> ChangeAsync(Func<TaskHead, Step, Change?> rule)
    {
        var refusal = await TryChangeAsync(rule);
        return refusal is null ? new TaskReply(null, State(), _delivery.Viewers) : TaskReply.Refused(refusal);
    }

    /// <summary>Makes a step and waits until it is stored; says why not.</summary>
    private async Task<Refusal?> TryChangeAsync(Func<TaskHead, Step, Change?> rule, IReadOnlyList<string?>? keys = null)
    {
        await ReadyAsync();
        try
        {
            if (_writer is { } writer)
            {
                writer.Log.Make(rule, keys);
                writer.Kick();
                Arrange();
                await writer.Log.WhenStoredAsync();
                return null;
            }

            if (_read is null)
            {
                return NotFound(_id);
            }

            var head = TaskHead.Parse(_read.Head.Span);
            if (!head.IsTerminal)
            {
                return Moving();
            }

            // Nothing follows a terminal state: the rule either finds its step made, or refuses.
            return rule(head, new Step(_read.LastSeq + 1, clock.GetUtcNow())) is null ? null
                : throw new InvalidOperationException("A rule wanted to change a terminal task.");
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
        catch (TaskLogLostException)
        {
            return Moving();
        }
    }

    /// <summary>After each append, on the store's thread: what was accepted has become visible. The grain takes a turn only where its state has changed.</summary>
    private void OnStored(TaskWriter writer, LogFlush flush)
    {
        metrics.Stored(flush.Append.Records.Count, clock.GetElapsedTime(flush.TakenAt));
        _delivery.Stored(writer, Position(writer.Log, new StoredState(flush.Head, flush.Append.Records.Last)), flush.Append.Records);
        var head = flush.Head;
        if (_actedOn is not { } last || last.Head.Status != head.Status || last.Head.Lease is null != head.Lease is null
            || (last.Head.Progress != head.Progress && clock.GetElapsedTime(last.At) >= _options.NoticePeriod))
        {
            _actedOn = (head, clock.GetTimestamp());
            _ = Task.Factory.StartNew(() => OnHeadStored(writer, flush), CancellationToken.None, TaskCreationOptions.None, _scheduler);
        }
    }

    /// <summary>On the grain's scheduler, after an append that changed the state.</summary>
    private void OnHeadStored(TaskWriter writer, LogFlush flush)
    {
        if (writer != _writer)
        {
            return;
        }

        CountLease(!_leaving && flush.Head.Lease is not null);
        if (flush.Head.IsTerminal && flush.Append.Seal)
        {
            ownership.Released(_id);
            metrics.Ended(flush.Head.Kind, flush.Head.Status);
            Ended(logger, _id, flush.Head.Status, flush.Append.Records.Last);
            LetGo();
        }

        // A generator's start and its reviews come from its own thread: what they are waited for begins here.
        SetDeadline(writer.Log.Head);
        Tell(flush.Head);
    }

    private void CountLease(bool leased)
    {
        if (leased != _leased)
        {
            _leased = leased;
            metrics.Leased(leased);
        }
    }

    /// <summary>On the grain's scheduler: another writer has the log, or the store is unavailable. Stop, drop what nobody has seen, leave it to recovery.</summary>
    private void OnLost(TaskWriter writer, Exception reason)
    {
        if (writer != _writer)
        {
            return;
        }

        LogLost(logger, _id, reason);
        _run?.End();
        Forget();
        ownership.Lost(_id);
    }
}
