namespace Holdfast.Grains.Sessions;

/// <summary>Where the connection of a session is. Key: the front's id.</summary>
[Alias("holdfast.ISessionHost")]
public interface ISessionHost : IGrainWithStringKey
{
    /// <summary>Ends one of its connections.</summary>
    [Alias("end")]
    Task EndSessionAsync(string sessionId, string connection, int closeCode);
}

/// <summary>
/// The observer grain of one viewer's connection. Key: the session's id. It attaches that session to its task and detaches it, and nothing else
/// ever: presence, take-over, grace period. It carries no events and supplies no cursor.
/// </summary>
[Alias("holdfast.ISessionGrain")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>
    /// A connection takes the session. Within the grace period, for the same task and principal, it is the same session again, and its old
    /// connection is ended without waiting for that front.
    /// </summary>
    [Alias("attach")]
    Task<SessionAttached> AttachAsync(SessionAttachment attachment, bool resume);

    /// <summary>The connection is alive. Brings the session back when its silo died. False: another connection has it.</summary>
    [Alias("touch"), ResponseTimeout("00:00:02")]
    Task<bool> TouchAsync(SessionAttachment attachment, SessionQuality quality);

    /// <summary>The connection is gone; the grace period begins.</summary>
    [Alias("detach")]
    Task DetachAsync(string connection, int closeCode);

    /// <summary>Ends the session at once, on whichever front it is.</summary>
    [Alias("end")]
    Task<bool> EndAsync();

    /// <summary>What is known of it; null when there is no such session.</summary>
    [Alias("get")]
    Task<SessionView?> GetAsync();
}

/// <summary>One connection of a session.</summary>
/// <param name="Connection">The connection's id, drawn by its front.</param>
/// <param name="TaskId">What it watches.</param>
/// <param name="Principal">Who watches.</param>
/// <param name="Transport"><c>ws</c>, <c>sse</c> or <c>poll</c>.</param>
/// <param name="Front">The front that has the connection.</param>
/// <param name="ConnectedAt">Since when.</param>
[GenerateSerializer, Immutable, Alias("holdfast.SessionAttachment")]
public sealed record SessionAttachment(
    [property: Id(0)] string Connection,
    [property: Id(1)] string TaskId,
    [property: Id(2)] string Principal,
    [property: Id(3)] string Transport,
    [property: Id(4)] string Front,
    [property: Id(5)] DateTimeOffset ConnectedAt);

/// <summary>How a connection does.</summary>
/// <param name="Cursor">What it was sent, <c>epoch:seq</c>.</param>
/// <param name="Lag">Events that it is behind.</param>
/// <param name="RttMs">Round trip of its last heartbeat in milliseconds, or null.</param>
[GenerateSerializer, Immutable, Alias("holdfast.SessionQuality")]
public sealed record SessionQuality([property: Id(0)] string? Cursor, [property: Id(1)] long Lag, [property: Id(2)] double? RttMs)
{
    /// <summary>Nothing is known yet.</summary>
    public static SessionQuality None { get; } = new(null, 0, null);
}

/// <summary>The answer to an attach.</summary>
/// <param name="Accepted">False: asked to resume, and there is nothing to resume for this task and principal; take a new id.</param>
/// <param name="Resumed">It is the same session as before.</param>
/// <param name="Reconnects">How often it was resumed.</param>
/// <param name="LastCloseCode">How its connection before ended, or null.</param>
[GenerateSerializer, Immutable, Alias("holdfast.SessionAttached")]
public sealed record SessionAttached(
    [property: Id(0)] bool Accepted, [property: Id(1)] bool Resumed, [property: Id(2)] int Reconnects, [property: Id(3)] int? LastCloseCode);

/// <summary>A session as others see it.</summary>
/// <param name="SessionId">Its id.</param>
/// <param name="Attachment">Its connection, the last one while in the grace period.</param>
/// <param name="Connected">False while in the grace period.</param>
/// <param name="Quality">How the connection does.</param>
/// <param name="Reconnects">How often it was resumed.</param>
/// <param name="LastCloseCode">How the connection before ended, or null.</param>
[GenerateSerializer, Immutable, Alias("holdfast.SessionView")]
public sealed record SessionView(
    [property: Id(0)] string SessionId,
    [property: Id(1)] SessionAttachment Attachment,
    [property: Id(2)] bool Connected,
    [property: Id(3)] SessionQuality Quality,
    [property: Id(4)] int Reconnects,
    [property: Id(5)] int? LastCloseCode);
