using System.Threading.Channels;

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
/// Several silos may touch the same grain: it is there once, whoever asks first.
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
    // Logs are read so many at a time.
    private const int PageSize = 500;

    private readonly RecoveryOptions _options = recoveryOptions.Value;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Whose tasks may have nobody who writes them, since all tasks were looked through the last time. "" has those that were handed over.
    private readonly HashSet<string> _suspects = [""];

    /// <summary>Orleans tells of silos that come and go.</summary>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead)
        {
            Suspect(updatedSilo.ToParsableString());
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

    private void Suspect(string silo)
    {
        lock (_suspects)
        {
            _suspects.Add(silo);
        }

        _wake.Writer.TryWrite(true);
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        var time = new SteadyTime(clock);
        var (sweepAt, retention) = (time.Now, new Retention(_options.RetainFor, time));
        var patience = new Patience(clock, _options);
        while (true)
        {
            try
            {
                if (time.Now >= sweepAt)
                {
                    await RecoverAllAsync(stoppingToken);
                    await RetainAsync(retention, stoppingToken);
                    sweepAt = time.Now + _options.SweepPeriod;
                }
                else
                {
                    await RecoverSuspectsAsync(stoppingToken);
                }

                patience.Answered();
                await WaitAsync(sweepAt - time.Now, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                SweepFailed(logger, patience.IsTried ? LogLevel.Debug : LogLevel.Warning, e);
                await WaitAsync(patience.Failed(), stoppingToken);
            }
        }
    }

    /// <summary>Until somebody is suspected, or so long.</summary>
    private async Task WaitAsync(TimeSpan atMost, CancellationToken stoppingToken)
    {
        using var passed = new CancellationTokenSource(atMost > TimeSpan.Zero ? atMost : TimeSpan.Zero, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(passed.Token, stoppingToken);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // It is time.
        }
    }

    private async Task RecoverAllAsync(CancellationToken stoppingToken)
    {
        var before = Suspects();
        await RecoverAsync([TaskTags.Open], stoppingToken);
        lock (_suspects)
        {
            _suspects.ExceptWith(before);
            _suspects.Add("");
        }
    }

    private async Task RecoverSuspectsAsync(CancellationToken stoppingToken)
    {
        foreach (var silo in Suspects())
        {
            await RecoverAsync([TaskTags.Open, TaskTags.Silo(silo)], stoppingToken);
        }
    }

    private string[] Suspects()
    {
        lock (_suspects)
        {
            return [.. _suspects];
        }
    }

    private async Task RecoverAsync(LogTag[] tags, CancellationToken stoppingToken)
    {
        string? cursor = null;
        var touched = 0;
        do
        {
            var list = await store.ListAsync(new LogQuery(tags, PageSize, cursor, OldestFirst: true), stoppingToken);
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
            return await grains.GetGrain<ITaskGrain>(taskId).TouchAsync(ownership.Silo);
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
        var patience = new Patience(clock, _options);
        await foreach (var taskId in ownership.LostTasks.ReadAllAsync(stoppingToken))
        {
            await Task.Delay(delay, clock, stoppingToken);
            if (await TouchAsync(taskId))
            {
                patience.Answered();
                delay = TimeSpan.Zero;
            }
            else
            {
                delay = patience.Failed();
                Suspect(ownership.Silo);
            }
        }
    }

    /// <summary>By one silo of the cluster: two that count at once would delete twice what is too much.</summary>
    private async Task RetainAsync(Retention retention, CancellationToken stoppingToken)
    {
        if (!oracle.SiloAddress.Equals(oracle.GetActiveSilos().Min()))
        {
            return;
        }

        var counts = await store.CountAsync(TaskTags.Ended.Name, [], stoppingToken);
        var excess = counts.GetValueOrDefault(TaskTags.Ended.Value) - _options.RetainCount;
        retention.Begin();
        string? cursor = null;
        do
        {
            var list = await store.ListAsync(new LogQuery([TaskTags.Ended], PageSize, cursor, OldestFirst: true), stoppingToken);
            var expired = 0;
            foreach (var log in list.Logs)
            {
                if (excess > 0 || retention.IsOver(log.Id, TaskHead.Parse(log.Head.Span).FinishedAt, clock.GetUtcNow()))
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

    /// <summary>
    /// How long to wait after a failure: a fourth of the time since the first one, however many there were. What was away for a while is found
    /// soon after it is back.
    /// </summary>
    private sealed class Patience(TimeProvider clock, RecoveryOptions options)
    {
        private long? _since;

        /// <summary>Whether it has failed since the last answer.</summary>
        public bool IsTried => _since is not null;

        public void Answered() => _since = null;

        public TimeSpan Failed()
        {
            var quarter = clock.GetElapsedTime(_since ??= clock.GetTimestamp()) / 4;
            return quarter < options.RetryDelay ? options.RetryDelay : quarter > options.SweepPeriod ? options.SweepPeriod : quarter;
        }
    }
}
