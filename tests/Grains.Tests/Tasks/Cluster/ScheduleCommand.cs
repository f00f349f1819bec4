namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>One thing that happens to silos, tasks or viewers, between any two others.</summary>
public abstract record ScheduleCommand
{
    /// <summary>How many viewers there are.</summary>
    public const int Viewers = 3;

    /// <summary>A silo is killed, unless it is the last one.</summary>
    public sealed record Kill(int Silo) : ScheduleCommand;

    /// <summary>A silo stops in good order, unless it is the last one.</summary>
    public sealed record Stop(int Silo) : ScheduleCommand;

    /// <summary>A silo starts.</summary>
    public sealed record Start : ScheduleCommand;

    /// <summary>Somebody who is no silo takes a log's fence and does nothing with it: its writer has to step down.</summary>
    public sealed record Steal(int Task) : ScheduleCommand;

    /// <summary>A task is made.</summary>
    public sealed record Create(ScheduledWork Work) : ScheduleCommand;

    /// <summary>A viewer watches a task: where it was before, or from the start when it is another task.</summary>
    public sealed record Watch(int Viewer, int Task) : ScheduleCommand;

    /// <summary>A viewer is gone without a word.</summary>
    public sealed record Cut(int Viewer) : ScheduleCommand;

    /// <summary>A front watches that never answers.</summary>
    public sealed record Deaf(int Task) : ScheduleCommand;

    /// <summary>A session is taken over by another connection, which may end it.</summary>
    public sealed record TakeOver(int Task, bool End) : ScheduleCommand;

    /// <summary>A task is cancelled.</summary>
    public sealed record Cancel(int Task) : ScheduleCommand;

    /// <summary>A review is approved, or one that nobody has asked for.</summary>
    public sealed record Review(int Task) : ScheduleCommand;

    /// <summary>A worker does one step of its task, once it has a lease.</summary>
    public sealed record Step(int Task) : ScheduleCommand;

    /// <summary>A schedule, which its seed decides.</summary>
    public static IReadOnlyList<ScheduleCommand> Of(int seed, int length)
    {
        var random = new Random(seed);
        ScheduleCommand[] first = [.. Enum.GetValues<ScheduledWork>().Select(work => new Create(work)), new Watch(0, 0)];
        return [.. first, .. Enumerable.Range(0, length).Select(_ => Any(random))];
    }

    private static ScheduleCommand Any(Random random)
    {
        var any = random.Next(1000);
        return random.Next(24) switch
        {
            0 or 1 => new Kill(any),
            2 => new Stop(any),
            3 or 4 => new Start(),
            5 or 6 => new Steal(any),
            7 or 8 or 9 => new Create((ScheduledWork)random.Next(Enum.GetValues<ScheduledWork>().Length)),
            10 or 11 or 12 => new Watch(random.Next(Viewers), any),
            13 or 14 => new Cut(random.Next(Viewers)),
            15 => new Deaf(any),
            16 or 17 => new TakeOver(any, random.Next(2) == 0),
            18 => new Cancel(any),
            19 or 20 => new Review(any),
            _ => new Step(any),
        };
    }
}

/// <summary>What the work of a task is.</summary>
public enum ScheduledWork
{
    /// <summary>An echo.</summary>
    Echo,

    /// <summary>An echo whose first attempt fails.</summary>
    FailingEcho,

    /// <summary>An echo that waits for a review.</summary>
    ReviewedEcho,

    /// <summary>Work of an external worker.</summary>
    Worker,
}
