using FsCheck;
using FsCheck.Fluent;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>One thing that happens between a task, its log, a front's feed and the front's sessions, in any order.</summary>
public abstract record HandoverCommand
{
    /// <summary>How many sessions there are.</summary>
    public const int Sessions = 3;

    /// <summary>The task writes, and stores it in one append: tokens of a channel, or something else.</summary>
    public sealed record Write(int Events, int Channel, bool Checkpoint) : HandoverCommand;

    /// <summary>The try is broken off, and the next one starts.</summary>
    public sealed record Break(bool Interrupted) : HandoverCommand;

    /// <summary>The task ends.</summary>
    public sealed record Finish : HandoverCommand;

    /// <summary>A batch arrives: of some earlier moment, with so many events up to then, or none where they were too many. Others never do.</summary>
    public sealed record Deliver(int Ago, int Events) : HandoverCommand;

    /// <summary>An answer to a renewal arrives, of some earlier moment.</summary>
    public sealed record Renew(int Ago) : HandoverCommand;

    /// <summary>A session comes, instead of the one before, with that one's cursor, or as a new one.</summary>
    public sealed record Connect(int Session, Beginning Beginning, bool Compact, bool Batch, int StatusAgo) : HandoverCommand;

    /// <summary>A session does some of what it can do.</summary>
    public sealed record Step(int Session, int Steps, int Bytes) : HandoverCommand;

    /// <summary>Answers of the log come late from now on.</summary>
    public sealed record HoldReads : HandoverCommand;

    /// <summary>They come.</summary>
    public sealed record ReleaseReads : HandoverCommand;

    /// <summary>The store loses everything: another log, with another epoch, takes the place of this one.</summary>
    public sealed record NewEpoch : HandoverCommand;

    /// <summary>A finished task is deleted.</summary>
    public sealed record Delete : HandoverCommand;

    public static Arbitrary<HandoverCommand[]> Schedules => Arb.From(Any.ArrayOf(), Smaller);

    private static Gen<HandoverCommand> Any => Gen.Frequency(
        (10, from events in Gen.Choose(1, 6)
             from channel in Gen.Frequency((5, Gen.Constant(0)), (2, Gen.Choose(1, 3)))
             from checkpoint in Gen.Choose(0, 3)
             select (HandoverCommand)new Write(events, channel, checkpoint == 0)),
        (3, Gen.Elements(true, false).Select(interrupted => (HandoverCommand)new Break(interrupted))),
        (10, from ago in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(0, 6))) from events in Gen.Choose(0, 10) select (HandoverCommand)new Deliver(ago, events)),
        (4, Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(0, 6))).Select(ago => (HandoverCommand)new Renew(ago))),
        (6, from session in Gen.Choose(0, Sessions - 1)
            from beginning in Gen.Frequency((6, Gen.Constant(Beginning.Cursor)), (2, Gen.Constant(Beginning.Start)), (2, Gen.Constant(Beginning.Live)), (1, Gen.Constant(Beginning.Ahead)))
            from compact in Gen.Elements(true, false)
            from batch in Gen.Elements(true, false)
            from ago in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(0, 3)))
            select (HandoverCommand)new Connect(session, beginning, compact, batch, ago)),
        (14, from session in Gen.Choose(0, Sessions - 1)
             from steps in Gen.Choose(1, 4)
             from bytes in Gen.Choose(1, 900)
             select (HandoverCommand)new Step(session, steps, bytes)),
        (1, Gen.Constant((HandoverCommand)new HoldReads())),
        (2, Gen.Constant((HandoverCommand)new ReleaseReads())),
        (1, Gen.Frequency(
            (2, Gen.Constant((HandoverCommand)new Finish())), (2, Gen.Constant((HandoverCommand)new NewEpoch())), (1, Gen.Constant((HandoverCommand)new Delete())))));

    // Leave out a half, a quarter, …, one.
    private static IEnumerable<HandoverCommand[]> Smaller(HandoverCommand[] commands)
    {
        for (var size = commands.Length / 2; size > 0; size /= 2)
        {
            for (var at = 0; at + size <= commands.Length; at += size)
            {
                yield return [.. commands[..at], .. commands[(at + size)..]];
            }
        }
    }
}

/// <summary>Where a session begins.</summary>
public enum Beginning
{
    /// <summary>Where the one before it was.</summary>
    Cursor,

    /// <summary>At the first event.</summary>
    Start,

    /// <summary>With what happens from now on.</summary>
    Live,

    /// <summary>After an event that the log does not have.</summary>
    Ahead,
}
