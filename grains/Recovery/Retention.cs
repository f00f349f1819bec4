namespace Holdfast.Grains.Recovery;

/// <summary>
/// Which ended tasks have been kept for long enough. One that says it ended later than it is now was ended under a clock that was wrong: it is kept as
/// long as any other from when it was first seen here.
/// </summary>
/// <param name="keepFor">How long ended tasks are kept.</param>
/// <param name="time">Time as it passes.</param>
internal sealed class Retention(TimeSpan keepFor, SteadyTime time)
{
    /// <summary>So many tasks that ended in the future are remembered; others wait until some of these are gone.</summary>
    public const int MostAhead = 10_000;

    private Dictionary<string, DateTimeOffset> _ahead = new(StringComparer.Ordinal);
    private Dictionary<string, DateTimeOffset> _seen = new(StringComparer.Ordinal);

    /// <summary>Begins to look through the tasks: those that were not seen the last time are gone.</summary>
    public void Begin() => (_ahead, _seen) = (_seen, new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal));

    /// <summary>Whether a task has been kept for long enough.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="finishedAt">When it says that it ended.</param>
    /// <param name="now">The clock's time.</param>
    public bool IsOver(string taskId, DateTimeOffset? finishedAt, DateTimeOffset now)
    {
        if (finishedAt is not { } at || at <= now)
        {
            return now - finishedAt > keepFor;
        }

        var since = _ahead.GetValueOrDefault(taskId, time.Now);
        if (_seen.Count < MostAhead)
        {
            _seen.TryAdd(taskId, since);
        }

        return time.Now - since > keepFor;
    }
}
