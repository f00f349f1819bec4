using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Contract;

public class WebSocketResumeTests(SharedFront front, ITestOutputHelper output) : ResumeContract(front, output)
{
    protected virtual string Extra => "";

    internal override async Task<Viewer?> ConnectAsync(string task, string? cursor) =>
        await WebSocketViewer.WatchAsync(Api, task, (cursor is null ? "include_history=true" : "after=" + cursor) + Extra);

    internal override async Task<Viewer?> ConnectLiveAsync(string task) => await WebSocketViewer.WatchAsync(Api, task, Extra);
}

public sealed class CompactWebSocketResumeTests(SharedFront front, ITestOutputHelper output) : WebSocketResumeTests(front, output)
{
    protected override bool Compact => true;

    protected override string Extra => "&compact=true";
}

public sealed class BatchWebSocketResumeTests(SharedFront front, ITestOutputHelper output) : WebSocketResumeTests(front, output)
{
    protected override string Extra => "&batch=true";
}

public sealed class CompactBatchWebSocketResumeTests(SharedFront front, ITestOutputHelper output) : WebSocketResumeTests(front, output)
{
    protected override bool Compact => true;

    protected override string Extra => "&compact=true&batch=true";
}

public class SseResumeTests(SharedFront front, ITestOutputHelper output) : ResumeContract(front, output)
{
    protected virtual string Extra => "";

    internal override async Task<Viewer?> ConnectAsync(string task, string? cursor) =>
        await SseViewer.TryWatchAsync(Api, $"/api/v1/tasks/{task}/events?{Extra}", cursor is null ? [] : [("Last-Event-ID", cursor)]);

    internal override async Task<Viewer?> ConnectLiveAsync(string task) =>
        await SseViewer.TryWatchAsync(Api, $"/api/v1/tasks/{task}/events?include_history=false&{Extra}");
}

public sealed class CompactSseResumeTests(SharedFront front, ITestOutputHelper output) : SseResumeTests(front, output)
{
    protected override bool Compact => true;

    protected override string Extra => "compact=true";
}

public class PollResumeTests(SharedFront front, ITestOutputHelper output) : ResumeContract(front, output)
{
    protected override bool IsStream => false;

    protected virtual string Extra => "";

    internal override Task<Viewer?> ConnectAsync(string task, string? cursor) =>
        Task.FromResult<Viewer?>(PollViewer.Watch(Api, task, cursor, "wait=10s&limit=7" + Extra));

    internal override Task<Viewer?> ConnectLiveAsync(string task) => Task.FromResult<Viewer?>(null);
}

public sealed class CompactPollResumeTests(SharedFront front, ITestOutputHelper output) : PollResumeTests(front, output)
{
    protected override bool Compact => true;

    protected override string Extra => "&compact=true";
}
