using Holdfast.Grains;
using Holdfast.Grains.Sessions;

namespace Holdfast.WebFront.Problems;

/// <summary>Codes of what the front itself refuses; those of the domain are in <see cref="RefusalCodes"/>.</summary>
internal static class FrontCodes
{
    public const string InvalidJson = "invalid_json";
    public const string InvalidRequest = "invalid_request";
    public const string InvalidCursor = "invalid_cursor";
    public const string BodyTooLarge = "body_too_large";
    public const string RequestTimeout = "request_timeout";
    public const string NoSuchPath = "no_such_path";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string WebSocketRequired = "websocket_required";
    public const string SessionNotFound = "session_not_found";
    public const string HostNotAllowed = "host_not_allowed";
    public const string OriginNotAllowed = "origin_not_allowed";
    public const string TooManySessions = "too_many_sessions";
    public const string Draining = "draining";
    public const string Unavailable = "unavailable";
    public const string Internal = "internal_error";
    public const string UnknownCommand = "unknown_command";
    public const string InvalidCommand = "invalid_command";
    public const string BinaryFrame = "binary_frame";
    public const string FrameTooLarge = "frame_too_large";
    public const string ProtocolError = "protocol_error";
    public const string InvalidUtf8 = "invalid_utf8";
    public const string TooFast = "too_fast";
}

/// <summary>What a refusal means on each transport.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="CloseCode">WebSocket close code.</param>
/// <param name="Stop">Coming back does not help.</param>
internal readonly record struct Verdict(int Status, int CloseCode, bool Stop)
{
    /// <summary>On the wire.</summary>
    public string Retry => Stop ? "stop" : "reconnect";

    private static readonly Verdict Bad = new(StatusCodes.Status400BadRequest, CloseCodes.BadRequest, true);
    private static readonly Verdict Conflict = new(StatusCodes.Status409Conflict, CloseCodes.BadRequest, true);
    private static readonly Verdict Unprocessable = new(StatusCodes.Status422UnprocessableEntity, CloseCodes.BadRequest, true);
    private static readonly Verdict Missing = new(StatusCodes.Status404NotFound, CloseCodes.NotFound, true);
    private static readonly Verdict Later = new(StatusCodes.Status503ServiceUnavailable, CloseCodes.TryLater, false);
    private static readonly Verdict Slower = new(StatusCodes.Status429TooManyRequests, CloseCodes.TooFast, false);

    /// <summary>The one table: every code with its meaning.</summary>
    public static Verdict Of(string code) => code switch
    {
        RefusalCodes.TaskNotFound or FrontCodes.SessionNotFound or FrontCodes.NoSuchPath => Missing,
        RefusalCodes.TaskExists or RefusalCodes.TaskFailed or RefusalCodes.TaskCancelled or RefusalCodes.NotRetryable
            or RefusalCodes.ReviewNotPending or RefusalCodes.ReviewPending or RefusalCodes.LeaseLost or RefusalCodes.NotLeasable
            or RefusalCodes.HistoryLimit => Conflict,
        RefusalCodes.NotFinished => Conflict with { Stop = false },
        RefusalCodes.IdempotencyConflict or RefusalCodes.InvalidInput or RefusalCodes.KindUnavailable
            or RefusalCodes.ReservedType or RefusalCodes.InvalidEvent => Unprocessable,
        RefusalCodes.TooLarge or FrontCodes.BodyTooLarge => new(StatusCodes.Status413PayloadTooLarge, CloseCodes.TooBig, true),
        RefusalCodes.LogBusy or FrontCodes.TooFast => Slower,
        RefusalCodes.StoreUnavailable or RefusalCodes.TaskMoving or FrontCodes.Unavailable or FrontCodes.TooManySessions => Later,
        FrontCodes.Draining => Later with { CloseCode = CloseCodes.Restart },
        FrontCodes.RequestTimeout => new(StatusCodes.Status408RequestTimeout, CloseCodes.BadRequest, false),
        FrontCodes.MethodNotAllowed => Bad with { Status = StatusCodes.Status405MethodNotAllowed },
        FrontCodes.WebSocketRequired => Bad with { Status = StatusCodes.Status426UpgradeRequired },
        FrontCodes.HostNotAllowed => Bad with { Status = StatusCodes.Status421MisdirectedRequest },
        FrontCodes.OriginNotAllowed => new(StatusCodes.Status403Forbidden, CloseCodes.Forbidden, true),
        FrontCodes.Internal => new(StatusCodes.Status500InternalServerError, CloseCodes.ServerError, false),
        FrontCodes.BinaryFrame => Bad with { CloseCode = CloseCodes.Unsupported },
        FrontCodes.FrameTooLarge => Bad with { CloseCode = CloseCodes.TooBig },
        FrontCodes.ProtocolError => Bad with { CloseCode = CloseCodes.ProtocolError },
        FrontCodes.InvalidUtf8 => Bad with { CloseCode = CloseCodes.InvalidPayload },
        _ => Bad,
    };
}
