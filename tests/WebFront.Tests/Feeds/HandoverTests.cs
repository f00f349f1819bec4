using FsCheck;
using FsCheck.Fluent;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>The hand-over from history to live: the heart of the product.</summary>
public sealed class HandoverTests
{
    [Fact]
    public Task AnySchedule_OfBatchesRenewalsReadsAndReconnects_GivesEverySessionItsLogOnceInOrder() =>
        Task.Run(() => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(600).WithEndSize(80),
            Prop.ForAll(HandoverCommand.Schedules, async (HandoverCommand[] commands) =>
            {
                var model = new HandoverModel();
                await model.RunAsync(commands);
                model.CheckCuts();
            })));
}
