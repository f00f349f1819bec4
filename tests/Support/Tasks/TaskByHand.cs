using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;

namespace Holdfast.TestSupport.Tasks;

/// <summary>A task whose log a test writes step by step: its rules, its encoding and its store are the real ones, and only its grain is missing.</summary>
internal sealed class TaskByHand
{
    private static readonly JsonElement Point = JsonElement.Parse("1");

    private readonly TaskMachine _machine;
    private readonly TaskLog _log;
    private readonly ILogStore _store;

    private TaskByHand(string id, ILogStore store, OpenedLog opened, TaskOptions options, TimeProvider clock)
    {
        (Id, _store, _machine) = (id, store, new TaskMachine(options));
        _log = new TaskLog(id, opened, TaskHead.Parse(opened.Head.Span), default, options, clock);
    }

    /// <summary>The task.</summary>
    public string Id { get; }

    /// <summary>Where the stored log stands.</summary>
    public FeedPosition Position
    {
        get
        {
            var head = _log.StoredHead;
            return new(_log.Epoch, _log.Fence, _log.StoredSeq, head.IsTerminal, head.CheckpointSeq, head.Cuts, head.CutsDroppedUpTo);
        }
    }

    /// <summary>Creates a task in a store, with its first two events.</summary>
    public static async Task<TaskByHand> StartAsync(ILogStore store, string id, TaskOptions options, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var head = new TaskHead { Kind = "by-hand", Owner = "anonymous", MaxAttempts = int.MaxValue, RequestDigest = "", CreatedAt = now, UpdatedAt = now };
        await store.CreateAsync(new NewLog(id, head.ToBytes(), TaskTags.Of(head)));
        var task = new TaskByHand(id, store, await store.OpenAsync(id) ?? throw new InvalidOperationException("There is no such log."), options, clock);
        task._log.Make(TaskMachine.Created);
        task.Start();
        await task.StoreAsync();
        return task;
    }

    /// <summary>Work starts.</summary>
    public void Start() => _log.Make((head, step) => TaskMachine.Started(head, step, "hand", null));

    /// <summary>The work says something.</summary>
    public void Append(bool checkpoint, params EventDraft[] events) =>
        _log.Make((head, step) => _machine.Appended(head, step, events, checkpoint ? Point : null));

    /// <summary>The attempt fails, and another one starts.</summary>
    public void FailAttempt()
    {
        _log.Make((head, step) => _machine.AttemptFailed(head, step, new TaskError("by_hand", "Told to.", true), 0.5));
        Start();
    }

    /// <summary>The work is interrupted, and goes on.</summary>
    public void Interrupt()
    {
        _log.Make((head, step) => _machine.Interrupted(head, step, 0.5));
        Start();
    }

    /// <summary>The task ends.</summary>
    public void Complete() => _log.Make((head, step) => _machine.Completed(head, step, Point));

    /// <summary>Stores everything since the last time, in one append, and gives what was stored.</summary>
    public async Task<RecordRun> StoreAsync()
    {
        if (_log.TryTake() is not { } flush)
        {
            return RecordRun.Empty;
        }

        var result = await _store.AppendAsync(flush.Append);
        if (result.Outcome != AppendOutcome.Ok)
        {
            throw new InvalidOperationException($"The append was answered {result.Outcome}.");
        }

        _log.Stored(flush);
        _log.Finish(flush);
        return flush.Append.Records;
    }
}
