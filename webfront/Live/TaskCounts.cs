using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>How many tasks there are: counted anew when one was heard to have another status, and now and then in any case. One reader at a time.</summary>
internal sealed class TaskCounts
{
    private readonly FrontContext _front;
    private TaskCount? _last;
    private long _heard;
    private long _countedAt;
    private long _countedHeard;

    public TaskCounts(FrontContext front, TaskNotices notices)
    {
        _front = front;
        notices.Heard += notice => _ = notice.ChangesStatus ? Interlocked.Increment(ref _heard) : 0;
    }

    /// <summary>The counts that nothing was heard against.</summary>
    public async Task<TaskCount> ReadAsync()
    {
        var heard = Volatile.Read(ref _heard);
        if (_last is null || heard != _countedHeard || _front.Clock.GetElapsedTime(_countedAt) >= _front.Options.LiveRefresh)
        {
            var countedAt = _front.Clock.GetTimestamp();
            _last = new TaskCount(
                await _front.Logs.CountAsync("status", []), await _front.Logs.CountAsync("kind", [TaskTags.Open]), await _front.Logs.CountAsync("silo", []));
            (_countedAt, _countedHeard) = (countedAt, heard);
        }

        return _last;
    }
}

/// <summary>Tasks by what they are.</summary>
/// <param name="Statuses">By status.</param>
/// <param name="ActiveByKind">Those that have not ended, by kind.</param>
/// <param name="Silos">Those that have not ended, by the silo that writes them.</param>
internal sealed record TaskCount(IReadOnlyDictionary<string, long> Statuses, IReadOnlyDictionary<string, long> ActiveByKind, IReadOnlyDictionary<string, long> Silos);
