using System.Net;

using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.WebFront.Tests.Invariants;

/// <summary>While a part is away, the log says so once, however many ask for it, and once more when it is back.</summary>
public sealed class OutageTests
{
    private const int NotReady = 3002;
    private const int Ready = 3004;
    private const int ViewerSentAway = 2014;
    private const int Unanswered = 2031;
    private const int ListUnread = 2021;
    private const int Back = 2022;

    [Fact]
    public async Task Readyz_OfAStoreThatIsAway_WarnsOnce_AndSaysWhenItIsBack()
    {
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await FrontAsync(store);
        for (var turn = 1; turn <= 2; turn++)
        {
            store.Away = true;
            for (var i = 0; i < 3; i++)
            {
                (await host.Api.GetAsync("/readyz")).Is(HttpStatusCode.ServiceUnavailable);
            }

            store.Away = false;
            (await host.Api.GetAsync("/readyz")).Is(HttpStatusCode.OK);
            (await host.Api.GetAsync("/readyz")).Is(HttpStatusCode.OK);
            Assert.Equal(Enumerable.Repeat(LogLevel.Warning, turn), host.Log.Levels(NotReady).Where(level => level > LogLevel.Debug));
            Assert.Equal(3 * turn, host.Log.Levels(NotReady).Count);
            Assert.Equal(turn, host.Log.Levels(Ready).Count);
        }
    }

    [Fact]
    public async Task ViewersAndCallsThatMissTheStore_AreOneWarning_AndItsReturnIsOneLine()
    {
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await FrontAsync(store);
        var task = await HandTask.StartAsync(host.Api);
        for (var turn = 1; turn <= 2; turn++)
        {
            store.Away = true;
            for (var i = 0; i < 3; i++)
            {
                await using var socket = await WebSocketViewer.WatchAsync(host.Api, task.Id);
                await socket.AssertClosedAsync(1013, "store_unavailable", "reconnect");
                (await host.Api.GetAsync($"/api/v1/tasks/{task.Id}")).IsProblem(HttpStatusCode.ServiceUnavailable, "store_unavailable", retry: "reconnect");
                await using var list = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream");
                while ((await list!.BlockAsync("that the list can't be read"))!.Event != "unavailable")
                {
                    // What comes before.
                }
            }

            Assert.Equal(turn, host.Log.Levels(ViewerSentAway, Unanswered, ListUnread).Count(level => level > LogLevel.Debug));
            Assert.Equal(9 * turn, host.Log.Levels(ViewerSentAway, Unanswered, ListUnread).Count);
            Assert.Equal(turn - 1, host.Log.Levels(Back).Count);
            store.Away = false;
            await Waiting.UntilAsync("the log says that the store is back", () => Task.FromResult(host.Log.Levels(Back).Count == turn));
        }
    }

    private static Task<EmbeddedFront> FrontAsync(ILogStore store) => EmbeddedFront.StartAsync(
        new Dictionary<string, string> { ["Logging:LogLevel:Holdfast"] = "Debug", ["Front:FeedRenewal"] = "00:00:00.100" }, adjust: services => services.AddSingleton(store));
}
