using System.Net;
using System.Text.Json;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>Watches by long polls: page after page, as a client without streams does.</summary>
internal sealed class PollViewer : Viewer
{
    private readonly Api _api;
    private readonly string _path;
    private readonly Queue<Message> _page = new();
    private readonly CancellationTokenSource _cut = new();
    private bool _ended;

    private PollViewer(Api api, string path, string? cursor) => (_api, _path, Cursor) = (api, path, cursor);

    /// <summary>Where the last page ended.</summary>
    public string? Cursor { get; private set; }

    /// <summary>The last page.</summary>
    public JsonElement Page { get; private set; }

    /// <summary>The first page said that the cursor meant nothing.</summary>
    public bool WasReset { get; private set; }

    /// <summary>Watches a task.</summary>
    /// <param name="api">The front.</param>
    /// <param name="task">The task.</param>
    /// <param name="cursor">After which event; null: from the start.</param>
    /// <param name="query">Further parameters.</param>
    public static PollViewer Watch(Api api, string task, string? cursor = null, string query = "wait=10s") =>
        new(api, $"/api/v1/tasks/{task}/events?{query}", cursor);

    /// <inheritdoc/>
    public override void Cut() => _cut.Cancel();

    /// <inheritdoc/>
    protected override void Release() => _cut.Dispose();

    /// <inheritdoc/>
    protected override async Task<Message?> ReceiveAsync()
    {
        while (_page.Count == 0)
        {
            if (_ended)
            {
                return null;
            }

            await TurnAsync();
        }

        return _page.Dequeue();
    }

    private async Task TurnAsync()
    {
        using var request = Api.Request(HttpMethod.Get, _path + (Cursor is null ? "" : "&after=" + Cursor), null);
        using var response = await _api.Http.SendAsync(request, _cut.Token);
        Page = JsonElement.Parse(await response.Content.ReadAsStringAsync(_cut.Token));
        Assert.True(response.StatusCode == HttpStatusCode.OK, Page.GetRawText());
        foreach (var message in Page.GetProperty("events").EnumerateArray())
        {
            _page.Enqueue(new Message(message.GetRawText()));
        }

        WasReset |= Page.GetProperty("reset").GetBoolean();
        Cursor = Page.GetProperty("cursor").GetString();
        _ended = Page.GetProperty("caught_up").GetBoolean() && Page.GetProperty("status").GetString() is "completed" or "failed" or "cancelled";
    }
}
