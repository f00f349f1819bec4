using System.Text.Json;

using Holdfast.Grains.Generators;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Rest;

/// <summary><c>GET /api/v1/tasks</c>.</summary>
internal static class ListTasks
{
    public static async Task<JsonResult> HandleAsync(HttpContext http, FrontContext front)
    {
        var query = new QueryFields(http.Request.Query);
        var tags = Filter(query, Principals.Of(http));
        var limit = query.Whole("limit", 1, 500, 100);
        try
        {
            var list = await front.Logs.ListAsync(new LogQuery(tags, limit, query.Text("cursor", 256)), http.RequestAborted);
            var viewers = await EveryFront.ViewersAsync(front, list.Logs);
            return new JsonResult(WireJson.Write(writer =>
            {
                Write(writer, list.Logs, viewers);
                writer.WriteString("next_cursor"u8, list.NextCursor);
            }));
        }
        catch (InvalidListCursorException)
        {
            throw new ProblemException(FrontCodes.InvalidCursor, "'cursor' is not one that a list of tasks gave; begin without it.", "cursor");
        }
    }

    /// <summary>The filter of a list, as tags.</summary>
    public static List<LogTag> Filter(QueryFields query, string principal)
    {
        List<LogTag> tags = [TaskTags.Any, TaskTags.Owner(principal)];
        if (query.Text("status", 32) is { } status)
        {
            tags.Add(status switch
            {
                "active" => TaskTags.Open,
                "queued" or "running" or "awaiting_review" or "completed" or "failed" or "cancelled" => new LogTag("status", status),
                _ => throw new ProblemException(
                    FrontCodes.InvalidRequest, "'status' is active, queued, running, awaiting_review, completed, failed or cancelled.", "status"),
            });
        }

        if (query.Text("kind", 64) is { } kind)
        {
            tags.Add(GeneratorCatalog.IsKindName(kind) ? TaskTags.Kind(kind) : throw new ProblemException(FrontCodes.InvalidRequest, "'kind' has 1 to 64 of a-z0-9._-.", "kind"));
        }

        var labels = query.All("label");
        foreach (var label in labels)
        {
            var at = label.IndexOf('=', StringComparison.Ordinal);
            if (at < 0 || labels.Count > Names.MostLabels || !Names.IsLabel(label[..at], label[(at + 1)..]))
            {
                throw new ProblemException(
                    FrontCodes.InvalidRequest, $"'label' is name=value, each of up to {Names.LongestLabel} characters, {Names.MostLabels} times at most.", "label");
            }

            tags.Add(TaskTags.Label(label[..at], label[(at + 1)..]));
        }

        return tags;
    }

    /// <summary>Tasks as snapshots, into an object that is open.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<LogState> tasks, IReadOnlyList<int> viewers)
    {
        writer.WriteStartArray("tasks"u8);
        foreach (var (state, watching) in tasks.Zip(viewers))
        {
            writer.WriteStartObject();
            Snapshot.Write(writer, state, TaskHead.Parse(state.Head.Span), watching);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
