using Holdfast.Grains.Setup;

namespace Holdfast.Grains.Recovery;

/// <summary>How orphaned tasks are found, and how long ended ones are kept.</summary>
[Section("Recovery")]
public sealed class RecoveryOptions
{
    /// <summary>
    /// How often all tasks are looked through for orphans. Events find them sooner; this is the net. Smaller: what slipped through is found sooner;
    /// larger: fewer listings of all that is open. Default: 60 s.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How many tasks are brought back at once. Smaller: the store is spared; larger: the last of a dead silo's tasks goes on sooner. Default: 32.
    /// </summary>
    [Bounds(1, 10_000)]
    public int Parallel { get; set; } = 32;

    /// <summary>
    /// Wait before a log that was lost to a living silo, or a sweep that failed or left tasks behind, is tried again; while it fails, a fourth of the time that it has been
    /// failing, up to <see cref="SweepPeriod"/>. Smaller: tasks go on sooner; larger: a store that is ill is spared. Default: 500 ms.
    /// </summary>
    [Bounds("00:00:00.001")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Lost logs that wait to be tried again, per silo; the sweep finds the others. Smaller: less memory; larger: fewer of very many tasks wait for
    /// the sweep. Default: 10,000.
    /// </summary>
    [Bounds(1)]
    public int MaxLost { get; set; } = 10_000;

    /// <summary>How long ended tasks are kept. Smaller: less space; larger: they can be looked at for longer. Default: 7 days.</summary>
    [Bounds("00:00:00", "36500.00:00:00")]
    public TimeSpan RetainFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many ended tasks are kept. Smaller and larger: as with <see cref="RetainFor"/>. Default: 100,000.</summary>
    [Bounds(0)]
    public long RetainCount { get; set; } = 100_000;
}
