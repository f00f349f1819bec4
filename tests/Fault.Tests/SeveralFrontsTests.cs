using System.Net;
using System.Text.Json;

using Holdfast.Chaos.Cluster;
using Holdfast.Chaos.Judging;
using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;

namespace Holdfast.Fault.Tests;

/// <summary>A viewer may come in anywhere: what one front did, the others know.</summary>
public sealed class SeveralFrontsTests(ClusterFixture fixture) : IDisposable
{
    private readonly Api _one = new(fixture.Cluster.Fronts[0].Address);
    private readonly Api _other = new(fixture.Cluster.Fronts[1].Address);

    /// <inheritdoc/>
    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task ACursor_IsGoodOnEveryFront()
    {
        var task = await _one.EchoAsync(new { count = 200, interval_ms = 10 });
        await using var first = await WebSocketViewer.WatchAsync(_one, task);
        var epoch = (await first.UntilAsync("connected")).Text("epoch");
        await first.UntilSeqAsync(20);
        first.Cut();
        await using var second = await WebSocketViewer.WatchAsync(_other, task, $"after={epoch}:{first.Transcript.Last}");
        await second.ToEndAsync();
        var log = await _other.LogAsync(task);
        Assert.Equal(log.Select(one => one.Raw), first.Transcript.Events.Concat(second.Transcript.Events).Select(one => one.Raw));
    }

    [Fact]
    public async Task TwoHundredRacingCreatesWithOneKey_OnThreeSilos_MakeOneTask()
    {
        await using var cluster = await LocalCluster.StartAsync(new ClusterPlan { Silos = 3, Proxy = false });
        using var one = new Api(cluster.Fronts[0].Address);
        using var other = new Api(cluster.Fronts[1].Address);
        var body = new { kind = "demo.race", input = new { } };
        for (var round = 0; round < 3; round++)
        {
            var key = Guid.NewGuid().ToString();
            var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => (n % 2 == 0 ? one : other).PostAsync("/api/v1/tasks", body, ("Idempotency-Key", key))));
            Assert.Equal([(HttpStatusCode.OK, 199), (HttpStatusCode.Accepted, 1)], replies.CountBy(reply => reply.Status).Select(group => (group.Key, group.Value)).Order());
            Assert.Single(replies.Select(reply => reply["task_id"].GetString()).Distinct());
        }

        await cluster.StopAsync();
    }

    [Fact]
    public async Task TheSameSessionOnAnotherFront_TakesOver()
    {
        var task = await _one.EchoAsync(new { count = 1, interval_ms = 60_000 });
        await using var first = await WebSocketViewer.WatchAsync(_one, task);
        await first.UntilAsync("caught_up");
        await using var second = await WebSocketViewer.WatchAsync(_other, task, $"session_id={first.SessionId}&include_history=true");
        Assert.True((await second.UntilAsync("connected")).Json.GetProperty("resumed").GetBoolean());
        await first.AssertClosedAsync(4409, "taken_over", "stop");
        await second.UntilAsync("caught_up");
        await EndAsync(task);
    }

    [Fact]
    public async Task CleanupOnAnotherFront_EndsTheSession_AndNotTheTask()
    {
        var task = await _one.EchoAsync(new { count = 1, interval_ms = 60_000 });
        await using var viewer = await WebSocketViewer.WatchAsync(_one, task);
        await viewer.UntilAsync("caught_up");
        Assert.True((await _other.PostAsync("/api/v1/cleanup", new { session_id = viewer.SessionId })).Is(HttpStatusCode.OK)["success"].GetBoolean());
        await viewer.ToEndAsync("the end of the session");
        await Waiting.UntilAsync("the session is gone", async () => (await _other.GetAsync($"/api/v1/sessions/{viewer.SessionId}")).Status == HttpStatusCode.NotFound);
        Assert.Equal("running", await _other.StatusAsync(task));
        await EndAsync(task);
    }

    [Fact]
    public async Task SessionsAndViewers_AreThoseOfAllFronts()
    {
        var task = await _one.EchoAsync(new { count = 1, interval_ms = 60_000 });
        await using var first = await WebSocketViewer.WatchAsync(_one, task);
        await using var second = await WebSocketViewer.WatchAsync(_other, task);
        await first.UntilAsync("caught_up");
        await second.UntilAsync("caught_up");
        foreach (var api in new[] { _one, _other })
        {
            await Waiting.UntilAsync("both sessions are listed", async () => await SessionsAsync(api, task) is var ids && ids.ToHashSet().SetEquals([first.SessionId, second.SessionId]));
            await Waiting.UntilAsync("both viewers are counted", async () => (await api.SnapshotAsync(task)).GetProperty("viewers").GetInt32() == 2);
            Assert.Equal(2, (await ListedAsync(api, task)).GetProperty("viewers").GetInt32());
        }

        await EndAsync(task);
    }

    [Fact]
    public async Task TheMonitorOfAnyFront_TellsOfAllFrontsAndSilos()
    {
        var task = await HandTask.StartAsync(_one);
        await using var first = await WebSocketViewer.WatchAsync(_one, task.Id);
        await using var second = await WebSocketViewer.WatchAsync(_other, task.Id);
        await first.UntilAsync("caught_up");
        await second.UntilAsync("caught_up");
        foreach (var api in new[] { _one, _other })
        {
            await Waiting.UntilAsync("both viewers and the worker's lease are counted", async () =>
            {
                var figures = (await api.GetAsync("/api/v1/monitor")).Is(HttpStatusCode.OK).Json;
                return figures.GetProperty("connections").GetProperty("open").GetInt32() == 2 && figures.GetProperty("work").GetProperty("worker_leases").GetInt32() == 1
                    && figures.GetProperty("work").GetProperty("appends").GetInt64() > 0 && figures.GetProperty("silos").GetArrayLength() == fixture.Cluster.Silos.Count;
            });
        }

        await task.CompleteAsync();
        await Waiting.UntilAsync("the lease is given back", async () =>
            (await _one.GetAsync("/api/v1/monitor")).Is(HttpStatusCode.OK)["work"].GetProperty("worker_leases").GetInt32() == 0);
    }

    [Fact]
    public async Task ACompletedTask_IsNeverRunAgain_WhateverDies()
    {
        var task = await _one.EchoAsync(new { count = 20, interval_ms = 1 });
        await _one.EndOfAsync(task);
        var before = await _one.LogAsync(task);

        // This one has to be brought back, and nobody does that but recovery: a list reads the store alone.
        var alone = await _one.EchoAsync(new { count = 300, interval_ms = 20 });
        await Waiting.UntilAsync("the work has begun", async () => (await ListedAsync(_one, alone)).GetProperty("last_seq").GetInt64() > 20);
        foreach (var silo in fixture.Cluster.Silos)
        {
            await silo.KillAsync();
        }

        await fixture.Cluster.HealAsync(TestContext.Current.CancellationToken);
        await Waiting.UntilAsync("recovery has brought the other task back", async () => (await ListedAsync(_other, alone)).GetProperty("status").GetString() == "completed");
        Assert.Contains(await _other.LogAsync(alone), one => one.Type == "retrying");
        Assert.Equal("completed", await _other.StatusAsync(task));
        Assert.Equal(before.Select(one => one.Raw), (await _other.LogAsync(task)).Select(one => one.Raw));
    }

    [Fact]
    public async Task WhatNobodyWatches_GoesOnLongBeforeTheSweep_ThoughItsSiloDoesNotComeBack()
    {
        var tasks = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _one.EchoAsync(new { count = 100, interval_ms = 50 })));
        await Waiting.UntilAsync("the work has begun", async () => (await Task.WhenAll(tasks.Select(task => ListedAsync(_one, task)))).All(one => one.GetProperty("last_seq").GetInt64() > 5));
        await fixture.Cluster.Silos[0].KillAsync();

        // A list reads the store alone: the tasks are woken by nobody but recovery, on the other silo.
        await Waiting.UntilAsync("all ends", async () => (await Task.WhenAll(tasks.Select(task => ListedAsync(_one, task)))).All(one => one.GetProperty("status").GetString() == "completed"));
        await fixture.Cluster.HealAsync(TestContext.Current.CancellationToken);
        var logs = await Task.WhenAll(tasks.Select(_one.LogAsync));
        Assert.Contains(logs.SelectMany(log => log), one => one.Type == "retrying");
        Assert.All(logs, log => Assert.True(Standstill.Longest([.. log.Select(one => one.Json)], []) < Standstill.Limit));
    }

    private static async Task<IEnumerable<string>> SessionsAsync(Api api, string task) =>
        (await api.GetAsync($"/api/v1/sessions?task_id={task}")).Is(HttpStatusCode.OK)["sessions"].EnumerateArray().Select(one => one.GetProperty("session_id").GetString()!);

    private static async Task<JsonElement> ListedAsync(Api api, string task) =>
        (await api.GetAsync("/api/v1/tasks?limit=500")).Is(HttpStatusCode.OK)["tasks"].EnumerateArray().Single(one => one.GetProperty("task_id").GetString() == task);

    private async Task EndAsync(string task) => (await _one.PostAsync($"/api/v1/tasks/{task}/cancel")).Is(HttpStatusCode.OK);
}
