using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;
using Holdfast.WebFront.Live;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Feeds;
using Holdfast.WebFront.Tests.Hosting;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using Orleans.Streams;

namespace Holdfast.WebFront.Tests.Live;

/// <summary>A front hears that tasks have changed for as long as it lives, whatever became of its subscription.</summary>
public sealed class TaskNoticesTests
{
    [Fact]
    public async Task ASubscriptionThatWasLost_IsMadeAnew_AndThereIsOneAtATime()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:NoticeRenewal"] = "00:00:00.100" });
        var notices = host.Services.GetRequiredService<TaskNotices>();
        var stream = host.Services.GetRequiredService<IClusterClient>().GetStreamProvider(TaskNotice.Provider).GetStream<TaskNotice>(TaskNotice.Stream);
        StreamSubscriptionHandle<TaskNotice>? first = null;
        await Waiting.UntilAsync("there is a subscription", async () => (first = (await stream.GetAllSubscriptionHandles()).FirstOrDefault()) is not null);
        foreach (var subscription in await stream.GetAllSubscriptionHandles())
        {
            await subscription.UnsubscribeAsync();
        }

        await Waiting.UntilAsync("there is one again, and no more", async () => await stream.GetAllSubscriptionHandles() is [var only] && only.HandleId != first!.HandleId);
        var before = notices.Heard;
        await Waiting.UntilAsync("a notice is heard", async () =>
        {
            await HandTask.QueueAsync(host.Api);
            return notices.Heard > before;
        });
    }

    [Fact]
    public async Task WhileNobodyCanSubscribe_ItIsTriedLessAndLessOften_AndIsOneWarning()
    {
        var clock = new TestClock();
        using var log = new CapturedLog();
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log));
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        lifetime.NotifyStarted();
        using var notices = new TaskNotices(new ScriptedGrains().Client, lifetime, Options.Create(new FrontOptions()), clock, loggers.CreateLogger<TaskNotices>());
        await notices.StartAsync(CancellationToken.None);
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            await Waiting.UntilAsync($"the next try is in {seconds} s", () => Task.FromResult(clock.IsArmedFor(TimeSpan.FromSeconds(seconds))));
            clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        await notices.StopAsync(CancellationToken.None);
        Assert.Equal([LogLevel.Warning, .. Enumerable.Repeat(LogLevel.Debug, 6)], log.Levels(2040).Take(7));
    }
}
