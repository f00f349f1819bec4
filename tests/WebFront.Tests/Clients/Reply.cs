using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Holdfast.WebFront.Tests.Clients;

/// <summary>An HTTP answer, read to its end.</summary>
internal sealed record Reply(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    /// <summary>The body, read.</summary>
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>A member of the body.</summary>
    public JsonElement this[string name] => Json.GetProperty(name);

    /// <summary>Checks the status.</summary>
    public Reply Is(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{(int)Status} instead of {(int)status}: {Text}");
        return this;
    }

    /// <summary>Checks that this is a refusal with everything that a refusal has.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="code">Stable code.</param>
    /// <param name="field">The offending field; null: none is named.</param>
    /// <param name="retry">The verdict.</param>
    public Reply IsProblem(HttpStatusCode status, string code, string? field = null, string retry = "stop")
    {
        Assert.True(Status == status, $"{(int)Status} instead of {(int)status}: {Text}");
        Assert.Equal("application/problem+json", ContentHeaders.ContentType?.MediaType);
        Assert.Equal((int)status, this["status"].GetInt32());
        Assert.Equal(code, this["code"].GetString());
        Assert.NotEmpty(this["detail"].GetString()!);
        Assert.NotEmpty(this["title"].GetString()!);
        Assert.Contains(code, this["type"].GetString()!, StringComparison.Ordinal);
        Assert.Equal(field, Json.TryGetProperty("field", out var named) ? named.GetString() : null);
        Assert.Equal(retry, this["retry"].GetString());
        if (retry == "reconnect")
        {
            Assert.True(this["retry_after_ms"].GetInt64() >= 0);
            Assert.NotNull(Headers.RetryAfter);
        }
        else
        {
            Assert.False(Json.TryGetProperty("retry_after_ms", out _), "Nothing to wait for when the verdict is 'stop'.");
        }

        return this;
    }
}
