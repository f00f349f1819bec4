using System.Text.Json;

namespace Holdfast.Chaos.Judging;

/// <summary>One event as a viewer got it: its number, its type, and a fingerprint of its bytes.</summary>
/// <param name="From">Number of the first event that it stands for: its own, unless tokens were merged.</param>
/// <param name="Seq">Its number.</param>
/// <param name="Type">Its type.</param>
/// <param name="Hash">Of its text; the same within this process only.</param>
/// <param name="Length">Of its text.</param>
/// <param name="Merged">What a merged one says; null for one that is as the log has it.</param>
internal readonly record struct SeenEvent(long From, long Seq, string Type, int Hash, int Length, MergedTokens? Merged)
{
    /// <summary>Reads an event.</summary>
    public static SeenEvent Of(JsonElement json)
    {
        var text = json.GetRawText();
        var seq = json.GetProperty("seq").GetInt64();
        var (from, merged) = json.TryGetProperty("seq_from", out var first) ? (first.GetInt64(), MergedTokens.Of(json)) : (seq, null);
        return new SeenEvent(from, seq, string.Intern(json.GetProperty("type").GetString()!), string.GetHashCode(text, StringComparison.Ordinal), text.Length, merged);
    }

    /// <summary>Whether it is the last one of a task.</summary>
    public bool IsTerminal => Type is "completed" or "failed" or "cancelled";
}

/// <summary>What tokens in a row say together.</summary>
/// <param name="Channel">The text that they belong to.</param>
/// <param name="Delta">Their pieces, one after the other.</param>
/// <param name="Time">Of the last one.</param>
internal sealed record MergedTokens(string Channel, string Delta, string Time)
{
    /// <summary>What a token says, merged or not.</summary>
    public static MergedTokens Of(JsonElement token)
    {
        var data = token.GetProperty("data");
        return new MergedTokens(data.GetProperty("channel").GetString()!, data.GetProperty("delta").GetString()!, token.GetProperty("ts").GetString()!);
    }
}

/// <summary>What one viewer has seen of its task over all its connections, judged as it comes.</summary>
/// <param name="task">The task.</param>
/// <param name="name">Who watches, for people.</param>
/// <param name="compact">Whether it asked for tokens to be merged.</param>
internal sealed class ViewerRecord(string task, string name, bool compact)
{
    private readonly List<SeenEvent> _events = [];
    private readonly List<string> _faults = [];
    private string? _epoch;
    private long _lastAt;

    /// <summary>The task.</summary>
    public string Task => task;

    /// <summary>Who watches.</summary>
    public string Name => name;

    /// <summary>The event after which it began to watch; null until it knows.</summary>
    public long? Begun { get; private set; }

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

    /// <summary>Where to go on; null while it does not know where it began.</summary>
    public string? Cursor => _epoch is null || Begun is null ? null : $"{_epoch}:{Last}";

    private long? Last => _events.Count == 0 ? Begun : _events[^1].Seq;

    /// <summary>The log that the connection is of.</summary>
    public void Epoch(string epoch)
    {
        if (_epoch is not null && _epoch != epoch)
        {
            Fault($"the epoch changed from {_epoch} to {epoch}, though no record was lost");
        }

        _epoch = epoch;
    }

    /// <summary>It watches what comes after this event. Only the first word counts.</summary>
    public void Begin(long after) => Begun ??= after;

    /// <summary>Takes an event.</summary>
    public void Add(JsonElement json)
    {
        var now = TimeProvider.System.GetTimestamp();
        var seen = SeenEvent.Of(json);
        if (seen.From != Last + 1 || seen.Seq < seen.From)
        {
            Fault($"event {seen.From} to {seen.Seq} came after {Last} (connection {Connections})");
        }
        else if (Finished)
        {
            Fault($"event {seen.Seq} followed the terminal one");
        }
        else if (seen.Merged is not null && !compact)
        {
            Fault($"events {seen.From} to {seen.Seq} were merged without having been asked");
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
