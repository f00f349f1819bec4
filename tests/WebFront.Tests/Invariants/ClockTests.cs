using System.Net;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Invariants;

/// <summary>A real process comes back under a clock that shows another time than the one before it did.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData("-10m")]
    [InlineData("+10m")]
    public async Task AfterARestartUnderAnotherClock_NobodyWaitsLongerThanEver(string clock)
    {
        using var folder = new TempFolder();
        var options = new Dictionary<string, string> { ["Tasks:WorkerLease"] = "00:00:08", ["Tasks:CancelGrace"] = "00:00:02" };
        string failed, leased, cancelled, reviewed;
        await using (var host = await FrontProcess.StartAsync(folder.Path, options))
        {
            var (first, second, third, fourth) = (await HandTask.StartAsync(host.Api), await HandTask.StartAsync(host.Api), await HandTask.StartAsync(host.Api), await HandTask.StartAsync(host.Api));
            (failed, leased, cancelled, reviewed) = (first.Id, second.Id, third.Id, fourth.Id);
            foreach (var task in (HandTask[])[first, second, third])
            {
                (await task.CallAsync("lease", new { lease = task.Lease })).Is(HttpStatusCode.OK);
            }

            await host.Api.PostAsync($"/api/v1/tasks/{cancelled}/cancel");
            (await fourth.CallAsync("reviews", new { lease = fourth.Lease, key = "plan", prompt = "Go on?", payload = new { }, expires_in = "2s", on_expire = "reject" })).Is(HttpStatusCode.OK);
            await first.FailAsync(retryable: true);
            await host.KillAsync();
        }

        // Ten minutes are longer than anybody waits here.
        await using var again = await FrontProcess.StartAsync(folder.Path, options, clock);
        await Waiting.UntilAsync("the next attempt", async () => await LeasesAsync(failed));
        await Waiting.UntilAsync("another worker", async () => await LeasesAsync(leased));
        await again.Api.UntilStatusAsync(cancelled, "cancelled");
        await Waiting.UntilAsync("the end of the review", async () => (await again.Api.LogAsync(reviewed)).Any(one => one.Type == "review_resolved"));

        // What is told never goes back, whatever the clock did.
        foreach (var task in (string[])[failed, leased, cancelled, reviewed])
        {
            var times = (await again.Api.LogAsync(task)).Select(one => one.Text("ts")).ToList();
            Assert.Equal(times.Order(StringComparer.Ordinal), times);
        }

        async Task<bool> LeasesAsync(string task)
        {
            var kind = (await again.Api.SnapshotAsync(task)).GetProperty("kind").GetString();
            return (await again.Api.PostAsync("/api/v1/workers/lease", new { worker_id = "w", kinds = new[] { kind }, wait = "1s" })).Status == HttpStatusCode.OK;
        }
    }
}
