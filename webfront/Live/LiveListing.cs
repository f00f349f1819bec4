using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Live;

/// <summary>What stood in a live list at one moment. Messages are encoded once for all who were shown the same before, which is nearly everybody.</summary>
internal sealed class LiveListing
{
    private readonly FrontContext _front;
    private readonly LogList _list;
    private readonly Dictionary<string, LiveMark> _marks = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Task<ControlMessage?>? _snapshot;
    private Task<ControlMessage?>? _change;
    private IReadOnlyDictionary<string, LiveMark>? _changeSince;

    public LiveListing(FrontContext front, long heard, LogList list)
    {
        (_front, Heard, _list) = (front, heard, list);
        foreach (var log in list.Logs)
        {
            _marks[log.Id] = new LiveMark(log.LastSeq, TaskHead.Parse(log.Head.Span).UpdatedAt);
        }
    }

    /// <summary>What had been heard when it was read: see <see cref="LiveList.Heard"/>.</summary>
    public long Heard { get; }

    /// <summary>What somebody who was shown this list has to remember.</summary>
    public IReadOnlyDictionary<string, LiveMark> Marks => _marks;

    /// <summary>The list for somebody who was shown nothing yet, or what has changed in it since; null: nothing.</summary>
    public Task<ControlMessage?> SinceAsync(IReadOnlyDictionary<string, LiveMark>? shown)
    {
        lock (_gate)
        {
            if (shown is null)
            {
                return _snapshot ??= WriteAsync("snapshot", _list.Logs, []);
            }

            if (_changeSince != shown)
            {
                (_changeSince, _change) = (shown, ChangeAsync(shown));
            }

            return _change!;
        }
    }

    private Task<ControlMessage?> ChangeAsync(IReadOnlyDictionary<string, LiveMark> shown)
    {
        var changed = _list.Logs.Where(log => !shown.TryGetValue(log.Id, out var known) || known != _marks[log.Id]).ToList();
        var removed = shown.Keys.Where(id => !_marks.ContainsKey(id)).ToList();
        return changed.Count + removed.Count == 0 ? Task.FromResult<ControlMessage?>(null) : WriteAsync("change", changed, removed);
    }

    private async Task<ControlMessage?> WriteAsync(string type, IReadOnlyList<LogState> tasks, List<string> removed)
    {
        var viewers = await EveryFront.ViewersAsync(_front, tasks);
        return new ControlMessage(type, WireJson.Write(writer =>
        {
            writer.WriteString("type"u8, type);
            ListTasks.Write(writer, tasks, viewers);
            writer.WriteString("next_cursor"u8, _list.NextCursor);
            writer.WriteStartArray("removed"u8);
            removed.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }));
    }
}

/// <summary>How a task stood when a list was read: another mark, and there is something to tell.</summary>
internal readonly record struct LiveMark(long LastSeq, DateTimeOffset UpdatedAt);
