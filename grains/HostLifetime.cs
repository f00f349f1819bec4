using Microsoft.Extensions.Hosting;

namespace Holdfast.Grains;

/// <summary>Waits for hosts.</summary>
public static class HostLifetime
{
    /// <summary>Complete once the host is up: grains can be called from then on.</summary>
    public static async Task WhenStartedAsync(this IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(cancellationToken);
    }
}
