using Holdfast.Grains.Sessions;
using Holdfast.Grains.Setup;

using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Fronts;

/// <inheritdoc cref="IFrontGrain"/>
[GrainType("holdfast.front")]
internal sealed class FrontGrain(IOptions<FrontLeaseOptions> options, TimeProvider clock) : Grain, IFrontGrain
{
    private readonly SteadyTime _time = new(clock);
    private IFrontObserver? _observer;
    private DateTimeOffset _expiresAt;

    /// <inheritdoc/>
    public Task RenewAsync(FrontInfo info, IFrontObserver observer)
    {
        (_observer, _expiresAt) = (observer, _time.Now + options.Value.Lease);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task LeaveAsync()
    {
        _observer = null;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<SessionView[]?> SessionsAsync(string? taskId, int limit, DateTimeOffset? before, string? beforeId) =>
        Live is { } front ? await front.SessionsAsync(taskId, limit, before, beforeId) : null;

    /// <inheritdoc/>
    public async Task<SessionView?> SessionAsync(string sessionId) => Live is { } front ? await front.SessionAsync(sessionId) : null;

    /// <inheritdoc/>
    public async Task<int[]?> ViewersAsync(string[] tasks) => Live is { } front ? await front.ViewersAsync(tasks) : null;

    /// <inheritdoc/>
    public Task EndSessionAsync(string sessionId, string connection, int closeCode) =>
        Live is { } front ? front.EndSessionAsync(sessionId, connection, closeCode) : Task.CompletedTask;

    private IFrontObserver? Live => _expiresAt > _time.Now ? _observer : null;
}

/// <inheritdoc cref="IFrontRosterGrain"/>
[GrainType("holdfast.fronts")]
internal sealed class FrontRosterGrain(
    IOptions<FrontLeaseOptions> options, ISiloStatusOracle oracle, TimeProvider clock) : Grain, IFrontRosterGrain
{
    private readonly Leases<FrontInfo> _fronts = new(options.Value.Lease, clock);

    /// <inheritdoc/>
    public Task RenewAsync(FrontInfo info)
    {
        _fronts.Renew(info.Id, info);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task LeaveAsync(string front)
    {
        _fronts.Remove(front);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<FrontInfo[]> ListAsync() => Task.FromResult(_fronts.Living().OrderBy(info => info.StartedAt).ToArray());

    /// <inheritdoc/>
    public Task<string[]> SilosAsync() =>
        Task.FromResult(oracle.GetActiveSilos().Select(silo => silo.ToParsableString()).Order(StringComparer.Ordinal).ToArray());
}

/// <summary>How long a front is believed to live.</summary>
[Section("Fronts")]
public sealed class FrontLeaseOptions
{
    /// <summary>
    /// A front that has not been heard of for so long is gone; several of its <c>Front:FeedRenewal</c>. Smaller: lists of sessions and the monitor
    /// leave out a dead front sooner; larger: pauses of fronts are forgiven. Default: 10 s.
    /// </summary>
    [Bounds("00:00:00.1")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);
}
