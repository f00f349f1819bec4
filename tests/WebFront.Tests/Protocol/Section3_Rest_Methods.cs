using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Protocol;

/// <summary>Section 3: which methods a resource takes, and in which form it answers.</summary>
public sealed class Section3_Rest_Methods(SharedFront front)
{
    private Api Api => front.Api;

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
}
