using System.Text.Json;

namespace Holdfast.Chaos.Judging;

/// <summary>One event as a viewer got it: its number, its type, and a fingerprint of its bytes.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Type">Its type.</param>
/// <param name="Hash">Of its text; the same within this process only.</param>
/// <param name="Length">Of its text.</param>
internal readonly record struct SeenEvent(long Seq, string Type, int Hash, int Length)
{
    /// <summary>Reads an event.</summary>
    public static SeenEvent Of(JsonElement json)
    {
        var text = json.GetRawText();
        return new SeenEvent(json.GetProperty("seq").GetInt64(), string.Intern(json.GetProperty("type").GetString()!), string.GetHashCode(text, StringComparison.Ordinal), text.Length);
    }

    /// <summary>Whether it is the last one of a task.</summary>
    public bool IsTerminal => Type is "completed" or "failed" or "cancelled";
}

/// <summary>What one viewer has seen of its task over all its connections, judged as it comes.</summary>
/// <param name="task">The task.</param>
/// <param name="name">Who watches, for people.</param>
internal sealed class ViewerRecord(string task, string name)
{
    private readonly List<SeenEvent> _events = [];
    private readonly List<string> _faults = [];
    private string? _epoch;
    private long _lastAt;

    /// <summary>The task.</summary>
    public string Task => task;

    /// <summary>Who watches.</summary>
    public string Name => name;

    /// <summary>Everything it was given, in the order in which it came.</summary>
    public IReadOnlyList<SeenEvent> Events => _events;

    /// <summary>What must not have happened.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Connections made.</summary>
    public int Connections { get; set; }

    /// <summary>The longest time between two events that it was given.</summary>
    public TimeSpan LongestPause { get; private set; }

    /// <summary>Whether it saw the end.</summary>
    public bool Finished => _events.Count > 0 && _events[^1].IsTerminal;

    /// <summary>Where to go on; null before the first event.</summary>
    public string? Cursor => _events.Count == 0 ? null : $"{_epoch}:{_events[^1].Seq}";

    /// <summary>The log that the connection is of.</summary>
    public void Epoch(string epoch)
    {
        if (_epoch is not null && _epoch != epoch)
        {
            Fault($"the epoch changed from {_epoch} to {epoch}, though no record was lost");
        }

        _epoch = epoch;
    }

    /// <summary>Takes an event.</summary>
    public void Add(JsonElement json)
    {
        var now = TimeProvider.System.GetTimestamp();
        var seen = SeenEvent.Of(json);
        var expected = _events.Count == 0 ? 1 : _events[^1].Seq + 1;
        if (seen.Seq != expected)
        {
            Fault($"event {seen.Seq} came where {expected} was due (connection {Connections})");
        }
        else if (Finished)
        {
            Fault($"event {seen.Seq} followed the terminal one");
        }

        if (_lastAt != 0 && TimeProvider.System.GetElapsedTime(_lastAt, now) is var pause && pause > LongestPause)
        {
            LongestPause = pause;
        }

        _lastAt = now;
        _events.Add(seen);
    }

    /// <summary>Says what must not have happened.</summary>
    public void Fault(string what) => _faults.Add(what);
}
