using System.Globalization;
using System.Text.Json;

using Holdfast.Chaos.Load;

namespace Holdfast.Chaos.Judging;

/// <summary>
/// The one judge of every fault: each viewer's transcript is exactly its task's log, each log is 1, 2, 3 … with one terminal event at its end, and no
/// completed step is there twice.
/// </summary>
internal static class Oracle
{
    /// <summary>Judges a load that is over.</summary>
    /// <returns>What is wrong; nothing when all is well.</returns>
    public static async Task<IReadOnlyList<string>> JudgeAsync(ClusterApi api, TaskLoad load, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        var viewers = load.Records.ToLookup(record => record.Task);
        foreach (var task in load.Tasks)
        {
            var log = await api.LogAsync(task.Id, cancellationToken);
            var snapshot = await api.SnapshotAsync(task.Id, cancellationToken);
            faults.AddRange(JudgeLog(task, log, snapshot).Select(fault => $"{task.Id} ({task.Sort}): {fault}"));
            SeenEvent[] events = [.. log.Select(SeenEvent.Of)];
            faults.AddRange(viewers[task.Id].SelectMany(viewer => JudgeViewer(viewer, events).Select(fault => $"{viewer.Name}: {fault}")));
        }

        return faults;
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

    private static IEnumerable<string> JudgeViewer(ViewerRecord viewer, SeenEvent[] log)
    {
        foreach (var fault in viewer.Faults)
        {
            yield return fault;
        }

        if (viewer.Faults.Count == 0 && !viewer.Events.SequenceEqual(log))
        {
            var at = viewer.Events.Zip(log).TakeWhile(pair => pair.First == pair.Second).Count();
            yield return $"its transcript has {viewer.Events.Count} of {log.Length} events and differs from the log after event {at}";
        }
    }

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
