using System.Net;

using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 3: which methods a resource takes, and in which form it answers.</summary>
public sealed class Section3_Rest_Methods(SharedFront front)
{
    private static readonly string[] All = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    private Api Api => front.Api;

    [Fact]
    public async Task Allow_NamesWhatWorks_OfEveryResource()
    {
        var paths = front.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(PathOf).Distinct().ToList();
        Assert.True(paths.Count > 20, $"Only {paths.Count} resources were found.");
        foreach (var path in paths)
        {
            var (status, allowed) = await AskAsync("OPTIONS", path);
            Assert.True(status == HttpStatusCode.NoContent, $"OPTIONS {path}: {status}");
            Assert.Contains("OPTIONS", allowed);
            Assert.Equal(allowed.Contains("GET"), allowed.Contains("HEAD"));
            foreach (var method in All.Where(method => method != "OPTIONS"))
            {
                var answer = await AskAsync(method, path);
                Assert.True(allowed.Contains(method) == (answer.Status != HttpStatusCode.MethodNotAllowed), $"{method} {path}: {answer.Status}, and allowed are {string.Join(", ", allowed)}.");
                Assert.Equal(answer.Status == HttpStatusCode.MethodNotAllowed ? allowed : [], answer.Allowed);
            }
        }
    }

    [Fact]
    public async Task OnTheLiveList_NothingIsOfferedThatIsDoneToTasks()
    {
        Assert.Equal(["GET", "HEAD", "OPTIONS"], (await AskAsync("OPTIONS", "/api/v1/tasks/stream")).Allowed);
        (await Api.DeleteAsync("/api/v1/tasks/stream")).IsProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        (await Api.DeleteAsync("/api/v1/tasks/short")).IsProblem(HttpStatusCode.NotFound, "task_not_found");
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/")]
    [InlineData("/api/v1/tasks")]
    [InlineData("/api/v1/tasks?limit=no")]
    [InlineData("/api/v1/tasks/t_12345678")]
    [InlineData("/api/v1/tasks/{task}")]
    [InlineData("/api/v1/tasks/{task}/result")]
    [InlineData("/api/v1/tasks/{task}/events")]
    [InlineData("/api/v1/tasks/{task}/events?after=x")]
    [InlineData("/api/v1/tasks/{task}/events", "text/event-stream")]
    [InlineData("/api/v1/tasks/{hand}/events", "text/event-stream")]
    [InlineData("/api/v1/tasks/t_12345678/events", "text/event-stream")]
    [InlineData("/api/v1/tasks/stream")]
    [InlineData("/api/v1/monitor")]
    [InlineData("/api/v1/monitor/stream")]
    [InlineData("/api/v1/sessions")]
    [InlineData("/api/v1/sessions/{session}")]
    [InlineData("/api/v1/ws/{task}")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v1/cleanup")]
    public async Task Head_AnswersAsGet_WithoutABody(string path, string accept = "*/*")
    {
        var task = await Api.EchoAsync(new { count = 1, interval_ms = 0 });
        await Api.EndOfAsync(task);
        var hand = await HandTask.StartAsync(Api);
        await using var viewer = await WebSocketViewer.WatchAsync(Api, hand.Id);
        await viewer.UntilAsync("connected");
        path = path.Replace("{task}", task, StringComparison.Ordinal).Replace("{hand}", hand.Id, StringComparison.Ordinal).Replace("{session}", viewer.SessionId, StringComparison.Ordinal);
        using var request = Api.Request(HttpMethod.Get, path, null, ("Accept", accept));
        using var get = await Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var head = await Api.SendAsync(HttpMethod.Head, path, null, ("Accept", accept));
        Assert.Equal(get.StatusCode, head.Status);
        Assert.Equal(get.Content.Headers.ContentType?.ToString(), head.ContentHeaders.ContentType?.ToString());
        Assert.Equal(get.Content.Headers.ContentEncoding, head.ContentHeaders.ContentEncoding);
        Assert.Equal(get.Headers.CacheControl?.ToString(), head.Headers.CacheControl?.ToString());
        Assert.Empty(head.Text);
    }

    [Theory]
    [InlineData("text/event-stream", true)]
    [InlineData("TEXT/Event-Stream", true)]
    [InlineData("text/event-stream, application/json", true)]
    [InlineData("application/json, text/event-stream", true)]
    [InlineData("text/event-stream, */*", true)]
    [InlineData("text/event-stream;q=0.5", true)]
    [InlineData("application/json;q=0.4, text/event-stream;q=0.5", true)]
    [InlineData("application/json;q=0, */*, text/event-stream;q=0.1", true)]
    [InlineData("text/event-stream;q=0.5, application/json", false)]
    [InlineData("text/event-stream;q=0.5, application/*", false)]
    [InlineData("text/event-stream;q=0.5, */*", false)]
    [InlineData("text/event-stream;q=0", false)]
    [InlineData("text/event-stream;q=0, */*;q=0.1", false)]
    [InlineData("text/html, application/xhtml+xml, */*;q=0.8", false)]
    [InlineData("*/*", false)]
    [InlineData("", false)]
    [InlineData("text/event-streams", false)]
    public async Task QualityValuesCount_WhereverAcceptDoes(string accept, bool stream)
    {
        var task = await Api.EchoAsync(new { count = 0 });
        Assert.Equal(stream, await IsStreamAsync(HttpMethod.Get, $"/api/v1/tasks/{task}/events", null));
        Assert.Equal(stream, await IsStreamAsync(HttpMethod.Post, "/api/v1/tasks", new { kind = "echo", input = new { count = 0 } }));

        async Task<bool> IsStreamAsync(HttpMethod method, string path, object? body)
        {
            var reply = await Api.SendAsync(method, path, body, ("Accept", accept));
            return reply.ContentHeaders.ContentType?.MediaType == "text/event-stream";
        }
    }

    private static string PathOf(RouteEndpoint endpoint) => "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "documentName" } => "v1",
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart => "t_12345678",
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
        _ => throw new InvalidOperationException($"{endpoint.RoutePattern.RawText} has a part of an unknown kind."),
    }))));

    private async Task<(HttpStatusCode Status, IReadOnlyList<string> Allowed)> AskAsync(string method, string path)
    {
        using var request = Api.Request(new HttpMethod(method), path, null);
        using var response = await Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (response.StatusCode, [.. response.Content.Headers.Allow]);
    }
}
