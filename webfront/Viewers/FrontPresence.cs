using Holdfast.Grains;
using Holdfast.Grains.Fronts;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Sessions;
using Holdfast.Grains.Tasks;
using Holdfast.Hosting;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Transports.Polling;

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Holdfast.WebFront.Viewers;

/// <summary>
/// The front's own life: its lease in the cluster, one tick a second for all connections and feeds (instead of timers for each), and its drain.
/// </summary>
internal sealed class FrontPresence(FrontContext front, PollViewers polls, LostSilos lost, IServer server, IHostApplicationLifetime lifetime) : BackgroundService, IFrontObserver
{
    private IFrontObserver? _reference;
    private Task _renewing = Task.CompletedTask;

    /// <inheritdoc/>
    public Task<SessionView[]> SessionsAsync(string? taskId, int limit, DateTimeOffset? before, string? beforeId) =>
        Task.FromResult(List(front, taskId, limit, before, beforeId));

    /// <inheritdoc/>
    public Task<SessionView?> SessionAsync(string sessionId) => Task.FromResult(View(front.Connections.FindSession(sessionId)));

    /// <inheritdoc/>
    public Task<int[]> ViewersAsync(string[] tasks) => Task.FromResult(Viewers(front, tasks));

    /// <inheritdoc/>
    public Task EndSessionAsync(string sessionId, string connection, int closeCode)
    {
        var end = closeCode == CloseCodes.TakenOver ? new ViewerEnd(closeCode, "taken_over", true) : new ViewerEnd(closeCode, "cleaned_up", true);
        front.Connections.Find(connection)?.End(end);
        return Task.CompletedTask;
    }

    /// <summary>This front's sessions, newest first.</summary>
    public static SessionView[] List(FrontContext front, string? taskId, int limit, DateTimeOffset? before, string? beforeId) =>
    [
        .. front.Connections.All
            .Where(one => one.SessionId.Length > 0 && one.Ending is null && (taskId is null || one.Attachment.TaskId == taskId))
            .Where(one => before is null || one.Attachment.ConnectedAt < before
                || (one.Attachment.ConnectedAt == before && string.CompareOrdinal(one.SessionId, beforeId) > 0))
            .OrderByDescending(one => one.Attachment.ConnectedAt).ThenBy(one => one.SessionId, StringComparer.Ordinal)
            .Take(limit).Select(one => View(one)!),
    ];

    /// <summary>How many of this front's sessions watch each of these tasks.</summary>
    public static int[] Viewers(FrontContext front, string[] tasks) => [.. tasks.Select(front.Feeds.Viewers)];

    /// <summary>A connection as others see it.</summary>
    public static SessionView? View(ViewerConnection? one) =>
        one is null ? null : new SessionView(one.SessionId, one.Attachment, true, one.Quality, one.Attached.Reconnects, one.Attached.LastCloseCode);

    /// <summary>Tells everybody to come back, and waits for them to go, for a limited time.</summary>
    public async Task DrainAsync()
    {
        front.Draining = true;
        ViewerLog.Draining(front.Logger, front.Id, front.Connections.Count);
        foreach (var connection in front.Connections.All)
        {
            connection.End(new ViewerEnd(CloseCodes.Restart, "draining", false, ViewerLimits.Spread(front.Options)));
        }

        foreach (var feed in front.Feeds.All)
        {
            // Polls that wait answer at once.
            feed.WakeAll();
        }

        var begun = front.Clock.GetTimestamp();
        while (front.Connections.Count > 0 && front.Clock.GetElapsedTime(begun) < front.Options.DrainTimeout)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), front.Clock);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Task.WhenAll(
                front.Grains.GetGrain<IFrontGrain>(front.Id).LeaveAsync(),
                front.Grains.GetGrain<IFrontRosterGrain>(FrontRoster.Key).LeaveAsync(front.Id)).WaitAsync(front.Options.CloseWait, front.Clock, cancellationToken);
        }
        catch (Exception e)
        {
            // The lease runs out by itself.
            ViewerLog.RenewFailed(front.Logger, front.Id, e);
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(LiveAsync(stoppingToken), FollowAsync(stoppingToken));

    /// <summary>Looks for the tasks of silos that are gone, without waiting for the next renewal.</summary>
    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        // Whoever just missed a look waits for half as long again, not for twice as long.
        using var timer = new PeriodicTimer(front.Options.FeedRetry / 2, front.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (lost.Take())
                {
                    front.Feeds.Tick();
                }

                front.Feeds.Retry();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Going down.
        }
    }

    private async Task LiveAsync(CancellationToken stoppingToken)
    {
        var period = TickPeriod(front.Options);
        using var timer = new PeriodicTimer(period, front.Clock);
        try
        {
            await lifetime.WhenStartedAsync(stoppingToken);
            var renewedAt = front.Clock.GetTimestamp() - front.Clock.TimestampFrequency * 60;
            do
            {
                if (front.Clock.GetElapsedTime(renewedAt) >= front.Options.FeedRenewal - (period / 2))
                {
                    renewedAt = front.Clock.GetTimestamp();
                    front.Feeds.Tick();
                    _renewing = _renewing.IsCompleted ? RenewAsync() : _renewing;
                }

                TickConnections();
                polls.Tick();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Going down.
        }
    }

    private void TickConnections()
    {
        foreach (var connection in front.Connections.All)
        {
            Tick(connection);
            if (connection.Ending is null && connection.TouchedAt != 0 && front.Clock.GetElapsedTime(connection.TouchedAt) >= front.Options.SessionTouch)
            {
                connection.TouchedAt = front.Clock.GetTimestamp();
                _ = TouchAsync(connection);
            }
        }
    }

    /// <summary>Whatever is wrong with one connection, the others' heartbeats go on.</summary>
    private void Tick(ViewerConnection connection)
    {
        try
        {
            connection.Tick();
        }
        catch (Exception e)
        {
            ViewerLog.Faulted(front.Logger, connection.Attachment.TaskId, connection.SessionId, e);
        }
    }

    private async Task TouchAsync(ViewerConnection connection)
    {
        try
        {
            if (!await front.Grains.GetGrain<ISessionGrain>(connection.SessionId).TouchAsync(connection.Attachment, connection.Quality))
            {
                connection.End(new ViewerEnd(CloseCodes.TakenOver, "taken_over", true));
            }
        }
        catch (Exception e)
        {
            ViewerLog.TouchFailed(front.Logger, connection.SessionId, e);
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            _reference ??= front.Grains.CreateObjectReference<IFrontObserver>(this);
            var info = new FrontInfo(front.Id, Address(), front.StartedAt, front.Connections.Count);
            await Task.WhenAll(
                front.Grains.GetGrain<IFrontGrain>(front.Id).RenewAsync(info, _reference),
                front.Grains.GetGrain<IFrontRosterGrain>(FrontRoster.Key).RenewAsync(info));
            Answered(front.Cluster, "cluster");
        }
        catch (Exception e)
        {
            ViewerLog.RenewFailed(front.Logger, front.Id, e);
        }

        await LookForStoreAsync();
    }

    /// <summary>Those who miss the store ask only once it is back; somebody has to see that it is.</summary>
    private async Task LookForStoreAsync()
    {
        try
        {
            if (front.Store.IsOn)
            {
                await front.Logs.ListAsync(new LogQuery([TaskTags.Any], 1));
                Answered(front.Store, "store");
            }
        }
        catch (Exception e)
        {
            ViewerLog.StoreStillAway(front.Logger, e);
        }
    }

    private void Answered(Outage outage, string part)
    {
        if (outage.Answered() is > 0 and var failures)
        {
            ViewerLog.Back(front.Logger, part, failures);
        }
    }

    private string Address() => server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";

    /// <summary>Once a second, and more often where heartbeats are set to come so quickly that a second would miss them.</summary>
    private static TimeSpan TickPeriod(FrontOptions options) =>
        TimeSpan.FromMilliseconds(Math.Clamp(Math.Min(options.HeartbeatInterval.TotalMilliseconds / 4, options.FeedRenewal.TotalMilliseconds), 10, 1000));
}
