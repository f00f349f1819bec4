using Holdfast.Grains.Sessions;

namespace Holdfast.Grains.Fronts;

/// <summary>One web front as the cluster knows it: under a lease, with a way to reach its sessions. Key: the front's id.</summary>
[Alias("holdfast.IFrontGrain")]
public interface IFrontGrain : ISessionHost
{
    /// <summary>The front is alive; repeated well within the lease.</summary>
    [Alias("renew"), ResponseTimeout("00:00:02")]
    Task RenewAsync(FrontInfo info, IFrontObserver observer);

    /// <summary>The front has gone.</summary>
    [Alias("leave")]
    Task LeaveAsync();

    /// <summary>Its live sessions, newest first; null when the front is gone.</summary>
    [Alias("sessions")]
    Task<SessionView[]?> SessionsAsync(string? taskId, int limit, DateTimeOffset? before, string? beforeId);

    /// <summary>One of its live sessions; null when it has none of this id.</summary>
    [Alias("session")]
    Task<SessionView?> SessionAsync(string sessionId);

    /// <summary>How many of its sessions watch each of these tasks, in their order; null when the front is gone.</summary>
    [Alias("viewers")]
    Task<int[]?> ViewersAsync(string[] tasks);
}

/// <summary>The one roster.</summary>
public static class FrontRoster
{
    /// <summary>Its key.</summary>
    public const string Key = "fronts";
}

/// <summary>All fronts of the cluster, and the silos behind them. Key: <see cref="FrontRoster.Key"/>.</summary>
[Alias("holdfast.IFrontRosterGrain")]
public interface IFrontRosterGrain : IGrainWithStringKey
{
    /// <summary>A front is alive.</summary>
    [Alias("renew"), ResponseTimeout("00:00:02")]
    Task RenewAsync(FrontInfo info);

    /// <summary>A front has gone.</summary>
    [Alias("leave")]
    Task LeaveAsync(string front);

    /// <summary>Those whose lease has not run out.</summary>
    [Alias("list")]
    Task<FrontInfo[]> ListAsync();

    /// <summary>The silos that run, as the roster's own silo knows them.</summary>
    [Alias("silos")]
    Task<string[]> SilosAsync();
}

/// <summary>A front's ear for the cluster.</summary>
[Alias("holdfast.IFrontObserver")]
public interface IFrontObserver : IGrainObserver
{
    /// <summary>See <see cref="IFrontGrain.SessionsAsync"/>.</summary>
    [Alias("sessions"), ResponseTimeout("00:00:02")]
    Task<SessionView[]> SessionsAsync(string? taskId, int limit, DateTimeOffset? before, string? beforeId);

    /// <summary>See <see cref="IFrontGrain.SessionAsync"/>.</summary>
    [Alias("session"), ResponseTimeout("00:00:02")]
    Task<SessionView?> SessionAsync(string sessionId);

    /// <summary>See <see cref="IFrontGrain.ViewersAsync"/>.</summary>
    [Alias("viewers"), ResponseTimeout("00:00:02")]
    Task<int[]> ViewersAsync(string[] tasks);

    /// <summary>See <see cref="ISessionHost.EndSessionAsync"/>.</summary>
    [Alias("end"), ResponseTimeout("00:00:02")]
    Task EndSessionAsync(string sessionId, string connection, int closeCode);
}

/// <summary>A front.</summary>
/// <param name="Id">Drawn at its start.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="StartedAt">Since when.</param>
/// <param name="Sessions">How many connections it has.</param>
[GenerateSerializer, Immutable, Alias("holdfast.FrontInfo")]
public sealed record FrontInfo([property: Id(0)] string Id, [property: Id(1)] string Address, [property: Id(2)] DateTimeOffset StartedAt, [property: Id(3)] int Sessions);
