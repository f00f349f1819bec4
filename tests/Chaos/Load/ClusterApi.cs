using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;

namespace Holdfast.Chaos.Load;

/// <summary>
/// The REST interface over any of the entries. A call is made again, elsewhere, until it is answered with something that is no trouble of the moment:
/// whoever calls must mean the same thing twice.
/// </summary>
/// <param name="http">Makes the calls.</param>
/// <param name="entries">Where they may go.</param>
internal sealed class ClusterApi(HttpClient http, IReadOnlyList<Uri> entries)
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly ConcurrentQueue<string> _unexplained = new();
    private int _turn;
    private int _refused;
    private int _unanswered;

    /// <summary>Calls that were refused for the moment, or had no answer, and were made again.</summary>
    public int Refused => _refused;

    /// <summary>Calls that had no answer: nobody was there, or not in time.</summary>
    public int Unanswered => _unanswered;

    /// <summary>Refusals without a verdict, from whoever is not the proxy: there should be none.</summary>
    public IReadOnlyCollection<string> Unexplained => _unexplained;

    /// <summary>The client under it.</summary>
    public HttpClient Http => http;

    /// <summary>Where calls may go.</summary>
    public IReadOnlyList<Uri> Entries => entries;

    /// <summary>Calls once.</summary>
    /// <returns>The status and the body; status 0 when there was no answer.</returns>
    public async Task<(int Status, JsonElement Body)> TryAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CallLimit);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(entries[(int)((uint)Interlocked.Increment(ref _turn) % (uint)entries.Count)], path));
            if (body is not null)
            {
                request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            }

            using var answer = await http.SendAsync(request, limit.Token);
            var text = await answer.Content.ReadAsStringAsync(limit.Token);
            if (!IsExplained(answer, text))
            {
                _unexplained.Enqueue($"{method} {path} was answered {(int)answer.StatusCode} without a verdict: {text}");
            }

            return ((int)answer.StatusCode, text.StartsWith('{') ? JsonElement.Parse(text) : default);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Interlocked.Increment(ref _unanswered);
            return (0, default);
        }
    }

    /// <summary>Whoever is refused is told whether to come back. The proxy, when it finds no front, says nothing at all.</summary>
    private static bool IsExplained(HttpResponseMessage answer, string text)
    {
        if (answer.IsSuccessStatusCode || (answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout && text.Length == 0))
        {
            return true;
        }

        if (answer.Content.Headers.ContentType?.MediaType is not "application/problem+json")
        {
            return false;
        }

        using var problem = JsonDocument.Parse(text);
        return problem.RootElement.GetProperty("retry").GetString() is "stop" or "reconnect" && problem.RootElement.GetProperty("code").GetString() is not "internal_error";
    }

    /// <summary>Calls until there is an answer that is no trouble of the moment.</summary>
    public async Task<(int Status, JsonElement Body)> CallAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await TryAsync(method, path, body, cancellationToken);
            if (answer.Status is not (0 or (int)HttpStatusCode.TooManyRequests or >= 500))
            {
                return answer;
            }

            Interlocked.Increment(ref _refused);
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Calls until there is an answer, which has to be a success.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task<JsonElement> MustAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        var (status, answer) = await CallAsync(method, path, body, cancellationToken);
        return status is >= 200 and < 300 ? answer : throw new InvalidOperationException($"{method} {path} was answered {status}: {(answer.ValueKind == JsonValueKind.Undefined ? "" : answer.GetRawText())}");
    }

    /// <summary>A task's snapshot.</summary>
    public Task<JsonElement> SnapshotAsync(string task, CancellationToken cancellationToken) => MustAsync(HttpMethod.Get, $"/api/v1/tasks/{task}", null, cancellationToken);

    /// <summary>A task's whole log.</summary>
    public async Task<IReadOnlyList<JsonElement>> LogAsync(string task, CancellationToken cancellationToken)
    {
        List<JsonElement> log = [];
        var after = "";
        while (true)
        {
            var page = await MustAsync(HttpMethod.Get, $"/api/v1/tasks/{task}/events?limit=500{after}", null, cancellationToken);
            log.AddRange(page.GetProperty("events").EnumerateArray());
            after = "&after=" + page.GetProperty("cursor").GetString();
            if (page.GetProperty("caught_up").GetBoolean())
            {
                return log;
            }
        }
    }
}
