using System.Net;

using Holdfast.Grains.Logs.Memory;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;
using Holdfast.Grains.Logs;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 3: a task's events in pages, with or without waiting.</summary>
public sealed class Section3_Rest_Poll(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task APage_HasEventsCursorEpochCaughtUpStatusReset()
    {
        var task = await HandTask.StartAsync(Api);
        var page = await PageAsync(task.Id);
        Assert.Equal(["events", "cursor", "epoch", "caught_up", "status", "reset"], page.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(2, page["events"].GetArrayLength());
        Assert.Equal($"{page["epoch"].GetString()}:2", page["cursor"].GetString());
        Assert.Equal((true, "running", false), (page["caught_up"].GetBoolean(), page["status"].GetString(), page["reset"].GetBoolean()));
        Assert.Equal("application/json", page.ContentHeaders.ContentType?.MediaType);
        Assert.True(page.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Limit_CutsThePage_AndTheCursorGoesOnAfterIt()
    {
        var task = await Api.EchoAsync(new { count = 20, interval_ms = 0, size = 5 });
        await Api.EndOfAsync(task);
        var log = await Api.LogAsync(task);
        List<string> told = [];
        string? cursor = null;
        Reply page;
        do
        {
            page = await PageAsync(task, "limit=7" + (cursor is null ? "" : "&after=" + cursor));
            Assert.InRange(page["events"].GetArrayLength(), 1, 7);
            told.AddRange(page["events"].EnumerateArray().Select(one => one.GetRawText()));
            cursor = page["cursor"].GetString();
            Assert.EndsWith($":{told.Count}", cursor, StringComparison.Ordinal);
            Assert.Equal(told.Count == log.Count, page["caught_up"].GetBoolean());
            Assert.Equal(told.Count == log.Count ? "completed" : "running", page["status"].GetString());
        }
        while (!page["caught_up"].GetBoolean());
        Assert.Equal(log.Select(one => one.Raw), told);
    }

    [Fact]
    public async Task AtTheEndOfAFinishedTask_AnEmptyPageComesAtOnce_AndGivesTheCursorBack()
    {
        var task = await Api.EchoAsync(new { count = 0 });
        var epoch = (await Api.EndOfAsync(task)).GetProperty("epoch").GetString();
        var page = await PageAsync(task, $"after={epoch}:3&wait=30s");
        Assert.Equal((0, $"{epoch}:3", true, "completed"), (page["events"].GetArrayLength(), page["cursor"].GetString(), page["caught_up"].GetBoolean(), page["status"].GetString()));
    }

    [Fact]
    public async Task AnEmptyPage_GivesTheCursorBack_WhenTheTimeIsUp()
    {
        var task = await HandTask.StartAsync(Api);
        var cursor = (await PageAsync(task.Id))["cursor"].GetString();
        var page = await PageAsync(task.Id, $"after={cursor}&wait=100ms");
        Assert.Equal((0, cursor, true, "running"), (page["events"].GetArrayLength(), page["cursor"].GetString(), page["caught_up"].GetBoolean(), page["status"].GetString()));
    }

    [Fact]
    public async Task Wait_HoldsTheAnswerUntilThereIsAnEvent()
    {
        var task = await HandTask.StartAsync(Api);
        var cursor = (await PageAsync(task.Id))["cursor"].GetString();
        var waiting = PageAsync(task.Id, $"after={cursor}&wait=30s");
        await Waiting.UntilAsync("the poll waits", async () => (await Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32() == 1);
        Assert.False(waiting.IsCompleted);
        await task.TokensAsync("news");
        Assert.Equal("news", (await waiting)["events"][0].GetProperty("data").GetProperty("delta").GetString());
    }

    [Fact]
    public async Task Wait_ThatThePollerGivesUp_IsNoTrouble()
    {
        var task = await HandTask.StartAsync(Api);
        var cursor = (await PageAsync(task.Id))["cursor"].GetString();
        using var enough = new CancellationTokenSource();
        var waiting = Api.Http.GetAsync(new Uri($"/api/v1/tasks/{task.Id}/events?after={cursor}&wait=30s", UriKind.Relative), enough.Token);
        await Waiting.UntilAsync("the poll waits", async () => (await Api.SnapshotAsync(task.Id)).GetProperty("viewers").GetInt32() == 1);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await task.TokensAsync("news");
        Assert.Equal(1, (await PageAsync(task.Id, $"after={cursor}"))["events"].GetArrayLength());
    }

    [Fact]
    public async Task TheStatus_IsAsOfTheCursor()
    {
        var task = await HandTask.StartAsync(Api);
        await task.TokensAsync("a");
        var review = (await task.CallAsync("reviews", new { lease = task.Lease, key = "k", prompt = "Well?" })).Is(HttpStatusCode.OK)["review_id"].GetString();
        Assert.Equal("awaiting_review", (await PageAsync(task.Id))["status"].GetString());
        Assert.Equal("queued", (await PageAsync(task.Id, "limit=1"))["status"].GetString());
        Assert.Equal("running", (await PageAsync(task.Id, "limit=2"))["status"].GetString());
        var epoch = (await PageAsync(task.Id))["epoch"].GetString();
        Assert.Equal("running", (await PageAsync(task.Id, $"limit=1&after={epoch}:2"))["status"].GetString());
        await Api.PostAsync($"/api/v1/tasks/{task.Id}/review", new { review_id = review, decision = "approve" });
        await task.CompleteAsync();
        Assert.Equal("awaiting_review", (await PageAsync(task.Id, "limit=4"))["status"].GetString());
        Assert.Equal("running", (await PageAsync(task.Id, "limit=5"))["status"].GetString());
        Assert.Equal("completed", (await PageAsync(task.Id, "limit=6"))["status"].GetString());
    }

    [Fact]
    public async Task TheStatus_OfAPageThatEndsWhereTheLogDidAMomentAgo_IsThatOfThatMoment()
    {
        // Between the reading of the events and of the state the task ends: the page must not tell an end that it does not hold.
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await EmbeddedFront.StartAsync(adjust: services => services.AddSingleton<ILogStore>(store));
        var task = await HandTask.StartAsync(host.Api);
        await task.CallAsync("reviews", new { lease = task.Lease, key = "k", prompt = "Well?" });
        var cursor = (await host.Api.GetAsync($"/api/v1/tasks/{task.Id}/events"))["cursor"].GetString();
        var pages = Enumerable.Range(0, 20).Select(async _ => (await host.Api.GetAsync($"/api/v1/tasks/{task.Id}/events?after={cursor}")).Is(HttpStatusCode.OK)).ToList();
        await host.Api.PostAsync($"/api/v1/tasks/{task.Id}/cancel");
        await task.CallAsync("fail", new { lease = task.Lease, error = new { code = "stopped" } });
        foreach (var page in await Task.WhenAll(pages))
        {
            Assert.Equal(page["events"].GetArrayLength() == 0 ? "awaiting_review" : "cancelled", page["status"].GetString());
        }
    }

    [Fact]
    public async Task APage_IsAtMost1MiB_ButHoldsOneEventAtLeast()
    {
        var task = await HandTask.StartAsync(Api);
        for (var i = 0; i < 12; i++)
        {
            await task.TokensAsync(new string('x', 200_000));
        }

        var page = await PageAsync(task.Id, "limit=1000");
        Assert.InRange(page.Text.Length, 800_000, 1 << 20);
        Assert.False(page["caught_up"].GetBoolean());
        Assert.Equal(14, (await Api.LogAsync(task.Id)).Count);
    }

    [Fact]
    public async Task AForeignCursor_ResetsToTheFirstEvent()
    {
        var task = await HandTask.StartAsync(Api);
        var page = await PageAsync(task.Id, "after=other:1");
        Assert.True(page["reset"].GetBoolean());
        Assert.Equal(1, page["events"][0].GetProperty("seq").GetInt32());
        var epoch = page["epoch"].GetString();
        Assert.True((await PageAsync(task.Id, $"after={epoch}:3"))["reset"].GetBoolean());
        Assert.False((await PageAsync(task.Id, $"after={epoch}:2"))["reset"].GetBoolean());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=10001", "limit")]
    [InlineData("limit=1e2", "limit")]
    [InlineData("wait=31s", "wait")]
    [InlineData("wait=1", "wait")]
    [InlineData("wait=-1s", "wait")]
    [InlineData("compact=2", "compact")]
    [InlineData("wait=1s&session_id=%20", "session_id")]
    public async Task ABadParameter_400ByName(string query, string field)
    {
        var task = await HandTask.QueueAsync(Api);
        (await Api.GetAsync($"/api/v1/tasks/{task.Id}/events?{query}")).IsProblem(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    private async Task<Reply> PageAsync(string task, string query = "") => (await Api.GetAsync($"/api/v1/tasks/{task}/events?{query}")).Is(HttpStatusCode.OK);
}
