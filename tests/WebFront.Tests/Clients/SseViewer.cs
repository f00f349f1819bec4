using System.Net;
using System.Text;

using Holdfast.TestSupport;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>One block of an event stream: its fields as they stood there.</summary>
/// <param name="Id">The field <c>id</c>.</param>
/// <param name="Event">The field <c>event</c>.</param>
/// <param name="Data">The field <c>data</c>.</param>
/// <param name="Retry">The field <c>retry</c>.</param>
/// <param name="Comment">A comment line.</param>
internal sealed record SseBlock(string? Id, string? Event, string? Data, string? Retry, string? Comment);

/// <summary>Watches an event stream, and reads it as the HTML standard says: every line, every field.</summary>
internal sealed class SseViewer : Viewer
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;
    private readonly List<SseBlock> _blocks = [];

    private SseViewer(HttpResponseMessage response, Stream stream) => (_response, _reader) = (response, new StreamReader(stream, Encoding.UTF8));

    /// <summary>The head of the answer.</summary>
    public HttpResponseMessage Response => _response;

    /// <summary>Everything that came, <c>retry</c> and comments too.</summary>
    public IReadOnlyList<SseBlock> Blocks => _blocks;

    /// <summary>Watches a task.</summary>
    /// <param name="api">The front.</param>
    /// <param name="task">The task.</param>
    /// <param name="query">Parameters.</param>
    /// <param name="headers">Headers, <c>Last-Event-ID</c> among them.</param>
    public static async Task<SseViewer> WatchAsync(Api api, string task, string query = "", params (string Name, string Value)[] headers) =>
        await TryWatchAsync(api, $"/api/v1/tasks/{task}/events?{query}", headers) ?? throw new InvalidOperationException("The stream was answered with 204.");

    /// <summary>Opens a stream; null when the answer is 204.</summary>
    public static Task<SseViewer?> TryWatchAsync(Api api, string path, params (string Name, string Value)[] headers) => OpenAsync(api, HttpMethod.Get, path, null, headers);

    /// <summary>Opens a stream with any request.</summary>
    public static async Task<SseViewer?> OpenAsync(Api api, HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = Api.Request(method, path, body, [("Accept", "text/event-stream"), .. headers]);
        var response = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).ForAsync("the head of the stream");
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            response.Dispose();
            return null;
        }

        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {(response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync())}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new SseViewer(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next block of any sort; null at the end.</summary>
    public async Task<SseBlock?> BlockAsync(string step) => await ReadBlockAsync().ForAsync(step);

    /// <inheritdoc/>
    public override void Cut() => _response.Dispose();

    /// <inheritdoc/>
    protected override void Release() => _reader.Dispose();

    /// <inheritdoc/>
    protected override async Task<Message?> ReceiveAsync()
    {
        while (await ReadBlockAsync() is { } block)
        {
            if (block.Data is { } data)
            {
                // What an event says of itself and what the stream says of it are the same. A refusal has no type of its own.
                var message = new Message(block.Event == "refused" ? data.Insert(1, "\"type\":\"refused\",\"problem\":true,").Replace("\"type\":\"urn", "\"problem_type\":\"urn", StringComparison.Ordinal) : data);
                Assert.Equal(block.Event, message.Type);
                Assert.Equal(message.IsEvent, block.Id is not null);
                Assert.True(!message.IsEvent || block.Id!.EndsWith($":{message.Seq}", StringComparison.Ordinal), $"{block}");
                return message;
            }
        }

        return null;
    }

    private async Task<SseBlock?> ReadBlockAsync()
    {
        var block = new SseBlock(null, null, null, null, null);
        var empty = true;
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.Length == 0)
            {
                if (empty)
                {
                    continue;
                }

                _blocks.Add(block);
                return block;
            }

            empty = false;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..].TrimStart(' '));
            block = name switch
            {
                "" => block with { Comment = value },
                "id" => block with { Id = Once(block.Id, value) },
                "event" => block with { Event = Once(block.Event, value) },
                "data" => block with { Data = Once(block.Data, value) },
                "retry" => block with { Retry = Once(block.Retry, value) },
                _ => throw new InvalidOperationException($"An event stream has no field '{name}'."),
            };
        }

        Assert.True(empty, "The stream ended in the middle of a block.");
        return null;
    }

    private static string Once(string? before, string value) => before is null ? value : throw new InvalidOperationException("A field came twice in one block.");
}
