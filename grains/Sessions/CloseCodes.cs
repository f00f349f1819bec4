namespace Holdfast.Grains.Sessions;

/// <summary>How a connection ends: RFC 6455 codes, and our own. 4400 to 4499 mean stop, 4500 to 4599 reconnect.</summary>
public static class CloseCodes
{
    /// <summary>The task has finished, or the viewer said goodbye.</summary>
    public const int Normal = 1000;

    /// <summary>The peer broke the protocol.</summary>
    public const int ProtocolError = 1002;

    /// <summary>A binary frame.</summary>
    public const int Unsupported = 1003;

    /// <summary>The connection ended without a close frame. Never sent.</summary>
    public const int Abnormal = 1006;

    /// <summary>A text frame that is not UTF-8.</summary>
    public const int InvalidPayload = 1007;

    /// <summary>A frame is too large.</summary>
    public const int TooBig = 1009;

    /// <summary>A fault on the server.</summary>
    public const int ServerError = 1011;

    /// <summary>The front is restarting.</summary>
    public const int Restart = 1012;

    /// <summary>Overloaded.</summary>
    public const int TryLater = 1013;

    /// <summary>The request is wrong.</summary>
    public const int BadRequest = 4400;

    /// <summary>Scope or origin are not allowed.</summary>
    public const int Forbidden = 4403;

    /// <summary>No such task.</summary>
    public const int NotFound = 4404;

    /// <summary>Another connection has taken the session.</summary>
    public const int TakenOver = 4409;

    /// <summary>The task was deleted.</summary>
    public const int Deleted = 4410;

    /// <summary>No heartbeat.</summary>
    public const int HeartbeatMissed = 4508;

    /// <summary>Too many commands.</summary>
    public const int TooFast = 4529;
}
