using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Recovery;

/// <summary>
/// Finds tasks that are not terminal and that no living silo writes, and touches their grains: at start, when a silo has died, when a log was
/// lost while the silo lives, and every so often, as the net under all of these. Then retention. Restarting the one process is the same thing.
/// </summary>
internal sealed partial class RecoveryService(
    ILogStore store,
    IGrainFactory grains,
    TaskOwnership ownership,
    ISiloStatusOracle oracle,
    IHostApplicationLifetime lifetime,
    IOptions<RecoveryOptions> recoveryOptions,
    [FromKeyedServices(HoldfastClock.Key)] TimeProvider clock,
    ILogger<RecoveryService> logger) : BackgroundService, ISiloStatusListener
{
    private readonly RecoveryOptions _options = recoveryOptions.Value;
    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>The engine tells of silos that come and go.</summary>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead)
        {
            Wake();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await lifetime.WhenStartedAsync(stoppingToken);
            oracle.SubscribeToSiloStatusEvents(this);
            await Task.WhenAll(SweepAsync(stoppingToken), RetryLostAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo is going down.
        }
        finally
        {
            oracle.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await RecoverAsync(stoppingToken);
                await RetainAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                SweepFailed(logger, e);
            }

            await Task.WhenAny(_wake.WaitAsync(stoppingToken), Task.Delay(_options.SweepPeriod, clock, stoppingToken));
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    private async Task RecoverAsync(CancellationToken stoppingToken)
    {
        string? cursor = null;
        var touched = 0;
        do
        {
            var list = await store.ListAsync(new LogQuery([TaskTags.Open], 500, cursor, OldestFirst: true), stoppingToken);
            var orphans = list.Logs.Where(log => !ownership.Owns(log.Id) && ownership.IsFree(TaskHead.Parse(log.Head.Span).Silo)).ToList();
            touched += orphans.Count;
            await Parallel.ForEachAsync(
                orphans, new ParallelOptions { MaxDegreeOfParallelism = _options.Parallel, CancellationToken = stoppingToken }, async (log, _) => await TouchAsync(log.Id));
            cursor = list.NextCursor;
        }
        while (cursor is not null);
        if (touched > 0)
        {
            Recovered(logger, touched);
        }
    }

    private async Task<bool> TouchAsync(string taskId)
    {
        try
        {
            await grains.GetGrain<ITaskGrain>(taskId).TouchAsync();
            return true;
        }
        catch (Exception e)
        {
            TouchFailed(logger, taskId, e);
            return false;
        }
    }

    /// <summary>A log that was lost because the store was away is tried again soon, and then less and less often.</summary>
    private async Task RetryLostAsync(CancellationToken stoppingToken)
    {
        var delay = _options.RetryDelay;
        await foreach (var taskId in ownership.LostTasks.ReadAllAsync(stoppingToken))
        {
            await Task.Delay(delay, clock, stoppingToken);
            if (await TouchAsync(taskId) && ownership.Owns(taskId))
            {
                delay = TimeSpan.Zero;
            }
            else
            {
                // The sweep has the others.
                delay = delay * 2 > _options.SweepPeriod ? _options.SweepPeriod : TimeSpan.FromTicks(Math.Max(delay.Ticks * 2, _options.RetryDelay.Ticks));
                Wake();
            }
        }
    }

    private async Task RetainAsync(CancellationToken stoppingToken)
    {
        var counts = await store.CountAsync(TaskTags.Ended.Name, [TaskTags.Any], stoppingToken);
        var excess = counts.GetValueOrDefault(TaskTags.Ended.Value) - _options.RetainCount;
        var oldest = clock.GetUtcNow() - _options.RetainFor;
        string? cursor = null;
        do
        {
            var list = await store.ListAsync(new LogQuery([TaskTags.Ended], 200, cursor, OldestFirst: true), stoppingToken);
            var expired = 0;
            foreach (var log in list.Logs)
            {
                if (excess > 0 || TaskHead.Parse(log.Head.Span).FinishedAt < oldest)
                {
                    await grains.GetGrain<ITaskGrain>(log.Id).DeleteAsync();
                    (excess, expired) = (excess - 1, expired + 1);
                }
            }

            // In the order of creation: a page without any that has expired is the end, or nearly.
            cursor = expired > 0 ? list.NextCursor : null;
        }
        while (cursor is not null);
    }
}

/// <summary>How orphaned tasks are found, and how long ended ones are kept.</summary>
public sealed class RecoveryOptions
{
    /// <summary>How often all tasks are looked through for orphans. Events find them sooner; this is the net. Default: 60 s.</summary>
    public TimeSpan SweepPeriod { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many tasks are brought back at once. Default: 32.</summary>
    public int Parallel { get; set; } = 32;

    /// <summary>Wait before a log that was lost to a living silo is tried again; doubles up to <see cref="SweepPeriod"/>. Default: 500 ms.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long ended tasks are kept. Default: 7 days.</summary>
    public TimeSpan RetainFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many ended tasks are kept. Default: 100,000.</summary>
    public long RetainCount { get; set; } = 100_000;
}
