namespace Holdfast.Grains.Tasks;

/// <summary>Limits and times of tasks.</summary>
public sealed class TaskOptions
{
    /// <summary>Bytes of events that may wait for the log, per task. Smaller: generators wait sooner; larger: more is lost with a process. Default: 1 MiB.</summary>
    public int PendingBytes { get; set; } = 1 << 20;

    /// <summary>Largest event in bytes. Default: 256 KiB.</summary>
    public int MaxEventBytes { get; set; } = 256 << 10;

    /// <summary>Largest result in bytes. Default: 4 MiB.</summary>
    public int MaxResultBytes { get; set; } = 4 << 20;

    /// <summary>A result up to this size is part of its event; a larger one is fetched by itself. Default: 64 KiB.</summary>
    public int InlineResultBytes { get; set; } = 64 << 10;

    /// <summary>Largest checkpoint in bytes. Default: 256 KiB.</summary>
    public int MaxCheckpointBytes { get; set; } = 256 << 10;

    /// <summary>A checkpoint up to this size is part of the head, which is written with every change; a larger one is a blob. Default: 1 KiB.</summary>
    public int InlineCheckpointBytes { get; set; } = 1 << 10;

    /// <summary>Most events of one task. Default: 1,000,000.</summary>
    public long MaxEvents { get; set; } = 1_000_000;

    /// <summary>Largest history of one task in bytes. Default: 256 MiB.</summary>
    public long MaxHistoryBytes { get; set; } = 256L << 20;

    /// <summary>Attempts when the creator names no number. Default: 3.</summary>
    public int DefaultMaxAttempts { get; set; } = 3;

    /// <summary>Wait before the second attempt; doubles with each. Default: 1 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between attempts. Default: 30 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Part by which a wait between attempts is spread to either side. Default: 0.2.</summary>
    public double RetryJitter { get; set; } = 0.2;

    /// <summary>Interruptions in a row, without a new checkpoint, that count as a failed attempt. Default: 10.</summary>
    public int MaxInterruptions { get; set; } = 10;

    /// <summary>An attempt without any event or checkpoint for so long has failed. Default: 5 min.</summary>
    public TimeSpan NoProgressLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A worker's hold on a task without renewal. Smaller: a vanished worker is noticed sooner; larger: more patience with slow ones. Default: 30 s.</summary>
    public TimeSpan WorkerLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker has to wind up after a cancel. Default: 10 s.</summary>
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A front that does not renew for so long watches no more. Default: 10 s.</summary>
    public TimeSpan FeedLease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>No task is cancelled for want of viewers so soon after its activation: they may be on their way back. Default: 15 s.</summary>
    public TimeSpan DisconnectGrace { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Event keys per task by which repetitions are recognised. Default: 4,096.</summary>
    public int KnownKeys { get; set; } = 4096;

    /// <summary>Broken tries per task whose borders compact replay keeps apart; beyond, older history is replayed unmerged. Default: 1,024.</summary>
    public int MaxCuts { get; set; } = 1024;

    /// <summary>Answered reviews that a task remembers. Default: 32.</summary>
    public int MaxReviews { get; set; } = 32;

    /// <summary>Largest batch that is pushed to a front; beyond it the front pulls. Default: 1 MiB.</summary>
    public int MaxBatchBytes { get; set; } = 1 << 20;

    /// <summary>How long running generators may take to stop when their process goes down. Default: 5 s.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Repetitions of an append whose outcome is unknown, before the task steps down and leaves it to recovery. Default: 3.</summary>
    public int AppendRetries { get; set; } = 3;

    /// <summary>Wait before the first repetition of an append; doubles with each. Default: 100 ms.</summary>
    public TimeSpan AppendRetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);
}
