using System.Net.WebSockets;

using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Invariants;

/// <summary>A front that is killed and started again over its folder, and viewers who come back to it with their cursors.</summary>
internal sealed class RestartingFront(string folder, IReadOnlyDictionary<string, string>? options = null) : IAsyncDisposable
{
    private TaskCompletionSource<FrontProcess> _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FrontProcess? _process;

    /// <summary>The front, as soon as there is one.</summary>
    public Task<FrontProcess> UpAsync() => Volatile.Read(ref _up).Task.ForAsync("the front is up");

    /// <summary>Starts it.</summary>
    public async Task<FrontProcess> StartAsync()
    {
        _process = await FrontProcess.StartAsync(folder, options);
        _up.SetResult(_process);
        return _process;
    }

    /// <summary>Kills it with -9, and starts it again.</summary>
    public async Task<FrontProcess> KillAndStartAsync()
    {
        var dead = await UpAsync();
        Volatile.Write(ref _up, new TaskCompletionSource<FrontProcess>(TaskCreationOptions.RunContinuationsAsynchronously));
        await dead.KillAsync();
        await dead.DisposeAsync();
        return await StartAsync();
    }

    /// <summary>Watches a task to its end, whatever happens to the front meanwhile; gives each event as it came.</summary>
    /// <param name="transport"><c>ws</c>, <c>sse</c> or <c>poll</c>.</param>
    /// <param name="task">The task.</param>
    /// <param name="told">Called with every event.</param>
    public async Task<IReadOnlyList<Message>> FollowAsync(string transport, string task, Action<Message>? told = null)
    {
        List<Message> events = [];
        string? epoch = null;
        while (events.Count == 0 || !events[^1].IsTerminal)
        {
            try
            {
                var front = await UpAsync();
                epoch ??= (await front.Api.SnapshotAsync(task)).GetProperty("epoch").GetString();
                await using var viewer = await ConnectAsync(front.Api, transport, task, events.Count == 0 ? null : $"{epoch}:{events[^1].Seq}");
                while (await viewer.NextAsync("the next message") is { } message)
                {
                    if (message.IsEvent)
                    {
                        events.Add(message);
                        told?.Invoke(message);
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                // It was killed: back with the cursor.
            }
        }

        return events;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<Viewer> ConnectAsync(Api api, string transport, string task, string? cursor) => transport switch
    {
        "ws" => await WebSocketViewer.WatchAsync(api, task, cursor is null ? "include_history=true" : $"after={cursor}"),
        "sse" => await SseViewer.WatchAsync(api, task, cursor is null ? "" : $"after={cursor}"),
        _ => PollViewer.Watch(api, task, cursor),
    };
}
