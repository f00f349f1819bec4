using System.Net;
using System.Text;
using System.Text.Json;

using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Hostile;

/// <summary>Requests that no well-behaved client sends: each gets its answer, changes nothing, and another viewer sees nothing of it.</summary>
public sealed class HostileRequestTests(SharedFront front) : WithABystander(front)
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8000")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("10.0.0.1")]
    [InlineData("[2001:db8::1]")]
    [InlineData("0.0.0.0")]
    public async Task AForeignHost_IsMisdirected_AsDnsRebindingWouldBe(string host)
    {
        var (status, body) = await SendAsync($"GET /api/v1/tasks/{Watched.Id} HTTP/1.1", $"Host: {host}");
        Assert.Equal((421, "host_not_allowed"), (status, JsonElement.Parse(body).GetProperty("code").GetString()));
        await using var socket = await RawSocket.ConnectAsync(Front.Address);
        await socket.WriteAsync($"GET /api/v1/ws/{Watched.Id} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://{host}\r\n\r\n");
        Assert.Equal(421, (await socket.AnswerAsync()).Status);
    }

    [Theory]
    [InlineData("GET /healthz HTTP/1.0")]
    [InlineData("GET /readyz HTTP/1.1", "Host: evil.example")]
    [InlineData("HEAD /healthz HTTP/1.1", "Host: 10.0.0.1")]
    public async Task ALoadBalancer_AsksForHealth_UnderAnyNameAndNone(params string[] lines)
    {
        await using var socket = await RawSocket.ConnectAsync(Front.Address);
        await socket.WriteAsync(string.Join("\r\n", lines) + "\r\n\r\n");
        Assert.Matches("^HTTP/1.[01] 200 ", await socket.HeadAsync());
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:9999")]
    [InlineData("app.localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8:80")]
    [InlineData("[::1]")]
    [InlineData("[::1]:8000")]
    public async Task AHostOfThisMachine_IsServed(string host) => Assert.Equal(200, (await SendAsync($"GET /api/v1/tasks/{Watched.Id} HTTP/1.1", $"Host: {host}")).Status);

    [Fact]
    public async Task AHostThatTheOperatorListed_IsServed_AndAnOriginToo()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Front:AllowedHosts:0"] = "app.example", ["Front:AllowedOrigins:0"] = "https://app.example" });
        var reply = (await host.Api.GetAsync("/api/v1/tasks", ("Host", "APP.example"), ("Origin", "https://app.example"))).Is(HttpStatusCode.OK);
        Assert.Equal("https://app.example", reply.Headers.GetValues("Access-Control-Allow-Origin").Single());
        (await host.Api.PostAsync("/api/v1/tasks", new { kind = "echo" }, ("Origin", "https://app.example"))).Is(HttpStatusCode.Accepted);
        (await host.Api.PostAsync("/api/v1/tasks", new { kind = "echo" }, ("Origin", "https://other.example"))).IsProblem(HttpStatusCode.Forbidden, "origin_not_allowed", "Origin");
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://localhost.evil.example")]
    [InlineData("garbage")]
    public async Task AForeignOrigin_ChangesNothing_AndMayReadNothing(string origin)
    {
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Post, "/api/v1/tasks", new { kind = "echo" }), (HttpMethod.Post, $"/api/v1/tasks/{Watched.Id}/cancel", null), (HttpMethod.Delete, $"/api/v1/tasks/{Watched.Id}", null),
            (HttpMethod.Post, "/api/v1/workers/lease", new { worker_id = "w", kinds = new[] { "a" } }),
        })
        {
            (await Front.Api.SendAsync(method, path, body, ("Origin", origin))).IsProblem(HttpStatusCode.Forbidden, "origin_not_allowed", "Origin");
        }

        var read = (await Front.Api.GetAsync($"/api/v1/tasks/{Watched.Id}", ("Origin", origin))).Is(HttpStatusCode.OK);
        Assert.False(read.Headers.Contains("Access-Control-Allow-Origin"));
        (await Front.Api.GetAsync("/api/v1/tasks/stream", ("Origin", origin), ("Accept", "text/event-stream"))).IsProblem(HttpStatusCode.Forbidden, "origin_not_allowed", "Origin");
    }

    [Fact]
    public async Task APageOnLoopback_MayUseEverything_AsThePreflightSays()
    {
        var reply = await Front.Api.SendAsync(
            HttpMethod.Options, "/api/v1/tasks", null, ("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type,idempotency-key,last-event-id"));
        Assert.Equal("http://localhost:3000", reply.Headers.GetValues("Access-Control-Allow-Origin").Single());
        var allowed = reply.Headers.GetValues("Access-Control-Allow-Headers").Single().ToUpperInvariant();
        Assert.All(new[] { "AUTHORIZATION", "CONTENT-TYPE", "IDEMPOTENCY-KEY", "LAST-EVENT-ID" }, name => Assert.Contains(name, allowed, StringComparison.Ordinal));
        var exposed = (await Front.Api.GetAsync("/api/v1/tasks", ("Origin", "http://localhost:3000"))).Headers.GetValues("Access-Control-Expose-Headers").Single();
        Assert.Contains("Location", exposed, StringComparison.Ordinal);
        Assert.Contains("Retry-After", exposed, StringComparison.Ordinal);
        var foreign = await Front.Api.SendAsync(HttpMethod.Options, "/api/v1/tasks", null, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"));
        Assert.False(foreign.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task ABodyThatComesTooSlowly_408_ComeBack()
    {
        await using var socket = await RawSocket.ConnectAsync(Front.Address);
        await socket.WriteAsync("POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{\"kind\":");
        var (status, body) = await socket.AnswerAsync();
        var problem = JsonElement.Parse(body);
        Assert.Equal((408, "request_timeout", "reconnect"), (status, problem.GetProperty("code").GetString(), problem.GetProperty("retry").GetString()));
        Assert.True(await socket.IsEndedAsync());
    }

    [Fact]
    public async Task ABodyThatIsCutOff_IsNobodysTrouble()
    {
        for (var i = 0; i < 10; i++)
        {
            var socket = await RawSocket.ConnectAsync(Front.Address);
            await socket.WriteAsync("POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{\"kind\":");
            socket.Reset();
        }
    }

    [Fact]
    public async Task PipelinedRequests_AreAnsweredInOrder_AndGarbageBehindThemEndsThatConnectionOnly()
    {
        await using var socket = await RawSocket.ConnectAsync(Front.Address);
        await socket.WriteAsync($"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /api/v1/tasks/{Watched.Id} HTTP/1.1\r\nHost: localhost\r\n\r\nGET /api/v1/tasks/t_unknown1 HTTP/1.1\r\nHost: localhost\r\n\r\n\u0001\u0002\u0003 garbage\r\n\r\n");
        Assert.Equal(200, (await socket.AnswerAsync()).Status);
        Assert.Equal(200, (await socket.AnswerAsync()).Status);
        Assert.Equal(404, (await socket.AnswerAsync()).Status);
        Assert.Equal(400, (await socket.AnswerAsync()).Status);
        Assert.True(await socket.IsEndedAsync());
    }

    [Theory]
    [InlineData("GET /api/v1/tasks HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /api/v1/tasks HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400)]
    [InlineData("GET /api/v1/tasks HTTP/9.9\r\nHost: localhost\r\n\r\n", 505)]
    [InlineData("GET /api/v1/tasks/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400)]
    [InlineData("GET /api/v1/tasks/%C0%AF HTTP/1.1\r\nHost: localhost\r\n\r\n", 404)]
    [InlineData("GET /api/v1/tasks/../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404)]
    [InlineData("GET /..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404)]
    [InlineData("POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n", 400)]
    [InlineData("POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400)]
    [InlineData("not http at all\r\n\r\n", 400)]
    public async Task WhatIsHardlyHttp_IsRefused(string request, int status)
    {
        await using var socket = await RawSocket.ConnectAsync(Front.Address);
        await socket.WriteAsync(request);
        Assert.Equal(status, (await socket.AnswerAsync()).Status);
    }

    [Theory]
    [InlineData("application/xml")]
    [InlineData("text/html")]
    [InlineData("*/*;q=0")]
    [InlineData("garbage")]
    public async Task AWrongAccept_IsAnsweredInJsonAllTheSame(string accept)
    {
        var reply = (await Front.Api.GetAsync($"/api/v1/tasks/{Watched.Id}/events", ("Accept", accept))).Is(HttpStatusCode.OK);
        Assert.Equal("application/json", reply.ContentHeaders.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("")]
    public async Task AnyContentType_IsReadAsJson(string type)
    {
        var body = $$"""{"kind":"{{HandTask.NewKind()}}"}""";
        var (status, _) = await SendAsync("POST /api/v1/tasks HTTP/1.1", $"Host: localhost\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}", body);
        Assert.Equal(202, status);
    }

    [Fact]
    public async Task RandomJson_NeverIsAFault()
    {
        var random = new Random(20261121);
        string[] pieces = ["{", "}", "[", "]", ":", ",", "\"kind\"", "\"echo\"", "\"input\"", "null", "true", "1e999", "-0", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"\\udead\"", "\"labels\"", " ", "\n", "\"task_id\"", "9007199254740993"];
        var calls = new[] { "/api/v1/tasks", $"/api/v1/tasks/{Watched.Id}/review", $"/api/v1/tasks/{Watched.Id}/events", $"/api/v1/tasks/{Watched.Id}/fail", $"/api/v1/tasks/{Watched.Id}/reviews", "/api/v1/workers/lease" };
        for (var i = 0; i < 300; i++)
        {
            var body = "{" + string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => pieces[random.Next(pieces.Length)])) + "}";
            var reply = await Front.Api.PostAsync(calls[i % calls.Length], body);
            Assert.True((int)reply.Status is >= 400 and < 500 or 202 or 200, $"{(int)reply.Status} for {body}: {reply.Text}");
        }
    }

    [Fact]
    public async Task OddNumbersInTheQuery_AreNeverAFault()
    {
        string[] values = ["", "0", "-1", "1e9", "0x10", "9999999999999999999999", "NaN", "%00", "%F0%9F%98%80", "1%20", "+1", "٣"];
        foreach (var (path, name) in new[]
        {
            ("/api/v1/tasks", "limit"), ("/api/v1/tasks", "cursor"), ("/api/v1/sessions", "limit"), ("/api/v1/sessions", "cursor"), ($"/api/v1/tasks/{Watched.Id}/events", "limit"),
            ($"/api/v1/tasks/{Watched.Id}/events", "after"), ($"/api/v1/tasks/{Watched.Id}/events", "wait"), ("/api/v1/tasks", "kind"), ("/api/v1/tasks", "label"), ("/api/v1/sessions", "task_id"),
        })
        {
            foreach (var value in values)
            {
                var reply = await Front.Api.GetAsync($"{path}?{name}={value}");
                Assert.True((int)reply.Status is 200 or 400, $"{(int)reply.Status} for {path}?{name}={value}: {reply.Text}");
            }
        }
    }

    private async Task<(int Status, string Body)> SendAsync(string line, string headers, string body = "")
    {
        await using var socket = await RawSocket.ConnectAsync(Front.Address);
        await socket.WriteAsync($"{line}\r\n{headers}\r\n\r\n{body}");
        return await socket.AnswerAsync();
    }
}
