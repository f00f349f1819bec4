using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using Holdfast.TestSupport;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>A front's REST interface, as anybody outside would call it.</summary>
internal sealed class Api : IDisposable
{
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, UseCookies = false };

    public Api(Uri address)
    {
        Address = address;
        Http = new HttpClient(_handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The front.</summary>
    public Uri Address { get; }

    /// <summary>The client under it.</summary>
    public HttpClient Http { get; }

    /// <summary>Sends a request and reads the answer to its end.</summary>
    public async Task<Reply> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, body, headers);
        using var response = await Http.SendAsync(request).ForAsync($"the answer to {method} {path}");
        var text = await response.Content.ReadAsStringAsync().ForAsync($"the whole answer to {method} {path}");
        return new Reply(response.StatusCode, text, response.Headers, response.Content.Headers);
    }

    /// <summary>A request, not yet sent.</summary>
    public static HttpRequestMessage Request(HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body switch
            {
                byte[] bytes => bytes,
                string text => Encoding.UTF8.GetBytes(text),
                _ => JsonSerializer.SerializeToUtf8Bytes(body),
            });
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value), $"The header {name} could not be set.");
        }

        return request;
    }

    public Task<Reply> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Reply> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, body, headers);

    public Task<Reply> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <summary>Creates a task, which has to work, and gives its id.</summary>
    public async Task<string> CreateAsync(object body) => (await PostAsync("/api/v1/tasks", body)).Is(HttpStatusCode.Accepted)["task_id"].GetString()!;

    /// <summary>Creates an echo and gives its id.</summary>
    public Task<string> EchoAsync(object input) => CreateAsync(new { kind = "echo", input });

    /// <summary>A task's snapshot.</summary>
    public async Task<JsonElement> SnapshotAsync(string task) => (await GetAsync($"/api/v1/tasks/{task}")).Is(HttpStatusCode.OK).Json;

    /// <summary>A task's status.</summary>
    public async Task<string> StatusAsync(string task) => (await SnapshotAsync(task)).GetProperty("status").GetString()!;

    /// <summary>Waits until a task has a status.</summary>
    public Task UntilStatusAsync(string task, string status) => Waiting.UntilAsync($"task {task} is {status}", async () => await StatusAsync(task) == status);

    /// <summary>Waits for the end of a task, and gives its snapshot.</summary>
    public async Task<JsonElement> EndOfAsync(string task)
    {
        await using var viewer = PollViewer.Watch(this, task);
        await viewer.ToEndAsync($"the end of task {task}");
        return await SnapshotAsync(task);
    }

    /// <summary>The whole log as it is at this moment, event by event, as its bytes are.</summary>
    public async Task<IReadOnlyList<Message>> LogAsync(string task)
    {
        List<Message> log = [];
        string? cursor = null;
        while (true)
        {
            var page = (await GetAsync($"/api/v1/tasks/{task}/events?limit=500" + (cursor is null ? "" : "&after=" + cursor))).Is(HttpStatusCode.OK);
            log.AddRange(page["events"].EnumerateArray().Select(one => new Message(one.GetRawText())));
            cursor = page["cursor"].GetString();
            if (page["caught_up"].GetBoolean())
            {
                Assert.Equal(Enumerable.Range(1, log.Count).Select(n => (long)n), log.Select(one => one.Seq));
                return log;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }
}
