using System.Text.Json;

using FsCheck;
using FsCheck.Fluent;

using Holdfast.Grains.Events;
using Holdfast.Grains.Generators;
using Holdfast.Grains.Tasks;

namespace Holdfast.Grains.Tests.Tasks;

public sealed class TaskMachineTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly TaskHead New = new() { Kind = "k", Owner = "o", MaxAttempts = 2, RequestDigest = "", CreatedAt = Noon };

    private static readonly WorkerLease Lease = new("l1", "worker", Noon + TimeSpan.FromSeconds(30));

    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    private readonly TaskMachine _machine = new(new TaskOptions { InlineCheckpointBytes = 20, MaxCheckpointBytes = 40, InlineResultBytes = 20, MaxResultBytes = 40 });

    [Fact]
    public void AnySequenceOfCommands_KeepsTheRules() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(800).WithEndSize(100), Prop.ForAll(MachineCommand.Sequences, commands => new MachineModel().Run(commands)));

    [Fact]
    public void Cancel_BeforeTheStart_EndsTheTask()
    {
        var cancelled = _machine.Cancelled(New, At(2), "enough", "ann")!;
        Assert.Equal((GenerationStatus.Cancelled, true), (cancelled.Head.Status, cancelled.Seal));
        Assert.Equal("""{"reason":"enough","by":"ann"}""", Text(Assert.Single(cancelled.Events)));
        Assert.Null(TaskMachine.Started(cancelled.Head, At(3), "builtin", null));
    }

    [Fact]
    public void Cancel_WhileAGeneratorRuns_EndsTheTask_AndItsResultIsNotTaken()
    {
        var cancelled = _machine.Cancelled(Running(), At(5), null, "ann")!.Head;
        Assert.Equal(GenerationStatus.Cancelled, cancelled.Status);
        Assert.Null(_machine.Completed(cancelled, At(6), Nothing));
        Assert.Null(_machine.AttemptFailed(cancelled, At(6), Broken, 0.5));
        Assert.Null(_machine.Interrupted(cancelled, At(6), 0.5));
    }

    [Fact]
    public void Cancel_AfterTheEnd_ChangesNothing() =>
        Assert.Null(_machine.Cancelled(_machine.Completed(Running(), At(5), Nothing)!.Head, At(6), null, "ann"));

    [Fact]
    public void Cancel_WhileAWorkerHasIt_TellsTheWorkerFirst()
    {
        var asked = _machine.Cancelled(Running(Lease), At(5), "enough", "ann")!;
        Assert.Empty(asked.Events);
        Assert.Equal((GenerationStatus.Running, Noon + TimeSpan.FromSeconds(10)), (asked.Head.Status, asked.Head.CancelRequested!.Deadline));
        Assert.Null(_machine.Cancelled(asked.Head, At(5), "again", "bob"));

        Assert.Null(TaskMachine.CancelOverdue(asked.Head, At(5, 9)));
        Assert.Equal("""{"reason":"enough","by":"ann"}""", Text(TaskMachine.CancelOverdue(asked.Head, At(5, 10))!.Events[0]));
    }

    [Fact]
    public void Cancel_ThatAWorkerWasToldOf_WinsOverFailureAndInterruption()
    {
        var asked = _machine.Cancelled(Running(Lease), At(5), null, "ann")!.Head;
        Assert.Equal(GenerationStatus.Cancelled, _machine.AttemptFailed(asked, At(5), Broken, 0.5, Lease.Id)!.Head.Status);
        Assert.Equal(GenerationStatus.Cancelled, _machine.Interrupted(asked, At(5), 0.5)!.Head.Status);
        Assert.Equal(GenerationStatus.Completed, _machine.Completed(asked, At(5), Nothing, Lease.Id)!.Head.Status);
    }

    [Fact]
    public void FailedAttempt_IsTriedAgain_AfterAWait()
    {
        var failed = _machine.AttemptFailed(Running(), At(5), Broken, 0.5)!;
        Assert.Equal((GenerationStatus.Queued, 2, Noon + TimeSpan.FromSeconds(1)), (failed.Head.Status, failed.Head.Attempt, failed.Head.NotBefore));
        Assert.Equal("""{"attempt":2,"reason":"broken","delay_ms":1000,"supersedes_after":2}""", Text(Assert.Single(failed.Events)));
    }

    [Fact]
    public void FailedAttempt_TheLastOne_EndsTheTask()
    {
        var second = TaskMachine.Started(_machine.AttemptFailed(Running(), At(5), Broken, 0.5)!.Head, At(6), "builtin", null)!.Head;
        var failed = _machine.AttemptFailed(second, At(7), Broken, 0.5)!;
        Assert.Equal((GenerationStatus.Failed, Broken), (failed.Head.Status, failed.Head.Error));
        Assert.Equal("""{"error":{"code":"broken","message":"It broke.","retryable":true}}""", Text(failed.Events[0]));
    }

    [Fact]
    public void FailedAttempt_ThatNothingCanHelp_EndsTheTask() =>
        Assert.Equal(GenerationStatus.Failed, _machine.AttemptFailed(Running(), At(5), Broken with { Retryable = false }, 0.5)!.Head.Status);

    [Fact]
    public void SupersedesAfter_IsTheFirstStart_UntilThereIsACheckpoint()
    {
        var second = TaskMachine.Started(_machine.Interrupted(Running(), At(5), 0.5)!.Head, At(6), "builtin", null)!.Head;
        Assert.Equal(2, Cut(_machine.Interrupted(second, At(9), 0.5)!));
        var covered = _machine.Appended(second, At(7), [EventDraft.Token("c", "a"), EventDraft.Token("c", "b")], Nothing).Head;
        Assert.Equal(8, Cut(_machine.Interrupted(covered, At(20), 0.5)!));
        var later = _machine.Appended(covered, At(20), [], Nothing).Head;
        Assert.Equal(19, Cut(_machine.AttemptFailed(later, At(21), Broken, 0.5)!));
    }

    [Fact]
    public void Interruption_IsNoFailure_UntilTenInARowWithoutACheckpoint()
    {
        var head = Running();
        for (var i = 1; i < 10; i++)
        {
            var broken = _machine.Interrupted(head, At(5), 0.5)!;
            Assert.Equal($$"""{"attempt":1,"reason":"interrupted","delay_ms":0,"supersedes_after":2}""", Text(broken.Events[0]));
            head = TaskMachine.Started(broken.Head, At(6), "builtin", null)!.Head;
        }

        var spared = _machine.Appended(head, At(7), [], Nothing).Head;
        Assert.Equal(1, _machine.Interrupted(spared, At(7), 0.5)!.Head.Attempt);
        var failed = _machine.Interrupted(head, At(7), 0.5)!;
        Assert.Equal((2, 0), (failed.Head.Attempt, failed.Head.Interruptions));
        Assert.Contains("interrupted_repeatedly", Text(failed.Events[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Interruption_WhileAReviewIsWaitedFor_LosesTheWorkerOnly()
    {
        var waiting = _machine.ReviewRequired(Running(Lease), At(5), "r1", Question("q"))!.Head;
        var left = _machine.Interrupted(waiting, At(6), 0.5)!;
        Assert.Empty(left.Events);
        Assert.Equal((GenerationStatus.AwaitingReview, (WorkerLease?)null), (left.Head.Status, left.Head.Lease));
        Assert.Null(_machine.Interrupted(left.Head, At(6), 0.5));
    }

    [Fact]
    public void Review_IsAskedOnce_AndAnsweredOnce()
    {
        var waiting = _machine.ReviewRequired(Running(), At(5), "r1", Question("q"))!.Head;
        Assert.Equal(GenerationStatus.AwaitingReview, waiting.Status);
        Assert.Null(_machine.ReviewRequired(waiting, At(6), "r2", Question("q")));
        Assert.Equal("review_pending", Refusal(() => _machine.ReviewRequired(waiting, At(6), "r2", Question("other"))));
        Assert.Equal("review_not_pending", Refusal(() => TaskMachine.ReviewResolved(waiting, At(6), "r9", Yes, "ann")));

        var answered = TaskMachine.ReviewResolved(waiting, At(6), "r1", Yes with { Edits = Nothing }, "ann")!.Head;
        Assert.Equal(GenerationStatus.Running, answered.Status);
        Assert.Null(TaskMachine.ReviewResolved(answered, At(7), "r1", Yes with { Edits = JsonElement.Parse(" { } ") }, "ann"));
        Assert.Equal("review_not_pending", Refusal(() => TaskMachine.ReviewResolved(answered, At(7), "r1", Yes, "ann")));
        Assert.Equal("review_not_pending", Refusal(() => TaskMachine.ReviewResolved(answered, At(7), "r1", new ReviewAnswer(ReviewDecision.Reject, null, Nothing), "ann")));
        Assert.Null(_machine.ReviewRequired(answered, At(7), "r2", Question("q")));
    }

    [Theory]
    [InlineData(ReviewExpiry.Approve, GenerationStatus.Running)]
    [InlineData(ReviewExpiry.Reject, GenerationStatus.Running)]
    [InlineData(ReviewExpiry.Fail, GenerationStatus.Failed)]
    public void Review_ThatNobodyAnswers_IsDecidedByTime(ReviewExpiry onExpire, GenerationStatus status)
    {
        var waiting = _machine.ReviewRequired(Running(), At(5), "r1", Question("q") with { ExpiresIn = TimeSpan.FromSeconds(20), OnExpire = onExpire })!.Head;
        Assert.Null(_machine.ReviewExpired(waiting, At(6, 19), 0.5));
        var expired = _machine.ReviewExpired(waiting, At(6, 20), 0.5)!.Head;
        Assert.Equal(status, expired.Status);
        Assert.Null(expired.PendingReview);
        Assert.Null(_machine.ReviewExpired(expired, At(7, 60), 0.5));
    }

    [Fact]
    public void Progress_NeverGoesBack_WithinAnAttempt()
    {
        var head = Running();
        Assert.Equal([40, 40, 100], Percents(_machine.Appended(head, At(5), [EventDraft.ProgressOf(40), EventDraft.ProgressOf(-3), EventDraft.ProgressOf(1000)], null)));
        head = _machine.Appended(head, At(5), [EventDraft.ProgressOf(40)], null).Head;
        Assert.Equal([40, 40, 50], Percents(_machine.Appended(head, At(6), [EventDraft.ProgressOf(double.NaN), EventDraft.ProgressOf(null), EventDraft.ProgressOf(50)], null)));
        var next = TaskMachine.Started(_machine.AttemptFailed(head, At(6), Broken, 0.5)!.Head, At(7), "builtin", null)!.Head;
        Assert.Equal([10], Percents(_machine.Appended(next, At(8), [EventDraft.ProgressOf(10)], null)));
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(30, true)]
    public void Checkpoint_IsInTheHead_OrABlobWhenItIsLarge(int length, bool large)
    {
        var change = _machine.Appended(Running(), At(5), [], JsonSerializer.SerializeToElement(new string('x', length)));
        Assert.Equal((large, large, !large), (change.Head.LargeCheckpoint, change.Blob is not null, change.Head.Checkpoint is not null));
    }

    [Fact]
    public void Checkpoint_ThatIsTooLarge_IsRefused() =>
        Assert.Equal("too_large", Refusal(() => _machine.Appended(Running(), At(5), [], JsonSerializer.SerializeToElement(new string('x', 60)))));

    [Fact]
    public void Result_IsInTheEvent_OrABlob_OrTooLarge()
    {
        Assert.Equal("""{"result":"1234567890"}""", Text(Result(10).Events[0]));
        var large = Result(30);
        Assert.Equal(("""{"result":null,"result_bytes":32}""", 32, true), (Text(large.Events[0]), large.Blob!.Bytes.Length, large.Head.LargeResult));
        Assert.Equal((GenerationStatus.Failed, "too_large"), (Result(60).Head.Status, Result(60).Head.Error!.Code));

        Change Result(int length) => _machine.Completed(Running(), At(5), JsonSerializer.SerializeToElement("123456789012345678901234567890123456789012345678901234567890"[..length]))!;
    }

    private static readonly TaskError Broken = new("broken", "It broke.", true);

    private static readonly ReviewAnswer Yes = new(ReviewDecision.Approve, null, default);

    private static ReviewRequest Question(string key) => new(key, "Go on?", Nothing);

    private static TaskHead Running(WorkerLease? lease = null) => TaskMachine.Started(TaskMachine.Created(New, At(1)).Head, At(2), "builtin", lease)!.Head;

    private static Step At(long seq, int seconds = 0) => new(seq, Noon + TimeSpan.FromSeconds(seconds));

    private static string Text(EventDraft draft) => System.Text.Encoding.UTF8.GetString(draft.Data.Span);

    private static long Cut(Change change) => JsonElement.Parse(change.Events[0].Data.Span).GetProperty("supersedes_after").GetInt64();

    private static IEnumerable<double> Percents(Change change) => change.Events.Select(draft => JsonElement.Parse(draft.Data.Span).GetProperty("percent").GetDouble());

    private static string Refusal(Action step) => Assert.Throws<RefusedException>(step).Refusal.Code;
}
