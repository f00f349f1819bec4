using System.Runtime.InteropServices;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Invariants;

/// <summary>A process that is asked to end tells everybody to come back, and its tasks go on in the next one.</summary>
public sealed class DrainTests
{
    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task AskedToEnd_ViewersAreToldToComeBack_SpreadOut_AndTheTaskGoesOnWhereItWas(PosixSignal signal)
    {
        using var folder = new TempFolder();
        string task;
        await using (var host = await FrontProcess.StartAsync(folder.Path))
        {
            task = await host.Api.EchoAsync(new { count = 700, interval_ms = 20, size = 20 });
            List<WebSocketViewer> sockets = [];
            List<SseViewer> streams = [];
            for (var i = 0; i < 6; i++)
            {
                sockets.Add(await WebSocketViewer.WatchAsync(host.Api, task));
                streams.Add(await SseViewer.WatchAsync(host.Api, task));
            }

            await sockets[0].UntilSeqAsync(20);
            var waiting = await HandTask.StartAsync(host.Api);
            var cursor = (await host.Api.SnapshotAsync(waiting.Id)).GetProperty("epoch").GetString() + ":2";
            var poll = host.Api.GetAsync($"/api/v1/tasks/{waiting.Id}/events?wait=30s&after={cursor}");
            await Waiting.UntilAsync("the poll waits", async () => (await host.Api.SnapshotAsync(waiting.Id)).GetProperty("viewers").GetInt32() == 1);
            host.Signal(signal);
            var delays = new HashSet<long>();
            foreach (var socket in sockets)
            {
                var closing = await socket.AssertClosedAsync(1012, "draining", "reconnect");
                delays.Add(closing.Json.GetProperty("retry_after_ms").GetInt64());
                await socket.DisposeAsync();
            }

            foreach (var stream in streams)
            {
                var closing = (await stream.ToEndAsync()).The("closing");
                Assert.Equal((1012, "draining", "reconnect"), (closing.Json.GetProperty("code").GetInt32(), closing.Text("reason"), closing.Text("retry")));
                Assert.Equal(closing.Json.GetProperty("retry_after_ms").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture), stream.Blocks[^1].Retry);
                delays.Add(closing.Json.GetProperty("retry_after_ms").GetInt64());
                await stream.DisposeAsync();
            }

            Assert.All(delays, delay => Assert.InRange(delay, 100, 5100));
            Assert.True(delays.Count > 6, $"Not spread out: {string.Join(", ", delays)}");
            var page = await poll;
            Assert.Equal((System.Net.HttpStatusCode.OK, cursor, 0), (page.Status, page["cursor"].GetString(), page["events"].GetArrayLength()));
            Assert.Equal(0, await host.WaitForExitAsync());
        }

        await using var next = await FrontProcess.StartAsync(folder.Path);
        Assert.Equal("completed", (await next.Api.EndOfAsync(task)).GetProperty("status").GetString());
        var log = await next.Api.LogAsync(task);
        Assert.Equal(Enumerable.Range(1, 700), log.Numbers());
        Assert.All(log.Where(one => one.Type == "retrying"), one => Assert.Equal(("interrupted", 1), (one.Data.GetProperty("reason").GetString(), one.Data.GetProperty("attempt").GetInt32())));
    }
}
