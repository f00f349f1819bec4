using System.Text;
using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;

namespace Holdfast.Grains.Tests.Roadmap;

/// <summary>An event as a viewer would read it, but for its number and time.</summary>
internal sealed record Seen(string Type, JsonElement Data)
{
    public string Text => $"{Type} {Data.GetRawText()}";

    public string? String(string field) => Data.GetProperty(field).GetString();

    public static Seen Of(EventDraft draft) =>
        new(draft.Type, draft.Progress is { } progress ? JsonSerializer.SerializeToElement(progress, EventJson.Default.Progress) : JsonElement.Parse(draft.Data.Span));
}

/// <summary>What a process that dies leaves its generator with.</summary>
internal sealed class CrashedException : Exception;

/// <summary>
/// The log of a task, as a generator sees it: keeps what was appended, answers reviews, and can die after any append.
/// What was appended after the last checkpoint is superseded when the next run begins, as on the platform.
/// </summary>
internal sealed class RecordingContext(JsonElement input) : IGeneratorContext
{
    private readonly List<Seen> _events = [];
    private int _covered;
    private int _appends;

    public string TaskId => "t_roadmap1";

    public JsonElement Input { get; } = input;

    public JsonElement Checkpoint { get; private set; }

    public int Attempt => 1;

    public TimeProvider Clock => TimeProvider.System;

    public IReadOnlyList<Seen> Events => _events;

    public List<JsonElement> Checkpoints { get; } = [];

    public List<ReviewRequest> Reviews { get; } = [];

    public int Flushes { get; private set; }

    /// <summary>How the next review is answered; asked again, the answer is the same.</summary>
    public Func<ReviewRequest, ReviewAnswer> Answer { get; set; } = _ => throw new InvalidOperationException("Nobody was to be asked.");

    /// <summary>After so many appends in a run, the process dies.</summary>
    public int? DiesAfter { get; set; }

    /// <summary>Called after every append.</summary>
    public Action<Seen> OnEvent { get; set; } = _ => { };

    public static RecordingContext Of(object input) => new(JsonSerializer.SerializeToElement(input));

    /// <summary>A new process takes over: what no checkpoint covers is gone.</summary>
    public void Restart()
    {
        _events.RemoveRange(_covered, _events.Count - _covered);
        (_appends, DiesAfter) = (0, null);
    }

    public ValueTask AppendAsync(IReadOnlyList<EventDraft> events, JsonElement? checkpoint = null)
    {
        if (_appends++ == DiesAfter) throw new CrashedException();
        Assert.NotEmpty(events);
        _events.AddRange(events.Select(Seen.Of));
        if (checkpoint is { } stored)
        {
            Checkpoint = stored;
            Checkpoints.Add(stored);
            _covered = _events.Count;
        }

        foreach (var draft in events) OnEvent(Seen.Of(draft));
        return ValueTask.CompletedTask;
    }

    public ValueTask FlushAsync()
    {
        Flushes++;
        return ValueTask.CompletedTask;
    }

    public ValueTask<ReviewAnswer> ReviewAsync(ReviewRequest request)
    {
        Reviews.Add(request);
        return ValueTask.FromResult(Answer(request));
    }

    public string Transcript() => string.Join('\n', _events.Select(seen => seen.Text));

    /// <summary>The sizes of all that is stored, in bytes.</summary>
    public IEnumerable<int> Sizes() => _events.Select(seen => Encoding.UTF8.GetByteCount(seen.Data.GetRawText()));
}
