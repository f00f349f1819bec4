using System.Text.Json;

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

/// <summary>What lists and the monitor show comes by notices at once, by a look at the store now and then, and never twice.</summary>
public sealed class NoticeTests
{
    private const string TeamA = """ "labels":{"team":"a"} """;
    private const string TeamB = """ "labels":{"team":"b"} """;

    private static readonly (string, string) NeverLooks = ("Front:LiveRefresh", "01:00:00");
    private static readonly (string, string) LooksOften = ("Front:LiveRefresh", "00:00:00.050");

    [Fact]
    public async Task AChange_ShowsByTheNoticeAlone()
    {
        await using var host = await StartAsync([NeverLooks, ("Tasks:NoticePeriod", "00:00:00")]);
        await HearingAsync(host);
        await using var all = await WatchAsync(host, "label=team%3Da");
        await using var queued = await WatchAsync(host, "label=team%3Da&status=queued");
        var task = await HandTask.QueueAsync(host.Api, TeamA);
        await ShownAsync(all, task, shown => shown.GetProperty("status").GetString() == "queued");
        await ShownAsync(queued, task, _ => true);
        await task.LeaseAsync();
        await ShownAsync(all, task, shown => shown.GetProperty("status").GetString() == "running");
        await queued.UntilAsync("it waits no more", message => Removed(message).Contains(task.Id));
        await task.AppendAsync(new { type = "progress", data = new { percent = 40 } });
        await ShownAsync(all, task, shown => shown.GetProperty("progress") is { ValueKind: JsonValueKind.Object } progress && progress.GetProperty("percent").GetDouble() == 40);
        await task.CompleteAsync();
        await ShownAsync(all, task, shown => shown.GetProperty("status").GetString() == "completed");
    }

    [Fact]
    public async Task AChange_ShowsByTheLookAlone_WhenNoticesAreLost()
    {
        await using var host = await StartAsync([LooksOften, ("Front:NoticeRenewal", "1.00:00:00")]);
        await HearingAsync(host);
        await DeafenAsync(host);
        var heard = 0;
        host.Services.GetRequiredService<TaskNotices>().Heard += _ => Interlocked.Increment(ref heard);
        await using var all = await WatchAsync(host, "label=team%3Da");
        await using var queued = await WatchAsync(host, "label=team%3Da&status=queued");
        var task = await HandTask.QueueAsync(host.Api, TeamA);
        await ShownAsync(queued, task, _ => true);
        await task.LeaseAsync();
        await ShownAsync(all, task, shown => shown.GetProperty("status").GetString() == "running");
        await queued.UntilAsync("it waits no more", message => Removed(message).Contains(task.Id));
        await task.CompleteAsync();
        await ShownAsync(all, task, shown => shown.GetProperty("status").GetString() == "completed");
        Assert.Equal(0, heard);
    }

    [Fact]
    public async Task AChange_OfWhichTheNoticeAndTheLookTell_ShowsOnce()
    {
        await using var host = await StartAsync([LooksOften]);
        await HearingAsync(host);
        await using var list = await WatchAsync(host, "label=team%3Da");
        var task = await HandTask.QueueAsync(host.Api, TeamA);
        await task.LeaseAsync();
        await task.CompleteAsync();
        await ShownAsync(list, task, shown => shown.GetProperty("status").GetString() == "completed");
        var last = await HandTask.QueueAsync(host.Api, TeamA);
        await ShownAsync(list, last, _ => true);
        var states = list.Blocks.Where(block => block.Event == "change").SelectMany(block => JsonElement.Parse(block.Data!).GetProperty("tasks").EnumerateArray())
            .Where(shown => shown.GetProperty("task_id").GetString() == task.Id).Select(shown => shown.GetRawText()).ToList();
        Assert.Equal(states.Distinct(StringComparer.Ordinal), states);
    }

    [Fact]
    public async Task ANoticeThatFitsNoList_CausesNoReading()
    {
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await StartAsync([NeverLooks], store);
        await HearingAsync(host);
        await using var list = await WatchAsync(host, "label=team%3Da&status=active");
        var others = new HashSet<string>(StringComparer.Ordinal);
        host.Services.GetRequiredService<TaskNotices>().Heard += notice => Add(others, notice);
        var other = await HandTask.QueueAsync(host.Api, TeamB);
        await other.LeaseAsync();
        await other.CompleteAsync();
        await Waiting.UntilAsync("its end is heard", () => Has(others, $"{other.Id} {GenerationStatus.Completed}"));
        var task = await HandTask.QueueAsync(host.Api, TeamA);
        await ShownAsync(list, task, _ => true);

        // The first look, and the one at the task that fits.
        Assert.Equal(2, store.Lists.Count(query => query.Tags.Contains(TaskTags.Label("team", "a"))));
    }

    [Fact]
    public async Task TheMonitor_CountsTasksAgain_WhenOneHasChanged_AndNotBefore()
    {
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await StartAsync([NeverLooks], store);
        await HearingAsync(host);
        await using var stream = await SseViewer.TryWatchAsync(host.Api, "/api/v1/monitor/stream");
        await stream!.UntilAsync("monitor");
        await Waiting.UntilAsync("all that was heard is counted", async () =>
        {
            var before = store.Counts;
            await NextAsync(stream);
            await NextAsync(stream);
            return store.Counts == before;
        });
        var counted = store.Counts;
        var task = await HandTask.QueueAsync(host.Api);
        await stream.UntilAsync("it is counted", message => message.Type == "monitor" && message.Json.GetProperty("active_by_kind").TryGetProperty(task.Kind, out _));
        Assert.Equal(counted + 3, store.Counts);
    }

    private static async Task NextAsync(SseViewer stream)
    {
        var seen = stream.Blocks.Count;
        while (stream.Blocks.Skip(seen).All(block => block.Event != "monitor"))
        {
            await stream.BlockAsync("the next figures");
        }
    }

    private static void Add(HashSet<string> seen, TaskNotice notice)
    {
        lock (seen)
        {
            seen.Add($"{notice.TaskId} {notice.Status}");
        }
    }

    private static bool Has(HashSet<string> seen, string one)
    {
        lock (seen)
        {
            return seen.Contains(one);
        }
    }

    private static Task<Message> ShownAsync(SseViewer list, HandTask task, Func<JsonElement, bool> so) => list.UntilAsync(
        $"the list shows {task.Id}",
        message => message.Type is "snapshot" or "change"
            && message.Json.GetProperty("tasks").EnumerateArray().Any(shown => shown.GetProperty("task_id").GetString() == task.Id && so(shown)));

    private static IEnumerable<string?> Removed(Message message) =>
        message.Type == "change" ? message.Json.GetProperty("removed").EnumerateArray().Select(id => id.GetString()) : [];

    private static async Task<SseViewer> WatchAsync(EmbeddedFront host, string filter)
    {
        var stream = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream?" + filter);
        await stream!.UntilAsync("snapshot");
        return stream;
    }

    /// <summary>A front subscribes when it is up, and until then hears nothing.</summary>
    private static async Task HearingAsync(EmbeddedFront host)
    {
        var heard = 0;
        host.Services.GetRequiredService<TaskNotices>().Heard += _ => Interlocked.Increment(ref heard);
        await Waiting.UntilAsync("a notice is heard", async () =>
        {
            await HandTask.QueueAsync(host.Api);
            return Volatile.Read(ref heard) > 0;
        });
    }

    /// <summary>Takes its subscription away, as the end of the silo does that kept it.</summary>
    private static async Task DeafenAsync(EmbeddedFront host)
    {
        var stream = host.Services.GetRequiredService<IClusterClient>().GetStreamProvider(TaskNotice.Provider).GetStream<TaskNotice>(TaskNotice.Stream);
        foreach (var subscription in await stream.GetAllSubscriptionHandles())
        {
            await subscription.UnsubscribeAsync();
        }
    }

    private static Task<EmbeddedFront> StartAsync((string Name, string Value)[] options, ILogStore? store = null) => EmbeddedFront.StartAsync(
        options.Append(("Front:LivePeriod", "00:00:00.020")).ToDictionary(option => option.Item1, option => option.Item2, StringComparer.Ordinal),
        adjust: services => _ = store is null ? services : services.AddSingleton(store));
}
