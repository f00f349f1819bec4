using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>By what tasks are found in the store.</summary>
public static class TaskTags
{
    /// <summary>On every task's log, and on no other.</summary>
    public static readonly LogTag Any = new("task", "1");

    /// <summary>On tasks that are not terminal.</summary>
    public static readonly LogTag Open = new("open", "1");

    /// <summary>On tasks that are terminal: what retention looks at.</summary>
    public static readonly LogTag Ended = new("open", "0");

    /// <summary>By status.</summary>
    public static LogTag Status(GenerationStatus status) => new("status", status.Wire());

    /// <summary>By kind.</summary>
    public static LogTag Kind(string kind) => new("kind", kind);

    /// <summary>By principal.</summary>
    public static LogTag Owner(string owner) => new("owner", owner);

    /// <summary>By the silo incarnation that has it.</summary>
    public static LogTag Silo(string silo) => new("silo", silo);

    /// <summary>By one of the creator's labels.</summary>
    public static LogTag Label(string name, string value) => new("label:" + name, value);

    /// <summary>All tags of a task in this state.</summary>
    public static IReadOnlyList<LogTag> Of(TaskHead head)
    {
        var tags = Of(head.Kind, head.Owner, head.Labels, head.Status);
        if (!head.IsTerminal)
        {
            tags.Add(Silo(head.Silo ?? ""));
        }

        return tags;
    }

    /// <summary>Those that a list may ask for.</summary>
    internal static List<LogTag> Of(string kind, string owner, IReadOnlyDictionary<string, string> labels, GenerationStatus status) =>
        [Any, status.IsTerminal() ? Ended : Open, Status(status), Kind(kind), Owner(owner), .. labels.Select(label => Label(label.Key, label.Value))];
}
