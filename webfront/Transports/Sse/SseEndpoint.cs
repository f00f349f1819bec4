using Holdfast.Grains;
using Holdfast.Grains.Events;
using Holdfast.Grains.Logs;
using Holdfast.WebFront.Live;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Rest;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Transports.Sse;

/// <summary><c>GET /api/v1/tasks/{id}/events</c> as an event stream.</summary>
internal static class SseEndpoint
{
    /// <summary>
    /// Serves the stream. What can never work is refused by status, which makes an <c>EventSource</c> stop; what may work later is accepted and
    /// refused inside, as a status would make it stop for good.
    /// </summary>
    public static async Task ServeAsync(HttpContext http, ViewerRequest request, FrontContext front)
    {
        if (!await IsOverAsync(http, request, front))
        {
            await StreamAsync(http, request, front);
        }
    }

    /// <summary>Streams a task that is there, of which all is wanted.</summary>
    public static async Task StreamAsync(HttpContext http, ViewerRequest request, FrontContext front)
    {
        if (!SseResponse.Begin(http))
        {
            return;
        }

        var connection = new SseConnection(front, request, http);
        using var place = ViewerLimits.Enter(front, out var refusal);
        if (refusal is not null)
        {
            connection.End(ViewerEnd.Of(refusal));
        }

        await connection.ServeStreamAsync();
    }

    /// <summary>All is told already: 204 makes an <c>EventSource</c> stop coming back.</summary>
    /// <exception cref="ProblemException">There is no such task, and nobody waits for it.</exception>
    private static async Task<bool> IsOverAsync(HttpContext http, ViewerRequest request, FrontContext front)
    {
        LogState? state;
        try
        {
            state = TaskIds.IsValid(request.TaskId) ? await front.Logs.ReadHeadAsync(request.TaskId, http.RequestAborted) : null;
        }
        catch (LogStoreUnavailableException)
        {
            // It may be back in a moment: that is said inside.
            return false;
        }

        if (state is null)
        {
            if (request.Wait > TimeSpan.Zero && TaskIds.IsValid(request.TaskId))
            {
                return false;
            }

            if (request.Start.After is not null)
            {
                front.Metrics.Returned(ReturnOutcome.Refused);
            }

            throw new ProblemException(RefusalCodes.TaskNotFound, $"There is no task '{request.TaskId}'; check the id, or create it first.");
        }

        if (!state.Sealed || request.Start.After is not { } after || after.Epoch != state.Epoch || after.Seq != state.LastSeq)
        {
            return false;
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    /// <summary>What a request for a task's stream asks for, by its headers and its query.</summary>
    /// <exception cref="ProblemException">Something of it is malformed.</exception>
    public static ViewerRequest Read(HttpContext http, string taskId, FrontOptions options)
    {
        var query = new QueryFields(http.Request.Query);
        var after = LastEventId(http) ?? query.Cursor("after");
        return new ViewerRequest(
            taskId,
            new ViewerStart(after, query.Flag("include_history", otherwise: true)),
            query.Flag("compact"),
            query.Session(),
            query.Duration("wait", options.MaxWait),
            Principals.Of(http));
    }

    /// <summary>What an <c>EventSource</c> sends when it comes back; it wins, as the query is still the one of the first time.</summary>
    private static Cursor? LastEventId(HttpContext http) => HeaderFields.Text(http, "Last-Event-ID", 255) is not { } text ? null
        : Cursor.TryParse(text, out var cursor) ? cursor
        : throw new ProblemException(FrontCodes.InvalidCursor, "'Last-Event-ID' is not a cursor: <epoch>:<seq>.", "Last-Event-ID");
}
