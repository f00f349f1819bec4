namespace Holdfast.WebFront.Viewers;

internal static partial class ViewerLog
{
    [LoggerMessage(2010, LogLevel.Error, "A connection to task {TaskId}, session {SessionId}, failed here")]
    public static partial void Faulted(ILogger logger, string taskId, string sessionId, Exception exception);

    [LoggerMessage(EventId = 2011, Message = "A viewer of task {TaskId} could not be attached as session {SessionId}")]
    public static partial void AttachFailed(ILogger logger, LogLevel level, string taskId, string sessionId, Exception reason);

    [LoggerMessage(2012, LogLevel.Debug, "Task {TaskId} did not answer; its state is shown from the log")]
    public static partial void StatusFromLog(ILogger logger, string taskId, Exception reason);

    [LoggerMessage(2013, LogLevel.Debug, "Session {SessionId} could not be detached")]
    public static partial void DetachFailed(ILogger logger, string sessionId, Exception reason);

    [LoggerMessage(EventId = 2014, Message = "The log of task {TaskId} can't be read; session {SessionId} is told to come back")]
    public static partial void StoreAway(ILogger logger, LogLevel level, string taskId, string sessionId, Exception reason);

    [LoggerMessage(EventId = 2015, Message = "A command of session {SessionId} for task {TaskId} got no answer")]
    public static partial void CommandFailed(ILogger logger, LogLevel level, string taskId, string sessionId, Exception reason);

    [LoggerMessage(EventId = 2016, Message = "Front {Front} did not say which sessions it has")]
    public static partial void FrontSilent(ILogger logger, LogLevel level, string front, Exception reason);

    [LoggerMessage(EventId = 2017, Message = "A session could not be cleaned up; its grace period will run out")]
    public static partial void CleanupFailed(ILogger logger, LogLevel level, Exception reason);

    [LoggerMessage(2018, LogLevel.Debug, "Front {Front} could not renew its lease; the next tick tries again")]
    public static partial void RenewFailed(ILogger logger, string front, Exception reason);

    [LoggerMessage(2019, LogLevel.Information, "Front {Front} is going away: {Sessions} viewers are told to come back")]
    public static partial void Draining(ILogger logger, string front, int sessions);

    [LoggerMessage(2020, LogLevel.Debug, "Session {SessionId} could not be told that its connection lives; the next tick tries again")]
    public static partial void TouchFailed(ILogger logger, string sessionId, Exception reason);

    [LoggerMessage(EventId = 2021, Message = "What {Path} shows can't be read; its streams go on")]
    public static partial void LiveUnread(ILogger logger, LogLevel level, PathString path, Exception reason);

    [LoggerMessage(2023, LogLevel.Debug, "The store is still away")]
    public static partial void StoreStillAway(ILogger logger, Exception reason);

    [LoggerMessage(2022, LogLevel.Information, "The {Part} answers again, after {Failures} failures")]
    public static partial void Back(ILogger logger, string part, int failures);
}
