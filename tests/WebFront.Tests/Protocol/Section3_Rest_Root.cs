using System.Net;
using System.Text.Json;

using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 3: health, metrics, the description of the interface, live lists.</summary>
public sealed class Section3_Rest_Root(SharedFront front)
{
    private Api Api => front.Api;

    [Fact]
    public async Task Healthz_IsAlive() => (await Api.GetAsync("/healthz")).Is(HttpStatusCode.OK);

    [Fact]
    public async Task Readyz_IsReady_AndNamesItsParts() =>
        Assert.Equal("""{"status":"ready","store":"ok","cluster":"ok","draining":false}""", (await Api.GetAsync("/readyz")).Is(HttpStatusCode.OK).Text);

    [Fact]
    public async Task Readyz_SaysWhichPartIsIll_AndEverythingElseIs503WithAVerdict()
    {
        var store = new HeldLogStore(new MemoryLogStore());
        await using var host = await EmbeddedFront.StartAsync(adjust: services => services.AddSingleton<ILogStore>(store));
        var task = await HandTask.StartAsync(host.Api);
        store.Away = true;
        var reply = (await host.Api.GetAsync("/readyz")).Is(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("""{"status":"not_ready","store":"unavailable","cluster":"ok","draining":false}""", reply.Text);
        (await host.Api.GetAsync("/healthz")).Is(HttpStatusCode.OK);
        (await host.Api.GetAsync($"/api/v1/tasks/{task.Id}")).IsProblem(HttpStatusCode.ServiceUnavailable, "store_unavailable", retry: "reconnect");
        (await host.Api.GetAsync("/api/v1/tasks")).IsProblem(HttpStatusCode.ServiceUnavailable, "store_unavailable", retry: "reconnect");
        (await host.Api.PostAsync("/api/v1/tasks", new { kind = "echo" })).IsProblem(HttpStatusCode.ServiceUnavailable, "store_unavailable", retry: "reconnect");
        await using var viewer = await WebSocketViewer.WatchAsync(host.Api, task.Id);
        await viewer.AssertClosedAsync(1013, "store_unavailable", "reconnect");

        // A status would make an EventSource give up for good.
        await using var stream = await SseViewer.WatchAsync(host.Api, task.Id);
        Assert.Equal(("store_unavailable", "reconnect"), ((await stream.UntilAsync("refused")).Text("code"), stream.Transcript.The("refused").Text("retry")));
        Assert.Equal("reconnect", (await stream.UntilAsync("closing")).Text("retry"));
        store.Away = false;
        (await host.Api.GetAsync("/readyz")).Is(HttpStatusCode.OK);
        await task.TokensAsync("on it goes");
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Metrics_ArePrometheusText()
    {
        var task = await Api.EchoAsync(new { count = 5, interval_ms = 0 });
        await using (var viewer = await WebSocketViewer.WatchAsync(Api, task))
        {
            await viewer.ToEndAsync();
        }

        var reply = (await Api.GetAsync("/metrics")).Is(HttpStatusCode.OK);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", reply.ContentHeaders.ContentType?.ToString());
        var types = new HashSet<string>(StringComparer.Ordinal);
        var type = "";
        foreach (var line in reply.Text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                type = line.Split(' ')[2];
                Assert.True(types.Add(type), $"Twice: {line}");
                Assert.Contains(line.Split(' ')[3], new[] { "counter", "gauge", "histogram" });
            }
            else if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                Assert.Equal(type, line.Split(' ')[2]);
            }
            else if (line != "# EOF")
            {
                Assert.StartsWith(type, line, StringComparison.Ordinal);
                Assert.True(double.TryParse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture, out _), line);
            }
        }

        Assert.Contains("holdfast_messages_delivered_total", types);
        Assert.Contains("holdfast_connections_opened_total", types);
        Assert.Contains("holdfast_connections_closed_total", types);
        Assert.Contains("holdfast_events_appended_total", types);
        Assert.Contains("holdfast_tasks_ended_total", types);
        Assert.Contains("holdfast_connections", types);
    }

    [Fact]
    public async Task OpenApi_IsServed_AndDescribesEveryCall()
    {
        var document = (await Api.GetAsync("/openapi/v1.json")).Is(HttpStatusCode.OK).Json;
        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(call => $"{call.Name.ToUpperInvariant()} {path.Name}")).ToList();
        string[] calls =
        [
            "POST /api/v1/tasks", "GET /api/v1/tasks", "GET /api/v1/tasks/stream", "GET /api/v1/monitor/stream", "GET /api/v1/tasks/{taskId}", "GET /api/v1/tasks/{taskId}/result",
            "GET /api/v1/tasks/{taskId}/events", "POST /api/v1/tasks/{taskId}/cancel", "POST /api/v1/tasks/{taskId}/retry", "POST /api/v1/tasks/{taskId}/review", "DELETE /api/v1/tasks/{taskId}",
            "GET /api/v1/sessions", "GET /api/v1/sessions/{sessionId}", "POST /api/v1/cleanup", "POST /api/v1/workers/lease", "POST /api/v1/tasks/{taskId}/events", "POST /api/v1/tasks/{taskId}/lease",
            "POST /api/v1/tasks/{taskId}/reviews", "POST /api/v1/tasks/{taskId}/complete", "POST /api/v1/tasks/{taskId}/fail", "GET /healthz", "GET /readyz", "GET /metrics",
        ];
        Assert.Empty(calls.Except(paths));

        // What is described and not mapped is thrown; what is mapped and not described has no summary.
        Assert.All(
            document.GetProperty("paths").EnumerateObject().Where(path => path.Name.StartsWith("/api/v1/", StringComparison.Ordinal)).SelectMany(path => path.Value.EnumerateObject().Select(call => (path.Name, Call: call))),
            one => Assert.True(one.Call.Value.TryGetProperty("summary", out _), $"{one.Call.Name} {one.Name} is missing in ApiDescription."));
    }

    [Fact]
    public async Task TheLiveList_IsASnapshotFirst_ThenChanges()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:LivePeriod"] = "00:00:00.050", ["Front:LiveRefresh"] = "00:00:00.100" });
        var first = await HandTask.QueueAsync(host.Api, """ "labels":{"team":"a"} """);
        await HandTask.QueueAsync(host.Api, """ "labels":{"team":"b"} """);
        await using var stream = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream?label=team%3Da&status=active");
        var snapshot = await stream!.UntilAsync("snapshot");
        Assert.Equal(first.Id, Assert.Single(snapshot.Json.GetProperty("tasks").EnumerateArray()).GetProperty("task_id").GetString());
        await first.LeaseAsync();
        var change = await stream.UntilAsync("the start of the task", message => message.Type == "change" && message.Json.GetProperty("tasks").EnumerateArray().Any(task => task.GetProperty("status").GetString() == "running"));
        Assert.Empty(change.Json.GetProperty("removed").EnumerateArray());
        await first.CompleteAsync();
        var gone = await stream.UntilAsync("the end of the task", message => message.Type == "change" && message.Json.GetProperty("removed").GetArrayLength() > 0);
        Assert.Equal(first.Id, gone.Json.GetProperty("removed")[0].GetString());
        Assert.Equal("1000", stream.Blocks[0].Retry);
    }

    [Fact]
    public async Task TheLiveList_SaysSomethingOnlyWhenSomethingChanged()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:LivePeriod"] = "00:00:00.020", ["Front:LiveRefresh"] = "00:00:00.020", ["Front:SseComment"] = "00:00:00.200" });
        await HandTask.QueueAsync(host.Api);
        await using var stream = await SseViewer.TryWatchAsync(host.Api, "/api/v1/tasks/stream");
        SseBlock? block;
        do
        {
            block = await stream!.BlockAsync("a comment");
        }
        while (block is { Comment: null });
        Assert.Equal(["snapshot"], stream.Blocks.Where(one => one.Event is not null).Select(one => one.Event));
    }

    [Fact]
    public async Task TheMonitor_CountsTasksSessionsAndFronts()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:LivePeriod"] = "00:00:00.050" });
        var task = await HandTask.StartAsync(host.Api);
        await using var viewer = await WebSocketViewer.WatchAsync(host.Api, task.Id);
        await viewer.UntilAsync("caught_up");
        await using var stream = await SseViewer.TryWatchAsync(host.Api, "/api/v1/monitor/stream");
        var figures = await stream!.UntilAsync("monitor");
        var next = await stream.UntilAsync("the next figures", message => message.Type == "monitor" && message != figures);
        Assert.Equal("""{"running":1}""", next.Json.GetProperty("tasks").GetRawText());
        Assert.Equal(1, next.Json.GetProperty("active_by_kind").GetProperty(task.Kind).GetInt32());
        Assert.Equal(1, Assert.Single(next.Json.GetProperty("fronts").EnumerateArray()).GetProperty("sessions").GetInt32());
        Assert.Equal(next.Json.EnumerateObject().Select(member => member.Name), (await host.Api.GetAsync("/api/v1/monitor")).Is(HttpStatusCode.OK).Json.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task TheMonitor_TellsOfSilosAppendsAndHowConnectionsEnded()
    {
        await using var host = await EmbeddedFront.StartAsync();
        var task = await HandTask.StartAsync(host.Api);
        await task.TokensAsync("one", "two");
        string cursor;
        await using (var viewer = await WebSocketViewer.WatchAsync(host.Api, task.Id, "include_history=true"))
        {
            cursor = (await viewer.UntilAsync("caught_up")).Text("cursor")!;
        }

        await using var again = await WebSocketViewer.WatchAsync(host.Api, task.Id, "after=" + cursor);
        await again.UntilAsync("caught_up");
        await using var stranger = await WebSocketViewer.WatchAsync(host.Api, task.Id, "after=another-epoch:1");
        await stranger.UntilAsync("history_reset");
        await using var refused = await WebSocketViewer.WatchAsync(host.Api, "t_00000000", "after=" + cursor);
        await refused.ToEndAsync();
        (await host.Api.GetAsync($"/api/v1/tasks/{task.Id}/events?after={cursor}&wait=10ms")).Is(HttpStatusCode.OK);
        JsonElement figures = default;
        await Waiting.UntilAsync("the figures know of the first viewer's end", async () =>
        {
            figures = (await host.Api.GetAsync("/api/v1/monitor")).Is(HttpStatusCode.OK).Json;
            return figures.GetProperty("connections").GetProperty("closed").GetArrayLength() == 2 && figures.GetProperty("connections").GetProperty("open").GetInt32() == 2;
        });
        var silo = Assert.Single(figures.GetProperty("silos").EnumerateArray());
        Assert.Equal((true, 1), (silo.GetProperty("active").GetBoolean(), silo.GetProperty("tasks").GetInt32()));
        Assert.Equal("sqlite", figures.GetProperty("store").GetString());
        Assert.Equal(Holdfast.Hosting.HostBanner.Orleans, figures.GetProperty("orleans").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+$", Holdfast.Hosting.HostBanner.Orleans);
        var work = figures.GetProperty("work");
        Assert.Equal((4, 1, 1), (work.GetProperty("events_appended").GetInt64(), work.GetProperty("tasks_owned").GetInt32(), work.GetProperty("worker_leases").GetInt32()));
        var within = work.GetProperty("appends_within").EnumerateArray().Select(bucket => bucket[1].GetInt64()).ToList();
        Assert.Equal(within.Order(), within);
        Assert.InRange(within[^1], 1, work.GetProperty("appends").GetInt64());
        var connections = figures.GetProperty("connections");
        Assert.Equal(0, connections.GetProperty("gaps").GetInt64());
        Assert.Equal(1, connections.GetProperty("polling").GetInt32());
        Assert.Equal("""{"poll":1,"ws":3}""", connections.GetProperty("opened").GetRawText());
        Assert.Equal("""{"refused":1,"reset":1,"resumed":2}""", connections.GetProperty("returned").GetRawText());
        Assert.Equal(["1006 reconnect", "4404 stop"], connections.GetProperty("closed").EnumerateArray().Select(end => $"{end.GetProperty("code")} {end.GetProperty("retry").GetString()}"));
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("POST", "/")]
    [InlineData("GET", "/api/v1/tasks/t_12345678/nothing")]
    [InlineData("GET", "/API/v2/tasks")]
    [InlineData("PUT", "/nowhere")]
    public async Task AWrongPath_404_SaysWhereTheApiIs(string method, string path)
    {
        var reply = await Api.SendAsync(new HttpMethod(method), path);
        Assert.Contains("/api/v1", reply.IsProblem(HttpStatusCode.NotFound, "no_such_path")["detail"].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", "/api/v1/tasks", "GET, HEAD, OPTIONS, POST")]
    [InlineData("DELETE", "/api/v1/tasks", "GET, HEAD, OPTIONS, POST")]
    [InlineData("PATCH", "/api/v1/tasks/t_12345678", "DELETE, GET, HEAD, OPTIONS")]
    [InlineData("GET", "/api/v1/tasks/t_12345678/cancel", "OPTIONS, POST")]
    [InlineData("GET", "/api/v1/cleanup", "OPTIONS, POST")]
    [InlineData("POST", "/healthz", "GET, HEAD, OPTIONS")]
    public async Task AWrongMethod_405_NamesTheRightOnes(string method, string path, string allowed)
    {
        var reply = (await Api.SendAsync(new HttpMethod(method), path)).IsProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal(allowed, string.Join(", ", reply.ContentHeaders.Allow.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task ThePage_IsServedAtTheRoot()
    {
        var reply = (await Api.GetAsync("/")).Is(HttpStatusCode.OK);
        Assert.Equal("text/html", reply.ContentHeaders.ContentType?.MediaType);
    }

    [Fact]
    public void EveryRefusal_HasOneVerdict_AndItAgreesWithItsCloseCode()
    {
        var codes = typeof(Grains.RefusalCodes).GetFields().Concat(typeof(WebFront.Problems.FrontCodes).GetFields()).Select(field => (string)field.GetRawConstantValue()!).ToList();
        Assert.Equal(codes.Count, codes.Distinct().Count());
        foreach (var code in codes)
        {
            var verdict = WebFront.Problems.Verdict.Of(code);
            Assert.InRange(verdict.Status, 400, 599);
            var byRange = verdict.CloseCode is (>= 4400 and <= 4499) or 1002 or 1003 or 1007 or 1008 or 1009;
            Assert.True(byRange == verdict.Stop || code is "not_finished" or "request_timeout", $"{code}: close {verdict.CloseCode}, {verdict.Retry}");
        }
    }
}
