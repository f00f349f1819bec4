using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Hostile;

/// <summary>A task with a viewer who does nothing wrong: whatever others are sent or send, it sees nothing of it, and the task goes on.</summary>
public abstract class WithABystander(SharedFront front) : IAsyncLifetime
{
    private HandTask? _task;
    private WebSocketViewer? _bystander;

    internal SharedFront Front => front;

    internal HandTask Watched => _task ?? throw new InvalidOperationException("The test has not begun.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _task = await HandTask.StartAsync(front.Api);
        _bystander = await WebSocketViewer.WatchAsync(front.Api, _task.Id);
        await _bystander.UntilAsync("caught_up");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await using var bystander = _bystander!;
        await Watched.TokensAsync("unmoved");
        await Watched.CompleteAsync();
        await bystander.AssertClosedAsync(1000, "task_finished", "stop");
        Assert.Equal(["connected", "current_status", "caught_up", "closing"], bystander.Transcript.Controls);
        Assert.Equal(["created", "started", "token", "completed"], bystander.Transcript.Events.Select(one => one.Type));
    }
}
