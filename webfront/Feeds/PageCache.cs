using Holdfast.Grains.Logs;

using Microsoft.Extensions.Options;

namespace Holdfast.WebFront.Feeds;

/// <summary>
/// Pages of older events of all tasks of this front, within a budget of bytes, least recently used go first. However many viewers ask for the
/// same page at once, the store is asked once.
/// </summary>
internal sealed class PageCache(ILogReader logs, IOptions<FrontOptions> options)
{
    private readonly FrontOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly Dictionary<PageKey, Entry> _pages = [];
    private readonly LinkedList<PageKey> _order = new();
    private long _bytes;

    /// <summary>Bytes in the cache.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>
    /// A page that holds the event after <paramref name="after"/>; null when the log is gone or is another one. Pages begin at fixed places, so that
    /// all readers share them wherever they begin.
    /// </summary>
    public async ValueTask<FeedPage?> ReadAsync(string taskId, string epoch, long after)
    {
        var start = after - (after % _options.PageEvents);
        while (true)
        {
            var page = await GetAsync(new PageKey(taskId, epoch, start), after);
            if (page is null || page.Run.IsEmpty || page.Run.Last > after)
            {
                return page;
            }

            start = page.Run.Last;
        }
    }

    private Task<FeedPage?> GetAsync(PageKey key, long after)
    {
        lock (_gate)
        {
            if (_pages.TryGetValue(key, out var entry))
            {
                _order.Remove(entry.Place);
                _order.AddLast(entry.Place);
                if (entry.Page is not { } known || known.Complete || known.Run.Last > after)
                {
                    return entry.Loading;
                }

                // The log has grown since: the page is read again.
                Drop(key, entry);
            }

            var fresh = new Entry(LoadAsync(key), _order.AddLast(key));
            _pages[key] = fresh;
            _ = SettleAsync(key, fresh);
            return fresh.Loading;
        }
    }

    private async Task<FeedPage?> LoadAsync(PageKey key)
    {
        // Off the caller's lock.
        await Task.Yield();
        var limit = new LogLimit((int)(_options.PageEvents - (key.After % _options.PageEvents)), _options.PageBytes);
        var page = await logs.ReadAsync(key.TaskId, key.After, limit);
        if (page is null || page.Epoch != key.Epoch)
        {
            return null;
        }

        var complete = page.Records.Count == limit.Records || page.Records.Last < page.LastSeq;
        return new FeedPage(page.Records, complete, _options.MergedBytes);
    }

    /// <summary>Once a page is there it counts; one that could not be read is not kept.</summary>
    private async Task SettleAsync(PageKey key, Entry entry)
    {
        // Whoever asked for the page gets the exception, if there is one; the next one asks again.
        await ((Task)entry.Loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var page = entry.Loading.IsCompletedSuccessfully ? await entry.Loading : null;
        lock (_gate)
        {
            if (!_pages.TryGetValue(key, out var current) || current != entry)
            {
                return;
            }

            if (page is null)
            {
                Drop(key, entry);
                return;
            }

            // The merged form is made later and is at most as large.
            entry.Page = page;
            entry.Bytes = 2 * page.Bytes;
            _bytes += entry.Bytes;
            while (_bytes > _options.PageCacheBytes && _order.First is { } oldest && oldest.Value != key)
            {
                Drop(oldest.Value, _pages[oldest.Value]);
            }
        }
    }

    private void Drop(PageKey key, Entry entry)
    {
        _pages.Remove(key);
        _order.Remove(entry.Place);
        _bytes -= entry.Bytes;
        entry.Bytes = 0;
    }

    private readonly record struct PageKey(string TaskId, string Epoch, long After);

    private sealed class Entry(Task<FeedPage?> loading, LinkedListNode<PageKey> place)
    {
        public Task<FeedPage?> Loading => loading;

        public LinkedListNode<PageKey> Place => place;

        public FeedPage? Page { get; set; }

        public int Bytes { get; set; }
    }
}
