using System.Text.Json.Nodes;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Holdfast.WebFront.Rest;

/// <summary>
/// Says in <c>/openapi/v1.json</c> what each call takes and gives. The wire protocol is the contract; this is its machine-readable outline, in the
/// same words.
/// </summary>
internal sealed class ApiDescription : IOpenApiDocumentTransformer
{
    private static readonly ApiCall[] Calls =
    [
        new("POST", "/tasks", "Creates a task, idempotently; with Accept: text/event-stream the answer is its stream, which Last-Event-ID or after resume",
            """{"kind":"echo","input":{"count":100},"task_id":"my-task-1","labels":{"user":"u1"},"max_attempts":3,"on_disconnect":{"policy":"continue"}}""", [202, 200, 204, 400, 409, 413, 422, 503])
        {
            Query = ["after", "compact", "include_history", "session_id"],
        },
        new("GET", "/tasks", "Lists tasks, newest first", null, [200, 400]) { Query = ["status", "kind", "label", "limit", "cursor"] },
        new("GET", "/tasks/stream", "The live list as an event stream", null, [200, 400]) { Query = ["status", "kind", "label"] },
        new("GET", "/tasks/{taskId}", "A task's snapshot", null, [200, 404]),
        new("DELETE", "/tasks/{taskId}", "Deletes a task that has ended, with its history", null, [204, 404, 409]),
        new("GET", "/tasks/{taskId}/result", "The result of a completed task", null, [200, 404, 409]),
        new("GET", "/tasks/{taskId}/events", "Events after a cursor: a page, or an event stream with Accept: text/event-stream", null, [200, 204, 400, 404, 503])
        {
            Query = ["after", "limit", "compact", "wait", "include_history", "session_id"],
        },
        new("POST", "/tasks/{taskId}/cancel", "Stops a task, before, during or after its work", """{"reason":"enough"}""", [200, 404]),
        new("POST", "/tasks/{taskId}/retry", "Another task with the same input", null, [202, 404, 409]),
        new("POST", "/tasks/{taskId}/review", "Decides a review", """{"review_id":"r_1","decision":"approve","comment":null,"edits":null}""", [200, 400, 404, 409]),
        new("POST", "/workers/lease", "A worker takes a task", """{"worker_id":"w1","kinds":["my.kind"],"wait":"20s"}""", [200, 204, 400, 503]),
        new("POST", "/tasks/{taskId}/events", "A worker appends events", """{"lease":"l_1","events":[{"type":"token","data":{"channel":"main","delta":"a"},"key":"k1"}],"checkpoint":{"n":1}}""",
            [200, 400, 404, 409, 413, 422, 429]),
        new("POST", "/tasks/{taskId}/lease", "A worker renews its lease", """{"lease":"l_1"}""", [200, 400, 404, 409]),
        new("POST", "/tasks/{taskId}/reviews", "A worker asks for a review", """{"lease":"l_1","key":"stages","prompt":"Go on?","payload":{},"expires_in":"10m","on_expire":"fail"}""", [200, 400, 404, 409]),
        new("POST", "/tasks/{taskId}/complete", "A worker is done", """{"lease":"l_1","result":{}}""", [200, 400, 404, 409]),
        new("POST", "/tasks/{taskId}/fail", "A worker gives an attempt up", """{"lease":"l_1","error":{"code":"my_error","message":"why","retryable":true}}""", [200, 400, 404, 409]),
        new("GET", "/sessions", "Viewers' connections of all fronts, newest first", null, [200, 400]) { Query = ["task_id", "limit", "cursor"] },
        new("GET", "/sessions/{sessionId}", "One session", null, [200, 404]),
        new("POST", "/cleanup", "Ends a session: for navigator.sendBeacon, any content type", """{"session_id":"s_1"}""", [200]),
        new("GET", "/monitor", "Figures of this moment", null, [200]),
        new("GET", "/monitor/stream", "Figures as an event stream, once a second", null, [200]),
    ];

    /// <inheritdoc/>
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "Holdfast";
        document.Info.Version = "1";
        document.Info.Description = "Generation tasks that outlive their connections. WebSockets are at /api/v1/ws/{task_id}; webfront/PROTOCOL.md is the contract. Whatever answers GET answers HEAD, too, and OPTIONS names in Allow what a resource takes.";
        foreach (var path in document.Paths.Values)
        {
            path.Operations?.Remove(HttpMethod.Head);
        }

        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        document.Components.Schemas["Problem"] = ProblemSchema();
        foreach (var call in Calls)
        {
            var operation = document.Paths.GetValueOrDefault(Paths.Root + call.Path)?.Operations?.GetValueOrDefault(new HttpMethod(call.Method))
                ?? throw new InvalidOperationException($"{call.Method} {call.Path} is described here and mapped nowhere: name it as MapHoldfastFront does.");
            Describe(operation, call, document);
        }

        return Task.CompletedTask;
    }

    private static void Describe(OpenApiOperation operation, ApiCall call, OpenApiDocument document)
    {
        operation.Summary = call.Summary;
        foreach (var name in call.Query)
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        }

        if (call.Body is { } body)
        {
            var media = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.Object }, Example = JsonNode.Parse(body) };
            operation.RequestBody = new OpenApiRequestBody
            {
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = media },
            };
        }

        operation.Responses = [];
        foreach (var status in call.Statuses)
        {
            var response = new OpenApiResponse { Description = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status) };
            if (status >= 400)
            {
                response.Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    [Problems.Problem.ContentType] = new() { Schema = new OpenApiSchemaReference("Problem", document) },
                };
            }

            operation.Responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = response;
        }
    }

    private static OpenApiSchema ProblemSchema()
    {
        static OpenApiSchema Of(JsonSchemaType type, string description) => new() { Type = type, Description = description };
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "RFC 9457, with a stable code and the verdict that every refusal carries.",
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["type"] = Of(JsonSchemaType.String, "A name for the code"),
                ["title"] = Of(JsonSchemaType.String, "The status in words"),
                ["status"] = Of(JsonSchemaType.Integer, "The HTTP status"),
                ["code"] = Of(JsonSchemaType.String, "Stable: what programs go by"),
                ["detail"] = Of(JsonSchemaType.String, "What is wrong and what to do"),
                ["field"] = Of(JsonSchemaType.String, "The offending field, where there is one"),
                ["retry"] = Of(JsonSchemaType.String, "'stop' or 'reconnect'"),
                ["retry_after_ms"] = Of(JsonSchemaType.Integer, "When to come back, where waiting helps"),
            },
        };
    }

    private sealed record ApiCall(string Method, string Path, string Summary, string? Body, int[] Statuses)
    {
        public string[] Query { get; init; } = [];
    }
}
