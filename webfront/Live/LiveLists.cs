using Holdfast.Grains.Logs;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>The lists that live streams show on this front: one for each filter, however many look.</summary>
internal sealed class LiveLists(FrontContext front, TaskNotices notices)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveList> _lists = new(StringComparer.Ordinal);

    /// <summary>The list of a filter, until it is disposed; null when there are as many lists as there may be.</summary>
    public Look? Enter(IReadOnlyList<LogTag> filter)
    {
        // No name and no value has a NUL.
        var key = string.Join('\0', filter.Select(tag => $"{tag.Name}\0{tag.Value}").Order(StringComparer.Ordinal));
        lock (_gate)
        {
            if (!_lists.TryGetValue(key, out var list))
            {
                if (_lists.Count >= front.Options.MaxLiveLists)
                {
                    return null;
                }

                _lists[key] = list = new LiveList(front, notices, filter);
            }

            list.Looks++;
            return new Look(this, key, list);
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
internal sealed class LiveList(FrontContext front, TaskNotices notices, IReadOnlyList<LogTag> filter)
{
    private readonly SharedReading<LiveListing> _reading = new(front.Clock, front.Options.LivePeriod / 2);

    /// <summary>How many streams show it.</summary>
    public int Looks { get; set; }

    /// <summary>The list of this moment, or of half a period ago.</summary>
    public Task<LiveListing> ReadAsync() => _reading.ReadAsync(ReadAnewAsync);

    private async Task<LiveListing> ReadAnewAsync()
    {
        // What is heard from here on may not be in it any more.
        var heard = notices.Heard;
        return new LiveListing(front, heard, await front.Logs.ListAsync(new LogQuery(filter, MaxListed)));
    }

    private const int MaxListed = 500;
}
