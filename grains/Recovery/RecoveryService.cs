using System.Threading.Channels;

using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;

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
    TimeProvider clock,
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
            var done = false;
            try
            {
                if (time.Now < sweepAt)
                {
                    done = await RecoverSuspectsAsync(patience, stoppingToken);
                }
                else
                {
                    done = await RecoverAllAsync(patience, stoppingToken);
                    await RetainAsync(retention, stoppingToken);
                    sweepAt = done ? time.Now + _options.SweepPeriod : sweepAt;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                SweepFailed(logger, patience.Level, e);
            }

            // Right after a death calls get lost, and not every silo has heard of it: what was left behind is not left to the next sweep.
            if (done)
            {
                patience.Answered();
            }

            await WaitAsync(done ? sweepAt - time.Now : patience.Failed(), stoppingToken);
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

    /// <summary>Looks through all tasks; who was suspected before is no more, once all of theirs are being worked on.</summary>
    /// <returns>Whether they are.</returns>
    private async Task<bool> RecoverAllAsync(Patience patience, CancellationToken stoppingToken)
    {
        var before = Suspects();
        var done = await RecoverAsync([TaskTags.Open], patience, stoppingToken);
        if (done)
        {
            lock (_suspects)
            {
                _suspects.ExceptWith(before);
                _suspects.Add("");
            }
        }

        return done;
    }

    /// <inheritdoc cref="RecoverAllAsync"/>
    private async Task<bool> RecoverSuspectsAsync(Patience patience, CancellationToken stoppingToken)
    {
        var done = true;
        foreach (var silo in Suspects())
        {
            done &= await RecoverAsync([TaskTags.Open, TaskTags.Silo(silo)], patience, stoppingToken);
        }

        return done;
    }

    private string[] Suspects()
    {
        lock (_suspects)
        {
            return [.. _suspects];
        }
    }

    private async Task<bool> RecoverAsync(LogTag[] tags, Patience patience, CancellationToken stoppingToken)
    {
        string? cursor = null;
        var (touched, failed) = (0, 0);
        do
        {
            var list = await store.ListAsync(new LogQuery(tags, PageSize, cursor, OldestFirst: true), stoppingToken);
            var orphans = list.Logs.Where(log => !ownership.Owns(log.Id) && ownership.IsFree(TaskHead.Parse(log.Head.Span).Silo)).ToList();
            touched += orphans.Count;
            await Parallel.ForEachAsync(orphans, new ParallelOptions { MaxDegreeOfParallelism = _options.Parallel, CancellationToken = stoppingToken }, async (log, _) =>
            {
                if (!await TouchAsync(log.Id, patience.Level))
                {
                    Interlocked.Increment(ref failed);
                }
            });
            cursor = list.NextCursor;
        }
        while (cursor is not null);
        if (touched > failed)
        {
            Recovered(logger, touched - failed);
        }

        return failed == 0;
    }

    private async Task<bool> TouchAsync(string taskId, LogLevel level)
    {
        try
        {
            return await grains.GetGrain<ITaskGrain>(taskId).TouchAsync(ownership.Silo);
        }
        catch (Exception e)
        {
            TouchFailed(logger, level, taskId, e);
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
            if (await TouchAsync(taskId, patience.Level))
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

        /// <summary>At which to say that it has failed: once loudly.</summary>
        public LogLevel Level => IsTried ? LogLevel.Debug : LogLevel.Warning;

        public void Answered() => _since = null;

        public TimeSpan Failed()
        {
            var quarter = clock.GetElapsedTime(_since ??= clock.GetTimestamp()) / 4;
            return quarter < options.RetryDelay ? options.RetryDelay : quarter > options.SweepPeriod ? options.SweepPeriod : quarter;
        }
    }
}
