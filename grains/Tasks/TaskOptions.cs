using Holdfast.Grains.Setup;

namespace Holdfast.Grains.Tasks;

/// <summary>Limits and times of tasks.</summary>
[Section("Tasks")]
public sealed class TaskOptions
{
    /// <summary>Bytes of events that may wait for the log, per task. Smaller: generators wait sooner; larger: more is lost with a process. Default: 1 MiB.</summary>
    [Bounds(1)]
    public int PendingBytes { get; set; } = 1 << 20;

    /// <summary>Largest event in bytes. Smaller: no event holds up the others on a slow socket; larger: generators cut their text less often. Default: 256 KiB.</summary>
    [Bounds(1024)]
    public int MaxEventBytes { get; set; } = 256 << 10;

    /// <summary>Largest result in bytes; a larger one fails its task. Smaller: less to store and to fetch; larger: more fits in. Default: 4 MiB.</summary>
    [Bounds(1024)]
    public int MaxResultBytes { get; set; } = 4 << 20;

    /// <summary>
    /// A result up to this size is part of its event; a larger one is fetched by itself. Smaller: viewers are sent less; larger: fewer of them have
    /// to ask. Default: 64 KiB.
    /// </summary>
    [Bounds(0)]
    public int InlineResultBytes { get; set; } = 64 << 10;

    /// <summary>Largest checkpoint in bytes; a larger one is refused. Smaller: cheaper checkpoints; larger: generators may keep more. Default: 256 KiB.</summary>
    [Bounds(1024)]
    public int MaxCheckpointBytes { get; set; } = 256 << 10;

    /// <summary>
    /// A checkpoint up to this size is part of the head, a larger one is a blob. Smaller: the head, which is written with every change, is less;
    /// larger: fewer blobs, which are read by themselves when a task goes on elsewhere. Default: 1 KiB.
    /// </summary>
    [Bounds(0)]
    public int InlineCheckpointBytes { get; set; } = 1 << 10;

    /// <summary>
    /// Most events of one task; beyond, it is refused more. Smaller: a generator that goes mad is stopped sooner; larger: longer texts.
    /// Default: 1,000,000.
    /// </summary>
    [Bounds(100)]
    public long MaxEvents { get; set; } = 1_000_000;

    /// <summary>Largest history of one task in bytes. Smaller and larger: as with <see cref="MaxEvents"/>. Default: 256 MiB.</summary>
    [Bounds(1024)]
    public long MaxHistoryBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Attempts when the creator names no number. Smaller: a task that can't succeed costs less; larger: more bad luck is forgiven. Default: 3.
    /// </summary>
    [Bounds(1)]
    public int DefaultMaxAttempts { get; set; } = 3;

    /// <summary>
    /// Wait before the second attempt; doubles with each. Smaller: sooner back after bad luck; larger: what is ill has time to recover. Default: 1 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between attempts. Smaller: viewers wait less; larger: fewer attempts while something is ill. Default: 30 s.</summary>
    [Bounds("00:00:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Part by which a wait between attempts is spread to either side, 0 to 1. Smaller: waits are as long as said; larger: tasks that failed together
    /// come back apart. Default: 0.2.
    /// </summary>
    [Bounds(0, 1)]
    public double RetryJitter { get; set; } = 0.2;

    /// <summary>
    /// Interruptions in a row, without a new checkpoint, that count as a failed attempt. Smaller: a task that kills its silos does so less often;
    /// larger: more restarts are forgiven. Default: 10.
    /// </summary>
    [Bounds(1)]
    public int MaxInterruptions { get; set; } = 10;

    /// <summary>
    /// An attempt without any event or checkpoint for so long has failed. Smaller: what hangs is noticed sooner; larger: work may be silent for
    /// longer. Default: 5 min.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan NoProgressLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A worker's hold on a task without renewal. Smaller: a vanished worker is noticed sooner; larger: more patience with slow ones. Default: 30 s.</summary>
    [Bounds("00:00:00.1")]
    public TimeSpan WorkerLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How much the clocks of two processes may differ. What is left of a wait that another process stored (a worker's lease, a review's or a cancel's
    /// time, the wait for the next attempt) is so much longer, and never longer than such a wait may be at all. Smaller: a dead worker is noticed sooner
    /// after a silo has died; larger: a living one keeps its lease though clocks differ more. Default: 2 s.
    /// </summary>
    [Bounds("00:00:00", "01:00:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a worker has to wind up after a cancel. Smaller: a cancel is over sooner; larger: more workers end in good order. Default: 10 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A front that does not renew for so long watches no more; several of its <c>Front:FeedRenewal</c>. Smaller: a front that is gone counts less
    /// long as a viewer; larger: pauses of fronts are forgiven. Default: 10 s.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan FeedLease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// No task is cancelled for want of viewers so soon after its activation: they may be on their way back. Smaller: a task that nobody wants ends
    /// sooner; larger: viewers may take longer. Default: 15 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan DisconnectGrace { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Event keys per task by which repetitions are recognised, beside those of the newest batch, which is always recognised as a whole. Smaller: less
    /// memory per task; larger: a worker may repeat what is longer ago. Default: 4,096.
    /// </summary>
    [Bounds(1)]
    public int KnownKeys { get; set; } = 4096;

    /// <summary>
    /// Broken tries per task whose borders compact replay keeps apart; beyond, older history is replayed unmerged. Smaller: a smaller head, which is
    /// written with every change; larger: tasks that broke often are replayed in fewer messages. Default: 1,024.
    /// </summary>
    [Bounds(0)]
    public int MaxCuts { get; set; } = 1024;

    /// <summary>
    /// Reviews that a task may ask for; one more is refused. Smaller: a smaller head, which is written with every change; larger: more rounds.
    /// Default: 32.
    /// </summary>
    [Bounds(0)]
    public int MaxReviews { get; set; } = 32;

    /// <summary>
    /// Shortest time between two notices of a task's progress to lists; those of its status go out at once. Smaller: lists show progress sooner; larger:
    /// fewer notices, and fewer readings of lists. Default: 1 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan NoticePeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Bytes of the newest events that a task keeps for pushing to fronts; a front that is further behind reads the log. Smaller: less memory per
    /// watched task; larger: fewer reads of the log for fronts that lag. Default: 1 MiB.
    /// </summary>
    [Bounds(0)]
    public int MaxBatchBytes { get; set; } = 1 << 20;

    /// <summary>
    /// How long running generators may take to stop when their process goes down, and then what they wrote to be stored. Smaller: a stop is over
    /// sooner; larger: fewer tasks fall back to their last checkpoint. Default: 5 s.
    /// </summary>
    [Bounds("00:00:00")]
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Repetitions of an append whose outcome is unknown, before the task steps down and leaves it to recovery. Smaller: another silo may try
    /// sooner; larger: longer outages of the store pass without that. Default: 3.
    /// </summary>
    [Bounds(0, 10)]
    public int AppendRetries { get; set; } = 3;

    /// <summary>Wait before the first repetition of an append; doubles with each. Smaller: shorter pauses; larger: a store that is ill is spared. Default: 100 ms.</summary>
    [Bounds("00:00:00", "00:01:00")]
    public TimeSpan AppendRetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);
}
