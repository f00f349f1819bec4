using Holdfast.Grains;
using Holdfast.Grains.Tasks;
using Holdfast.Hosting;

using Microsoft.Extensions.Options;

using Orleans.Streams;

namespace Holdfast.WebFront.Live;

/// <summary>
/// Hears that tasks have changed. A hint only: lists look for themselves now and then, whether they heard anything or not. A subscription may be lost
/// with the silo that kept it, and nobody says so: it is made anew every now and then.
/// </summary>
internal sealed partial class TaskNotices(
    IClusterClient cluster,
    IHostApplicationLifetime lifetime,
    IOptions<FrontOptions> options,
    TimeProvider clock,
    ILogger<TaskNotices> logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    private readonly Outage _outage = new();
    private StreamSubscriptionHandle<TaskNotice>? _subscription;
    private long _heard;

    /// <summary>Goes up with every notice.</summary>
    public long Heard => Volatile.Read(ref _heard);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await lifetime.WhenStartedAsync(stoppingToken);
            var retry = FirstRetry;
            while (true)
            {
                var subscribed = await TrySubscribeAsync();
                var wait = subscribed || retry > options.Value.NoticeRenewal ? options.Value.NoticeRenewal : retry;
                retry = subscribed ? FirstRetry : wait * 2;
                await Task.Delay(wait, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await LeaveAsync(_subscription);
        }
    }

    /// <summary>Subscribes anew, and only then ends the subscription before: nothing is missed, and what comes twice counts as one look.</summary>
    private async Task<bool> TrySubscribeAsync()
    {
        try
        {
            var earlier = _subscription;
            _subscription = await cluster.GetStreamProvider(TaskNotice.Provider).GetStream<TaskNotice>(TaskNotice.Stream).SubscribeAsync((_, _) =>
            {
                Interlocked.Increment(ref _heard);
                return Task.CompletedTask;
            });
            if (_outage.Answered() is > 0 and var failures)
            {
                HeardAgain(logger, failures);
            }

            await LeaveAsync(earlier);
            return true;
        }
        catch (Exception e)
        {
            var level = _outage.Failed();
            Unheard(logger, level, e);
            return false;
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
            // It was lost with its silo, or the cluster is going down.
            NotLeft(logger, e);
        }
    }
}
