namespace Holdfast.WebFront.Viewers;

/// <summary>
/// Drains the front before the server stops taking requests and before the silo in the same process goes: hosted life-cycle services are told
/// first, all others after.
/// </summary>
internal sealed class FrontDrain(FrontPresence presence) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => presence.DrainAsync();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
