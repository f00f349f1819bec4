using FsCheck;
using FsCheck.Fluent;

using Holdfast.Grains.Generators;

namespace Holdfast.Grains.Tests.Tasks;

/// <summary>One thing that is asked of a task.</summary>
public abstract record MachineCommand
{
    public sealed record Start(bool Worker) : MachineCommand;

    public sealed record Append(int Events, int? Percent, bool Checkpoint) : MachineCommand;

    public sealed record Complete : MachineCommand;

    public sealed record Fail(bool Retryable) : MachineCommand;

    public sealed record Interrupt : MachineCommand;

    public sealed record Cancel : MachineCommand;

    public sealed record AskReview(int Key, int? ExpiresIn, ReviewExpiry OnExpire) : MachineCommand;

    /// <summary>Which: how many reviews before the latest.</summary>
    public sealed record Decide(int Ago, ReviewDecision Decision) : MachineCommand;

    public sealed record Renew(bool Checkpoint) : MachineCommand;

    /// <summary>Time passes, and what is due then happens.</summary>
    public sealed record Pass(int Seconds) : MachineCommand;

    /// <summary>Another writer takes the log over, whose clock differs by so much.</summary>
    public sealed record TakeOver(int SecondsApart) : MachineCommand;

    public static Arbitrary<MachineCommand[]> Sequences => Arb.From(Any.ArrayOf(), Smaller);

    private static Gen<MachineCommand> Any => Gen.Frequency(
        (8, Bool.Select(worker => (MachineCommand)new Start(worker))),
        (8, from events in Gen.Choose(0, 3)
            from percent in Gen.Choose(-10, 110)
            from told in Bool
            from checkpoint in Bool
            select (MachineCommand)new Append(events, told ? percent : null, checkpoint)),
        (1, Gen.Constant((MachineCommand)new Complete())),
        (3, Gen.Frequency((5, Gen.Constant(true)), (1, Gen.Constant(false))).Select(retryable => (MachineCommand)new Fail(retryable))),
        (6, Gen.Constant((MachineCommand)new Interrupt())),
        (1, Gen.Constant((MachineCommand)new Cancel())),
        (3, from key in Gen.Choose(0, 5)
            from wait in Gen.Choose(1, 20)
            from expires in Bool
            from then in Gen.Elements(ReviewExpiry.Approve, ReviewExpiry.Reject, ReviewExpiry.Fail)
            select (MachineCommand)new AskReview(key, expires ? wait : null, then)),
        (5, from ago in Gen.Choose(0, 2)
            from decision in Gen.Elements(ReviewDecision.Approve, ReviewDecision.Reject, ReviewDecision.Revise)
            select (MachineCommand)new Decide(ago, decision)),
        (2, Bool.Select(checkpoint => (MachineCommand)new Renew(checkpoint))),
        (4, Gen.Choose(1, 15).Select(seconds => (MachineCommand)new Pass(seconds))),
        (2, Gen.Choose(-100, 100).Select(seconds => (MachineCommand)new TakeOver(seconds))));

    private static Gen<bool> Bool => Gen.Elements(true, false);

    // Leave out a half, a quarter, …, one.
    private static IEnumerable<MachineCommand[]> Smaller(MachineCommand[] commands)
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
