using Holdfast.Grains;
using Holdfast.Grains.Tasks;

using Orleans.Streams;

namespace Holdfast.WebFront.Live;

/// <summary>Hears that tasks have changed. A hint only: lists look for themselves now and then, whether they heard anything or not.</summary>
internal sealed partial class TaskNotices(IClusterClient cluster, IHostApplicationLifetime lifetime, ILogger<TaskNotices> logger) : BackgroundService
{
    private long _heard;

    /// <summary>Goes up with every notice.</summary>
    public long Heard => Volatile.Read(ref _heard);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        StreamSubscriptionHandle<TaskNotice>? subscription = null;
        try
        {
            await lifetime.WhenStartedAsync(stoppingToken);
            var stream = cluster.GetStreamProvider(TaskNotice.Provider).GetStream<TaskNotice>(TaskNotice.Stream);
            subscription = await stream.SubscribeAsync((_, _) =>
            {
                Interlocked.Increment(ref _heard);
                return Task.CompletedTask;
            });
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await LeaveAsync(subscription);
        }
        catch (Exception e)
        {
            Unheard(logger, e);
        }
    }

    private async Task LeaveAsync(StreamSubscriptionHandle<TaskNotice>? subscription)
    {
        try
        {
            await (subscription?.UnsubscribeAsync() ?? Task.CompletedTask);
        }
        catch (Exception e)
        {
            Unheard(logger, e);
        }
    }
}
