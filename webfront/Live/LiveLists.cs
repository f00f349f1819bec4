using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>The lists that live streams show on this front: one for each filter, however many look. Each hears of the tasks that its filter fits.</summary>
internal sealed class LiveLists
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveList> _lists = new(StringComparer.Ordinal);
    private readonly FrontContext _front;

    public LiveLists(FrontContext front, TaskNotices notices)
    {
        _front = front;
        notices.Heard += Hear;
    }

    /// <summary>The list of a filter, until it is disposed; null when there are as many lists as there may be.</summary>
    public Look? Enter(IReadOnlyList<LogTag> filter)
    {
        // No name and no value has a NUL.
        var key = string.Join('\0', filter.Select(tag => $"{tag.Name}\0{tag.Value}").Order(StringComparer.Ordinal));
        lock (_gate)
        {
            if (!_lists.TryGetValue(key, out var list))
            {
                if (_lists.Count >= _front.Options.MaxLiveLists)
                {
                    return null;
                }

                _lists[key] = list = new LiveList(_front, filter);
            }

            list.Looks++;
            return new Look(this, key, list);
        }
    }

    private void Hear(TaskNotice notice)
    {
        LiveList[] lists;
        lock (_gate)
        {
            lists = [.. _lists.Values];
        }

        var tags = notice.Tags();
        foreach (var list in lists)
        {
            list.Hear(tags);
        }
    }

    private void Leave(string key, LiveList list)
    {
        lock (_gate)
        {
            if (--list.Looks == 0)
            {
                _lists.Remove(key);
            }
        }
    }

    /// <summary>One stream's look at a list.</summary>
    internal sealed class Look(LiveLists lists, string key, LiveList list) : IDisposable
    {
        public LiveList List => list;

        /// <inheritdoc/>
        public void Dispose() => lists.Leave(key, list);
    }
}

/// <summary>The newest tasks that fit a filter, read for all who look at them.</summary>
internal sealed class LiveList(FrontContext front, IReadOnlyList<LogTag> filter)
{
    private const int MaxListed = 500;

    private readonly SharedReading<LiveListing> _reading = new(front.Clock, front.Options.LivePeriod / 2);
    private long _heard;

    /// <summary>How many streams show it.</summary>
    public int Looks { get; set; }

    /// <summary>Goes up with every notice of a task that is in it, or was before.</summary>
    public long Heard => Volatile.Read(ref _heard);

    /// <summary>Something was heard: those that show it look again.</summary>
    public event Action? Changed;

    /// <summary>Takes note of a task, where it has to do with this list.</summary>
    /// <param name="tags">What it has now, and what it had.</param>
    public void Hear(IReadOnlyList<IReadOnlySet<LogTag>> tags)
    {
        if (tags.Any(all => filter.All(all.Contains)))
        {
            Interlocked.Increment(ref _heard);
            Changed?.Invoke();
        }
    }

    /// <summary>The list of this moment, or of half a period ago.</summary>
    public Task<LiveListing> ReadAsync() => _reading.ReadAsync(ReadAnewAsync);

    private async Task<LiveListing> ReadAnewAsync()
    {
        // What is heard from here on may not be in it any more.
        var heard = Heard;
        return new LiveListing(front, heard, await front.Logs.ListAsync(new LogQuery(filter, MaxListed)));
    }
}
