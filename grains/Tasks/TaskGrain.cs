using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Recovery;

using Microsoft.Extensions.DependencyInjection;
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
    IOptions<TaskOptions> taskOptions,
    [FromKeyedServices(HoldfastClock.Key)] TimeProvider clock,
    ILogger<TaskGrain> logger) : Grain, ITaskGrain
{
    private readonly TaskOptions _options = taskOptions.Value;
    private readonly TaskMachine _machine = new(taskOptions.Value);
    private readonly Watchers _watchers = new(taskOptions.Value);
    private readonly SteadyTime _time = new(clock);
    private TaskScheduler _scheduler = TaskScheduler.Default;
    private DateTimeOffset _activatedAt;
    private GenerationStatus? _told;
    private bool _leased;
    private string _id = "";

    /// <summary>What was read, while this activation does not write; null: there is no such task.</summary>
    private LogState? _read;

    /// <summary>The log, while this activation is its writer.</summary>
    private TaskWriter? _writer;

    /// <summary>The activation is ending: nothing new is set going.</summary>
    private bool _leaving;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = this.GetPrimaryKeyString();
        _scheduler = TaskScheduler.Current;
        _activatedAt = clock.GetUtcNow();
        _watchers.Deaf = (front, e) => FrontDeaf(logger, _id, front, e);
        _read = await store.ReadHeadAsync(_id, cancellationToken);
        await TakeOverAsync();
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
    }

    /// <inheritdoc/>
    public async Task<TaskReply> CreateAsync(NewTask task)
    {
        if (_read is null && _writer is null)
        {
            var entry = generators.Find(task.Kind);
            if (Refused(entry, task) is { } refusal)
            {
                DeactivateOnIdle();
                return TaskReply.Refused(refusal);
            }

            var created = await CreateLogAsync(task);
            _read = await store.ReadHeadAsync(_id);
            await TakeOverAsync();
            if (created && _writer is { } writer)
            {
                await writer.Log.WhenStoredAsync();
                Created(logger, _id, task.Kind, task.Owner);
                return new TaskReply(null, State(), _watchers.Viewers, Created: true);
            }
        }

        // Before its first event is stored there is nothing to show: whoever takes the task over will see to it.
        if (State() is not { LastSeq: > 0 } state)
        {
            return TaskReply.Refused(Moving());
        }

        var head = TaskHead.Parse(state.Head.Span);
        return head.Owner == task.Owner && head.RequestDigest == task.RequestDigest
            ? new TaskReply(null, state, _watchers.Viewers)
            : TaskReply.Refused(new Refusal(RefusalCodes.TaskExists, "A task of this id exists and was created with another body; choose another task_id.", "task_id"));
    }

    /// <inheritdoc/>
    public Task<TaskReply> GetAsync()
    {
        var state = State();
        if (_writer is null && state is not { Sealed: true })
        {
            // Somebody else writes it, or nobody has created it: what was read goes stale.
            DeactivateOnIdle();
        }

        return Task.FromResult(state is null ? TaskReply.Refused(NotFound(_id)) : new TaskReply(null, state, _watchers.Viewers));
    }

    /// <inheritdoc/>
    public async Task<bool> TouchAsync(string caller)
    {
        await TakeOverAsync(caller);
        if (_writer is null)
        {
            DeactivateOnIdle();
        }

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
        if (State() is not { } state)
        {
            DeactivateOnIdle();
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
        (_read, _writer) = (null, null);
        DeactivateOnIdle();
        Deleted(logger, _id);
        return new TaskReply(null, state);
    }

    private static Refusal NotFound(string id) => new(RefusalCodes.TaskNotFound, $"There is no task '{id}'; it may have been deleted.");

    private static Refusal Moving() =>
        new(RefusalCodes.TaskMoving, "The task is moving to another silo; try again.", RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>The committed state; null when there is no such task.</summary>
    private LogState? State() => _writer?.Log is { } log
        ? new LogState(_id, log.Epoch, log.StoredSeq, log.StoredHead.IsTerminal, log.StoredHead.ToBytes())
        : _read;

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
    /// Becomes the log's writer if the task is not terminal and nobody else alive is. The fence comes first; what follows sees a log that is ours alone.
    /// </summary>
    /// <param name="loser">A silo that says of itself that it is not the writer: a log that was lost could not be told so.</param>
    private async Task TakeOverAsync(string? loser = null)
    {
        if (_writer is not null || _read is null || _read.Sealed || ownership.IsStopping)
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

        var log = new TaskLog(_id, opened, head, await LastTimeAsync(opened.LastSeq), _options, clock, _time) { Keys = await KeysAsync(head) };
        var writer = new TaskWriter(log, store, _scheduler, _options, clock, logger) { Stored = OnStored, Lost = OnLost };
        log.Make((current, step) => opened.LastSeq == 0 ? TaskMachine.Created(current, step) : null);
        log.Make((current, step) => _machine.TakenOver(current, step, ownership.Silo));
        if (generators.Find(head.Kind) is not null)
        {
            if (log.Make((current, step) => _machine.Interrupted(current, step, Random.Shared.NextDouble())) is not null)
            {
                metrics.Interrupted();
            }
        }

        (_writer, _read) = (writer, null);
        if (head.Watched)
        {
            _watchers.Deserted(_activatedAt);
        }

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
        return refusal is null ? new TaskReply(null, State(), _watchers.Viewers) : TaskReply.Refused(refusal);
    }

    /// <summary>Makes a step and waits until it is stored; says why not.</summary>
    private async Task<Refusal?> TryChangeAsync(Func<TaskHead, Step, Change?> rule, IReadOnlyList<string?>? keys = null)
    {
        await TakeOverAsync();
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
                DeactivateOnIdle();
                return NotFound(_id);
            }

            var head = TaskHead.Parse(_read.Head.Span);
            if (!head.IsTerminal)
            {
                DeactivateOnIdle();
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

    /// <summary>On the grain's scheduler, after each append: the accepted state has become the visible one.</summary>
    private void OnStored(LogFlush flush)
    {
        metrics.Stored(flush.Append.Records.Count, clock.GetElapsedTime(flush.TakenAt));
        _watchers.Grown(Position(), flush.Append.Records);
        Send();
        CountLease(!_leaving && flush.Head.Lease is not null);
        if (flush.Head.IsTerminal && flush.Append.Seal)
        {
            ownership.Released(_id);
            metrics.Ended(flush.Head.Kind, flush.Head.Status);
            Ended(logger, _id, flush.Head.Status, _writer!.Log.StoredSeq);
            LetGo();
        }

        if (flush.Head.Status != _told)
        {
            _told = flush.Head.Status;

            // A generator's start and its reviews come from its own thread: what they are waited for begins here.
            SetDeadline(_writer!.Log.Head);
            Tell(flush.Head);
        }
    }

    private void CountLease(bool leased)
    {
        if (leased != _leased)
        {
            _leased = leased;
            metrics.Leased(leased);
        }
    }

    /// <summary>On the grain's scheduler: another writer has the log, or the store is away. Stop, drop what nobody has seen, leave it to recovery.</summary>
    private void OnLost(Exception reason)
    {
        LogLost(logger, _id, reason);
        _leaving = true;
        _run?.End();
        ownership.Lost(_id);
        DeactivateOnIdle();
    }
}
