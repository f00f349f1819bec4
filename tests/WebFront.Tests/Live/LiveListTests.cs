using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;
using Holdfast.WebFront.Live;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.WebFront.Tests.Live;

/// <summary>What a live list costs does not depend on how many look at it.</summary>
public sealed class LiveListTests
{
    private static readonly LogTag[] Filter = [TaskTags.Any, TaskTags.Owner("anonymous"), TaskTags.Label("team", "a")];

    [Fact]
    public async Task AllWhoLookWithOneFilter_ShareOneReading()
    {
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await FrontAsync([("Front:LivePeriod", "01:00:00")], store);
        var task = await HandTask.QueueAsync(host.Api, """ "labels":{"team":"a","room":"1"} """);
        List<SseViewer> streams = [];
        foreach (var filter in new[] { "label=team%3Da&label=room%3D1", "label=room%3D1&label=team%3Da", "label=team%3Da&label=room%3D1" })
        {
            var stream = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream?" + filter);
            streams.Add(stream!);
            var list = (await stream!.UntilAsync("snapshot")).Json;
            Assert.Equal(["type", "tasks", "next_cursor", "removed"], list.EnumerateObject().Select(member => member.Name));
            Assert.Equal(task.Id, Assert.Single(list.GetProperty("tasks").EnumerateArray()).GetProperty("task_id").GetString());
        }

        Assert.Single(store.Lists, query => query.Tags.Contains(TaskTags.Label("room", "1")));
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task AMessage_IsEncodedOnceForAllWhoWereShownTheSame()
    {
        await using var host = await FrontAsync([("Front:LivePeriod", "00:00:00.001")]);
        using var look = host.Services.GetRequiredService<LiveLists>().Enter(Filter)!;
        await HandTask.QueueAsync(host.Api, """ "labels":{"team":"a"} """);
        var before = await look.List.ReadAsync();
        Assert.Same(before.SinceAsync(null), before.SinceAsync(null));
        Assert.Equal("snapshot", (await before.SinceAsync(null))!.Value.Type);
        Assert.Null(await before.SinceAsync(before.Marks));
        var task = await HandTask.QueueAsync(host.Api, """ "labels":{"team":"a"} """);
        LiveListing after = before;
        await Waiting.UntilAsync("it is read again", async () => (after = await look.List.ReadAsync()) != before);
        Assert.Same(after.SinceAsync(before.Marks), after.SinceAsync(before.Marks));
        var change = new Message(System.Text.Encoding.UTF8.GetString((await after.SinceAsync(before.Marks))!.Value.Json.Span));
        Assert.Equal(("change", task.Id), (change.Type, Assert.Single(change.Json.GetProperty("tasks").EnumerateArray()).GetProperty("task_id").GetString()));
    }

    [Fact]
    public async Task WhatIsHeardWhileAListIsShared_IsLookedAtInTheNextPeriod()
    {
        await using var host = await FrontAsync([("Front:LivePeriod", "00:00:00.050"), ("Front:LiveRefresh", "01:00:00")]);
        await using var one = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream?label=team%3Da");
        await one!.UntilAsync("snapshot");
        await using var two = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream?label=team%3Da");
        await two!.UntilAsync("snapshot");
        for (var i = 0; i < 10; i++)
        {
            var task = await HandTask.QueueAsync(host.Api, """ "labels":{"team":"a"} """);
            foreach (var stream in new[] { one, two })
            {
                await stream.UntilAsync("the new task", message => message.Json.GetProperty("tasks").EnumerateArray().Any(shown => shown.GetProperty("task_id").GetString() == task.Id));
            }
        }
    }

    [Fact]
    public async Task MoreListsThanTheFrontTakes_AreRefusedInside_AndWhoLooksAtTheSameIsLetIn()
    {
        await using var host = await FrontAsync([("Front:MaxLiveLists", "1")]);
        await using (var first = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream?status=active"))
        {
            await first!.UntilAsync("snapshot");
            await using var same = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream?status=active");
            await same!.UntilAsync("snapshot");
            await using var other = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream");
            await other!.ToEndAsync();
            Assert.Equal(["refused", "closing"], other.Transcript.Controls);
            Assert.Equal("too_many_sessions", other.Transcript.The("closing").Text("reason"));
        }

        await Waiting.UntilAsync("there is room again", async () =>
        {
            await using var again = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream");
            return (await again!.NextAsync("the first message"))!.Type == "snapshot";
        });
    }

    private static Task<EmbeddedFront> FrontAsync((string Name, string Value)[] options, ILogStore? store = null) => EmbeddedFront.StartAsync(
        options.ToDictionary(option => option.Name, option => option.Value, StringComparer.Ordinal), adjust: services => _ = store is null ? services : services.AddSingleton(store));
}
