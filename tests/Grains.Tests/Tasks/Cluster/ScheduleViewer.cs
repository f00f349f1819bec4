using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>A front with one viewer: what it is pushed it shows when it continues, and everything else it reads from the log.</summary>
internal sealed class ScheduleViewer(ILogReader logs, string task) : IFeedObserver
{
    private readonly Lock _gate = new();
    private readonly List<string> _shown = [];
    private readonly List<string> _faults = [];

    /// <summary>The task.</summary>
    public string Task => task;

    /// <summary>How the task reaches it; null while it is cut off.</summary>
    public IFeedObserver? Reference { get; set; }

    /// <summary>The events that it has shown, and what must not have happened.</summary>
    public (IReadOnlyList<string> Shown, IReadOnlyList<string> Faults) Look()
    {
        lock (_gate)
        {
            return ([.. _shown], [.. _faults]);
        }
    }

    /// <inheritdoc/>
    public async ValueTask OnBatchAsync(FeedBatch batch)
    {
        var stored = await logs.ReadAsync(task, Math.Max(0, batch.Events.First - 1), new LogLimit(1000, 1 << 22));
        lock (_gate)
        {
            if (stored!.LastSeq < batch.Position.LastSeq)
            {
                _faults.Add($"Event {batch.Position.LastSeq} was told, and the log had {stored.LastSeq}.");
            }

            if (!batch.Events.IsEmpty && !stored.Records.UpTo(batch.Events.Last).Bytes.Span.SequenceEqual(batch.Events.Bytes.Span))
            {
                _faults.Add($"Events {batch.Events.First} to {batch.Events.Last} are other bytes in the log.");
            }

            if (!batch.Events.IsEmpty && batch.Events.First <= _shown.Count + 1)
            {
                _shown.AddRange(batch.Events.After(_shown.Count).Texts());
            }
        }

        await ReadUpToAsync(batch.Position.LastSeq);
    }

    /// <summary>Shows what it lacks up to an event that somebody spoke of.</summary>
    public async Task ReadUpToAsync(long seq)
    {
        while (true)
        {
            long after;
            lock (_gate)
            {
                after = _shown.Count;
            }

            if (after >= seq || await logs.ReadAsync(task, after, new LogLimit(1000, 1 << 22)) is not { Records.IsEmpty: false } page)
            {
                return;
            }

            lock (_gate)
            {
                _shown.AddRange(page.Records.UpTo(seq).After(_shown.Count).Texts());
            }
        }
    }
}
