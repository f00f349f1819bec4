using System.Globalization;
using System.Text;
using System.Text.Json;

using Holdfast.Chaos.Load;

namespace Holdfast.Chaos.Judging;

/// <summary>
/// The one judge of every fault: each viewer's transcript is exactly its task's log from where it began, each log is 1, 2, 3 … with one terminal
/// event at its end, no completed step is there twice, no viewer has left a trace in a log, what nobody watches goes on by itself, and
/// whoever is refused is told whether to come back.
/// </summary>
/// <param name="api">The cluster.</param>
/// <param name="load">A load that is over.</param>
/// <param name="outages">When something was broken.</param>
internal sealed class Oracle(ClusterApi api, TaskLoad load, IReadOnlyList<Outage> outages)
{
    private const int MergedBytes = 64 << 10;

    private readonly List<string> _faults = [];

    /// <summary>How long a task that nobody watched stood still at most while all was well.</summary>
    public TimeSpan LongestStandstill { get; private set; }

    /// <summary>Judges it.</summary>
    /// <returns>What is wrong; nothing when all is well.</returns>
    public async Task<IReadOnlyList<string>> JudgeAsync(CancellationToken cancellationToken)
    {
        var viewers = load.Records.ToLookup(record => record.Task);
        foreach (var task in load.Tasks)
        {
            var log = await api.LogAsync(task.Id, cancellationToken);
            var snapshot = await api.SnapshotAsync(task.Id, cancellationToken);
            _faults.AddRange(JudgeLog(task, log, snapshot).Concat(JudgeTraces(task, log)).Concat(JudgeStandstill(task, log)).Select(fault => $"{task.Id} ({task.Sort}): {fault}"));
            SeenEvent[] events = [.. log.Select(SeenEvent.Of)];
            _faults.AddRange(viewers[task.Id].SelectMany(viewer => JudgeViewer(viewer, log, events)));
        }

        _faults.AddRange(api.Unexplained);
        return _faults;
    }

    private static IEnumerable<string> JudgeLog(LoadedTask task, IReadOnlyList<JsonElement> log, JsonElement snapshot)
    {
        for (var n = 0; n < log.Count; n++)
        {
            if (log[n].GetProperty("seq").GetInt64() != n + 1)
            {
                yield return $"the log has event {log[n].GetProperty("seq")} at place {n + 1}";
                yield break;
            }
        }

        var types = log.Select(one => one.GetProperty("type").GetString()!).ToList();
        var terminal = types.FindIndex(type => type is "completed" or "failed" or "cancelled");
        if (terminal < 0)
        {
            yield return $"there is no terminal event; status {snapshot.GetProperty("status")}, {log.Count} events, the last one {log[^1].GetRawText()}";
            yield break;
        }

        if (terminal != log.Count - 1)
        {
            yield return $"event {terminal + 1} of {log.Count} is terminal";
        }

        var expected = task.Sort == TaskSort.CancelledEcho && types[terminal] == "cancelled" ? "cancelled" : "completed";
        if (types[terminal] != expected || snapshot.GetProperty("status").GetString() != expected)
        {
            yield return $"it ended {types[terminal]}, its snapshot says {snapshot.GetProperty("status")}; {expected} was due: {log[terminal].GetRawText()}";
        }

        foreach (var fault in JudgeSteps(task, log, expected == "completed"))
        {
            yield return fault;
        }
    }

    /// <summary>Every token here is checkpointed with its append: none may be there twice, whatever died in between.</summary>
    private static IEnumerable<string> JudgeSteps(LoadedTask task, IReadOnlyList<JsonElement> log, bool whole)
    {
        if (task.Sort == TaskSort.Roadmap)
        {
            var live = Live(log);
            foreach (var item in live.Where(one => Is(one, "item") && one.GetProperty("data").GetProperty("status").GetString() == "completed")
                .GroupBy(one => one.GetProperty("data").GetProperty("item_id").GetString()).Where(group => group.Count() > 1))
            {
                yield return $"the concept {item.Key} was written {item.Count()} times";
            }

            yield break;
        }

        var steps = log.Where(one => Is(one, "token")).Select(one => one.GetProperty("data").GetProperty("delta").GetString()!)
            .Select(delta => int.Parse(delta.AsSpan(0, delta.IndexOf(':', StringComparison.Ordinal)), CultureInfo.InvariantCulture)).ToList();
        for (var n = 0; n < steps.Count; n++)
        {
            if (steps[n] != n + 1)
            {
                yield return $"step {steps[n]} is there where {n + 1} was due";
                yield break;
            }
        }

        if (whole && steps.Count != task.Steps)
        {
            yield return $"{steps.Count} of {task.Steps} steps are there";
        }
    }

    /// <summary>
    /// Viewers come and go, are cut off, take their sessions over and clean them up. None of that may be in a log: it has the work's own events and
    /// what the load has asked for, and has not changed since it was read when the task had just ended.
    /// </summary>
    private IEnumerable<string> JudgeTraces(LoadedTask task, IReadOnlyList<JsonElement> log)
    {
        foreach (var one in log.Where(one => !IsOfWork(task.Sort, one)))
        {
            yield return $"nobody has asked for this: {one.GetRawText()}";
        }

        if (load.Endings.TryGetValue(task.Id, out var before) && !before.SequenceEqual(log.Select(SeenEvent.Of)))
        {
            yield return "the log has changed since the task's end";
        }
    }

    private static bool IsOfWork(TaskSort sort, JsonElement one)
    {
        var data = one.GetProperty("data");
        return one.GetProperty("type").GetString() switch
        {
            "created" or "started" or "progress" or "token" or "completed" => true,
            "retrying" => sort == TaskSort.FailingEcho || data.GetProperty("reason").GetString() == "interrupted",
            "cancelled" => sort == TaskSort.CancelledEcho && data.GetProperty("reason").GetString() == TaskLoad.CancelReason,
            "review_required" or "review_resolved" => sort == TaskSort.ReviewedEcho,
            "item" or "batch" or "artifact" or "debug" => sort == TaskSort.Roadmap,
            _ => false,
        };
    }

    private IEnumerable<string> JudgeStandstill(LoadedTask task, IReadOnlyList<JsonElement> log)
    {
        if (task.Watched || task.Sort == TaskSort.Roadmap)
        {
            // Roadmaps wait for one another: few are made at once.
            yield break;
        }

        var still = Standstill.Longest(log, outages);
        LongestStandstill = still > LongestStandstill ? still : LongestStandstill;
        if (still > Standstill.Limit)
        {
            yield return $"nobody watched it, and it stood still for {still.TotalSeconds:0.0} s while all was well";
        }
    }

    private static IEnumerable<string> JudgeViewer(ViewerRecord viewer, IReadOnlyList<JsonElement> log, SeenEvent[] events)
    {
        var faults = viewer.Faults.Count > 0 ? viewer.Faults : Compare(viewer, log, events) is { } difference ? [difference] : [];
        return faults.Select(fault => $"{viewer.Name}: {fault}");
    }

    private static string? Compare(ViewerRecord viewer, IReadOnlyList<JsonElement> log, SeenEvent[] events)
    {
        var at = viewer.Begun ?? 0;
        foreach (var seen in viewer.Events)
        {
            if (seen.Seq > log.Count)
            {
                return $"it was given event {seen.Seq}, and the log has {log.Count}";
            }

            if (seen.Merged is { } merged ? Merge(log, seen) != merged : events[seen.Seq - 1] != seen)
            {
                return $"events {seen.From} to {seen.Seq} are not as the log has them";
            }

            at = seen.Seq;
        }

        return at == log.Count && viewer.Begun is not null ? null : $"it was given events {viewer.Begun + 1} to {at} of {log.Count}";
    }

    /// <summary>What these events are merged; null when they must not be.</summary>
    private static MergedTokens? Merge(IReadOnlyList<JsonElement> log, SeenEvent seen)
    {
        var row = log.Skip((int)seen.From - 1).Take((int)(seen.Seq - seen.From + 1)).ToList();
        if (seen.Length > MergedBytes || row.Exists(one => !Is(one, "token")) || Cuts(log).Any(cut => seen.From <= cut && cut < seen.Seq))
        {
            return null;
        }

        var tokens = row.ConvertAll(MergedTokens.Of);
        return tokens.Exists(token => token.Channel != tokens[0].Channel) ? null
            : tokens[^1] with { Delta = tokens.Aggregate(new StringBuilder(), (text, token) => text.Append(token.Delta)).ToString() };
    }

    /// <summary>Where broken tries began: a client drops what came after, and so has to have it by itself.</summary>
    private static IEnumerable<long> Cuts(IReadOnlyList<JsonElement> log) =>
        log.Where(one => Is(one, "retrying")).Select(one => one.GetProperty("data").GetProperty("supersedes_after").GetInt64());

    /// <summary>What is left when everything of a broken try is dropped.</summary>
    private static List<JsonElement> Live(IReadOnlyList<JsonElement> log)
    {
        List<JsonElement> live = [];
        foreach (var one in log)
        {
            if (Is(one, "retrying"))
            {
                var keep = one.GetProperty("data").GetProperty("supersedes_after").GetInt64();
                live.RemoveAll(before => before.GetProperty("seq").GetInt64() > keep);
            }

            live.Add(one);
        }

        return live;
    }

    private static bool Is(JsonElement one, string type) => one.GetProperty("type").GetString() == type;
}
