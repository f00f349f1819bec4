using System.Globalization;
using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Tasks;

namespace Holdfast.Grains.Tests.Tasks;

/// <summary>Asks a task's rules for every command, in the states in which its grain would, and holds every step to what the protocol says.</summary>
internal sealed class MachineModel
{
    private static readonly JsonElement Value = JsonElement.Parse("""{"at":1}""");

    private readonly TaskOptions _options = new() { MaxInterruptions = 3, MaxReviews = 3, MaxCuts = 4, WorkerLease = TimeSpan.FromSeconds(12), CancelGrace = TimeSpan.FromSeconds(7) };
    private readonly TaskMachine _machine;
    private readonly List<(string Type, JsonElement Data)> _events = [];
    private readonly List<string> _asked = [];
    private readonly HashSet<string> _resolved = [];
    private readonly List<long> _cuts = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _apart;
    private TaskHead _head;
    private long _covered;
    private int _interruptions;
    private int _leases;

    public MachineModel()
    {
        _machine = new TaskMachine(_options);
        _head = new TaskHead { Kind = "k", Owner = "o", MaxAttempts = 4, RequestDigest = "", CreatedAt = _now };
        Do(TaskMachine.Created(_head, Step));
    }

    private Step Step => new(_events.Count + 1, _now) { Steady = Steady };

    /// <summary>What the writer's clock shows; what is told never goes back, whatever that does.</summary>
    private DateTimeOffset Steady => _now + _apart;

    private bool Works => _head.Status is GenerationStatus.Running or GenerationStatus.AwaitingReview;

    public void Run(IEnumerable<MachineCommand> commands)
    {
        foreach (var command in commands)
        {
            try
            {
                Ask(command);
            }
            catch (RefusedException refused)
            {
                Assert.True(refused.Refusal.Code is "review_pending" or "history_limit" or "review_not_pending", refused.Refusal.Code);
            }
        }
    }

    private void Ask(MachineCommand command)
    {
        switch (command)
        {
            case MachineCommand.Start start:
                var lease = start.Worker ? new WorkerLease($"l{++_leases}", "w", Steady + _options.WorkerLease) : null;
                Do(TaskMachine.Started(_head, Step, start.Worker ? "w" : "builtin", lease));
                break;
            case MachineCommand.Append append when Works:
                var drafts = Enumerable.Range(0, append.Events).Select(n => EventDraft.Token("c", "t")).ToList();
                if (append.Percent is { } percent)
                {
                    drafts.Add(EventDraft.ProgressOf(percent));
                }

                Cover(append.Checkpoint, drafts.Count);
                Do(_machine.Appended(_head, Step, drafts, append.Checkpoint ? Value : null));
                break;
            case MachineCommand.Renew renew when _head.Lease is not null:
                Cover(renew.Checkpoint, 0);
                Do(_machine.LeaseRenewed(_head, Step, renew.Checkpoint ? Value : null));
                Assert.Equal(Steady + _options.WorkerLease, _head.Lease.ExpiresAt);
                break;
            case MachineCommand.Complete when Works:
                Do(_machine.Completed(_head, Step, Value, _head.Lease?.Id));
                break;
            case MachineCommand.Fail fail when Works:
                Fail(_head.Lease is { } held
                    ? _machine.AttemptFailed(_head, Step, new TaskError("broken", "", fail.Retryable), 0.5, held.Id)
                    : _machine.AttemptFailed(_head, Step, new TaskError("broken", "", fail.Retryable), 0.5));
                break;
            case MachineCommand.Interrupt:
                Interrupt();
                break;
            case MachineCommand.Cancel:
                Do(_machine.Cancelled(_head, Step, "why", "who"));
                break;
            case MachineCommand.AskReview ask when Works:
                var id = $"r{_asked.Count}";
                var wait = ask.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : default(TimeSpan?);
                if (Do(_machine.ReviewRequired(_head, Step, id, new ReviewRequest(Name(ask.Key), "?", Value, wait, ask.OnExpire))))
                {
                    _asked.Add(id);
                }

                break;
            case MachineCommand.Decide decide when _asked.Count > 0:
                var review = _asked[Math.Max(0, _asked.Count - 1 - decide.Ago)];
                Do(TaskMachine.ReviewResolved(_head, Step, review, new ReviewAnswer(decide.Decision, null, default), "who"));
                break;
            case MachineCommand.Pass pass:
                _now += TimeSpan.FromSeconds(pass.Seconds);
                Do(_machine.ReviewExpired(_head, Step, 0.5));
                Do(TaskMachine.CancelOverdue(_head, Step));
                Assert.False(_head.CancelRequested?.Deadline <= Steady);
                if (_head.Lease?.ExpiresAt <= Steady)
                {
                    Interrupt();
                }

                break;
            case MachineCommand.TakeOver { SecondsApart: var apart } when !_head.IsTerminal:
                _apart = TimeSpan.FromSeconds(apart);
                Do(_machine.TakenOver(_head, Step, $"s{apart}"));
                CheckWait(_head.NotBefore, RetryPolicy.DelayBefore(_head.Attempt, _options, 1));
                CheckWait(_head.Lease?.ExpiresAt, _options.WorkerLease);
                CheckWait(_head.CancelRequested?.Deadline, _options.CancelGrace);
                CheckWait(_head.PendingReview?.ExpiresAt, _head.PendingReview?.ExpiresIn ?? default);
                break;
        }
    }

    private void CheckWait(DateTimeOffset? end, TimeSpan atMost) => Assert.False(end - Steady > atMost, $"{end - Steady} are left of {atMost}.");

    private static string Name(int key) => key.ToString(CultureInfo.InvariantCulture);

    private void Fail(Change? change)
    {
        var attempt = _head.Attempt;
        if (Do(change) && !_head.IsTerminal)
        {
            Assert.Equal((attempt + 1, GenerationStatus.Queued), (_head.Attempt, _head.Status));
            Assert.Equal(Steady + RetryPolicy.DelayBefore(_head.Attempt, _options, 0.5), _head.NotBefore);
            _interruptions = 0;
        }
    }

    private void Interrupt()
    {
        var before = _head;
        var made = Do(_machine.Interrupted(_head, Step, 0.5));
        Assert.Equal(before.Status == GenerationStatus.Running || (before.Status == GenerationStatus.AwaitingReview && before.Lease is not null), made);
        if (!made || _head.IsTerminal || before.Status == GenerationStatus.AwaitingReview)
        {
            return;
        }

        // So many in a row without a checkpoint are a failure.
        _interruptions = _head.Attempt > before.Attempt ? 0 : _interruptions + 1;
        Assert.True(_interruptions < _options.MaxInterruptions, $"{_interruptions} interruptions were no failure.");
        Assert.Equal(_interruptions, _head.Interruptions);
    }

    private void Cover(bool checkpoint, int events)
    {
        if (checkpoint)
        {
            (_covered, _interruptions) = (_events.Count + events, 0);
        }
    }

    /// <summary>Takes a step, and checks it against the state before it.</summary>
    private bool Do(Change? change)
    {
        if (change is null)
        {
            return false;
        }

        var before = _head;
        Assert.False(before.IsTerminal, "A terminal task went on.");
        Assert.True(Allowed(before.Status, change.Head.Status), $"{before.Status} became {change.Head.Status}.");
        Assert.True(change.Head.UpdatedAt >= before.UpdatedAt, "The state's time went back.");
        Assert.Equal(change.Head.IsTerminal, change.Seal);
        foreach (var draft in change.Events)
        {
            _events.Add((draft.Type, JsonElement.Parse(draft.Data.Span)));
            CheckEvent(draft.Type, _events[^1].Data, before, change.Head);
        }

        _head = change.Head;
        CheckState();
        return true;
    }

    private static bool Allowed(GenerationStatus from, GenerationStatus to) => from == to || (from, to) switch
    {
        (GenerationStatus.Queued, GenerationStatus.Running or GenerationStatus.Cancelled) => true,
        (GenerationStatus.Running or GenerationStatus.AwaitingReview, _) => true,
        _ => false,
    };

    private void CheckEvent(string type, JsonElement data, TaskHead before, TaskHead after)
    {
        switch (type)
        {
            case EventTypes.Started:
                Assert.Equal(before.Attempt, data.GetProperty("attempt").GetInt32());
                break;
            case EventTypes.Retrying:
                var interrupted = data.GetProperty("reason").GetString() == "interrupted";
                Assert.Equal(before.Attempt + (interrupted ? 0 : 1), data.GetProperty("attempt").GetInt32());
                Assert.Equal(interrupted, data.GetProperty("delay_ms").GetInt64() == 0);
                var supersedes = _covered > 0 ? _covered : _events.FindIndex(one => one.Type == EventTypes.Started) + 1;
                Assert.Equal(supersedes, data.GetProperty("supersedes_after").GetInt64());
                if (_cuts.Count == 0 || _cuts[^1] != supersedes)
                {
                    _cuts.Add(supersedes);
                }

                break;
            case EventTypes.Progress:
                Assert.InRange(data.GetProperty("percent").GetDouble(), before.Progress?.Percent ?? 0, 100);
                break;
            case EventTypes.ReviewRequired:
                Assert.Null(before.PendingReview);
                break;
            case EventTypes.ReviewResolved:
                Assert.Equal(before.PendingReview!.ReviewId, data.GetProperty("review_id").GetString());
                Assert.True(_resolved.Add(before.PendingReview.ReviewId), "A review was decided twice.");
                break;
            case EventTypes.Completed or EventTypes.Failed or EventTypes.Cancelled:
                Assert.Equal(after.Status.Wire(), type);
                break;
        }
    }

    private void CheckState()
    {
        var terminal = _events.FindIndex(one => EventTypes.IsTerminal(one.Type));
        Assert.Equal(_head.IsTerminal ? _events.Count - 1 : -1, terminal);
        Assert.Equal(_head.Status == GenerationStatus.AwaitingReview, _head.PendingReview is not null);
        Assert.Equal(_head.IsTerminal, _head.FinishedAt is not null);
        Assert.InRange(_head.Attempt, 1, _head.MaxAttempts);
        Assert.True(_head.Lease is null || Works, "A task that nobody works on has a lease.");
        Assert.True(_head.CancelRequested is null || _head.Lease is not null || Works, "A cancel waits for nobody.");
        Assert.True(_head.Reviews.Count <= _options.MaxReviews);
        Assert.Equal(_covered, _head.CheckpointSeq);
        Assert.Equal(_cuts.TakeLast(_options.MaxCuts), _head.Cuts);
        Assert.All(_cuts.SkipLast(_options.MaxCuts), cut => Assert.True(cut <= _head.CutsDroppedUpTo));
        Assert.Equal(_cuts.Count <= _options.MaxCuts, _head.CutsDroppedUpTo == 0);

        var bytes = _head.ToBytes();
        Assert.Equal(bytes, TaskHead.Parse(bytes).ToBytes());
    }
}
