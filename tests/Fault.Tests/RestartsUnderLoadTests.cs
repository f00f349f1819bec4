using Holdfast.Chaos.Load;
using Holdfast.TestSupport;

namespace Holdfast.Fault.Tests;

/// <summary>Silos leave and join while fronts are called without a pause. The fronts stay: whatever they can't do at the moment they say.</summary>
public sealed class RestartsUnderLoadTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private const int Callers = 4;

    [Fact]
    public async Task SilosThatLeaveAndJoin_AreAtWorstARefusalWithAVerdict_AndNothingThatWasTakenIsLost()
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var ending = new CancellationTokenSource();
        var api = new ClusterApi(http, [.. fixture.Cluster.Fronts.Select(front => front.Address)]);
        var calling = Enumerable.Range(0, Callers).Select(caller => CallAsync(api, caller, ending.Token)).ToList();
        foreach (var silo in fixture.Cluster.Silos)
        {
            Assert.Equal(0, await silo.StopAsync());
            await fixture.Cluster.HealAsync(TestContext.Current.CancellationToken);
        }

        await ending.CancelAsync();
        var tasks = (await Task.WhenAll(calling).ForAsync("the callers' last answers")).SelectMany(made => made).ToList();
        output.WriteLine($"{tasks.Count} tasks; {api.Refused} calls were refused for the moment");
        Assert.NotEmpty(tasks);
        Assert.Empty(api.Unexplained);
        Assert.Equal(0, api.Unanswered);
        foreach (var task in tasks)
        {
            await Waiting.UntilAsync($"the end of {task}", async () => (await api.SnapshotAsync(task, CancellationToken.None)).GetProperty("status").GetString() == "completed");
            var events = await api.LogAsync(task, CancellationToken.None);
            Assert.Equal(["1:", "2:", "3:"], events.Where(one => one.GetProperty("type").GetString() == "token").Select(one => one.GetProperty("data").GetProperty("delta").GetString()![..2]));
        }
    }

    /// <summary>Creates, reads and lists, one call after the other; gives the tasks that were taken.</summary>
    private static async Task<IReadOnlyList<string>> CallAsync(ClusterApi api, int caller, CancellationToken ending)
    {
        List<string> taken = [];
        while (!ending.IsCancellationRequested)
        {
            var id = $"restarts-{caller}-{taken.Count}-{Guid.NewGuid():N}";
            await api.MustAsync(HttpMethod.Post, "/api/v1/tasks", new { kind = "echo", task_id = id, input = new { count = 3, interval_ms = 100 } }, CancellationToken.None);
            taken.Add(id);
            await api.MustAsync(HttpMethod.Get, $"/api/v1/tasks/{id}", null, CancellationToken.None);
            await api.MustAsync(HttpMethod.Get, "/api/v1/tasks?limit=5", null, CancellationToken.None);
        }

        return taken;
    }
}
