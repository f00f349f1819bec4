using System.Text;
using System.Text.Json;

using Holdfast.Grains.Events;
using Holdfast.Grains.Fronts;
using Holdfast.Grains.Sessions;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Rest;

/// <summary><c>GET /api/v1/sessions</c> and <c>/sessions/{id}</c>: the viewers' connections of all fronts.</summary>
internal static class Sessions
{
    public static async Task<JsonResult> ListAsync(HttpContext http, FrontContext front)
    {
        var query = new QueryFields(http.Request.Query);
        var limit = query.Whole("limit", 1, 500, 100);
        var taskId = query.Text("task_id", 64);
        var (before, beforeId) = ReadCursor(query.Text("cursor", 256));
        var lists = await EveryFront.AskAsync(
            front, FrontPresence.List(front, taskId, limit + 1, before, beforeId), other => other.SessionsAsync(taskId, limit + 1, before, beforeId));
        var all = lists.SelectMany(list => list).OrderByDescending(session => session.Attachment.ConnectedAt).ThenBy(session => session.SessionId, StringComparer.Ordinal).ToList();
        var page = all.Take(limit).ToList();
        return new JsonResult(WireJson.Write(writer =>
        {
            writer.WriteStartArray("sessions"u8);
            foreach (var session in page)
            {
                writer.WriteStartObject();
                Write(writer, session);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteString("next_cursor"u8, all.Count > limit ? ToCursor(page[^1]) : null);
        }));
    }

    public static async Task<JsonResult> ReadAsync(string sessionId, FrontContext front)
    {
        // What the front that has it says is newer than what the session's grain was last told.
        var session = (SessionIds.IsValid(sessionId) ? await front.Grains.GetGrain<ISessionGrain>(sessionId).GetAsync() : null)
            ?? throw new ProblemException(FrontCodes.SessionNotFound, $"There is no session '{sessionId}'; it may have ended.");
        if (session.Connected)
        {
            var live = session.Attachment.Front == front.Id ? FrontPresence.View(front.Connections.FindSession(sessionId))
                : await front.Grains.GetGrain<IFrontGrain>(session.Attachment.Front).SessionAsync(sessionId);
            session = live is null ? session : session with { Quality = live.Quality };
        }

        return new JsonResult(WireJson.Write(writer => Write(writer, session)));
    }

    private static void Write(Utf8JsonWriter writer, SessionView session)
    {
        writer.WriteString("session_id"u8, session.SessionId);
        writer.WriteString("task_id"u8, session.Attachment.TaskId);
        writer.WriteString("transport"u8, session.Attachment.Transport);
        writer.WriteString("front"u8, session.Attachment.Front);
        writer.WriteString("connected_at"u8, WireTime.Format(session.Attachment.ConnectedAt));
        writer.WriteBoolean("connected"u8, session.Connected);
        writer.WriteString("cursor"u8, session.Quality.Cursor);
        writer.WriteNumber("lag"u8, session.Quality.Lag);
        if (session.Quality.RttMs is { } rtt)
        {
            writer.WriteNumber("rtt_ms"u8, Math.Round(rtt, 3));
        }
        else
        {
            writer.WriteNull("rtt_ms"u8);
        }

        writer.WriteNumber("reconnects"u8, session.Reconnects);
        if (session.LastCloseCode is { } code)
        {
            writer.WriteNumber("last_close_code"u8, code);
        }
        else
        {
            writer.WriteNull("last_close_code"u8);
        }
    }

    private static string ToCursor(SessionView session) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{session.Attachment.ConnectedAt.UtcTicks}|{session.SessionId}"));

    private static (DateTimeOffset? Before, string? Id) ReadCursor(string? cursor)
    {
        if (cursor is null)
        {
            return (null, null);
        }

        Span<byte> bytes = stackalloc byte[256];
        if (Convert.TryFromBase64String(cursor, bytes, out var length)
            && Encoding.UTF8.GetString(bytes[..length]).Split('|') is [var ticks, var id]
            && long.TryParse(ticks, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var at)
            && at <= DateTimeOffset.MaxValue.UtcTicks)
        {
            return (new DateTimeOffset(at, TimeSpan.Zero), id);
        }

        throw new ProblemException(FrontCodes.InvalidCursor, "'cursor' is not one that a list of sessions gave.", "cursor");
    }
}
