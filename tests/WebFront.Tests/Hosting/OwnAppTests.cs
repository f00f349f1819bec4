using System.Net;

using Holdfast.Embedded;
using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>Holdfast in an app that has paths and pages of its own.</summary>
public sealed class OwnAppTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/holdfast")]
    public async Task BesideTheAppsOwnPaths_ATaskIsCreatedAndWatched(string prefix)
    {
        await using var app = await StartAsync(prefix);
        using var api = ApiOf(app);
        var created = (await api.PostAsync(prefix + "/api/v1/tasks", new { kind = "echo", input = new { count = 3, interval_ms = 0 } })).Is(HttpStatusCode.Accepted);
        var path = created.Headers.Location!.ToString();
        Assert.StartsWith(prefix + "/api/v1/tasks/", path, StringComparison.Ordinal);
        (await api.GetAsync(path)).Is(HttpStatusCode.OK);

        var stream = await api.GetAsync(path + "/events", ("Accept", "text/event-stream"));
        Assert.Contains("event: completed", stream.Text, StringComparison.Ordinal);
        await using var socket = await RawSocket.OpenAsync(api.Address, $"{prefix}/api/v1/ws/{created["task_id"].GetString()}?include_history=true");
        await socket.UntilTextAsync("completed");
        (await api.GetAsync(prefix + "/healthz")).Is(HttpStatusCode.OK);
        (await api.GetAsync(prefix + "/openapi/v1.json")).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/holdfast")]
    public async Task AProblem_NamesTheWholePath(string prefix)
    {
        await using var app = await StartAsync(prefix);
        using var api = ApiOf(app);
        var missing = (await api.GetAsync(prefix + "/api/v1/tasks/nobodys")).Is(HttpStatusCode.NotFound);
        Assert.Equal(("task_not_found", prefix + "/api/v1/tasks/nobodys"), (missing["code"].GetString(), missing["instance"].GetString()));
        var refused = await api.SendAsync(HttpMethod.Put, prefix + "/api/v1/tasks/nobodys");
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "method_not_allowed"), (refused.Status, refused["code"].GetString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/holdfast")]
    public async Task WhatIsTheAppsOwn_IsLeftAlone(string prefix)
    {
        await using var app = await StartAsync(prefix);
        using var api = ApiOf(app);
        Assert.Equal("mine", (await api.GetAsync("/")).Text);
        Assert.Equal("mine", (await api.GetAsync("/", ("Host", "elsewhere.example"))).Text);
        Assert.Equal((HttpStatusCode.NotFound, ""), await api.GetAsync("/nothing") is var reply ? (reply.Status, reply.Text) : default);
        Assert.Equal(HttpStatusCode.InternalServerError, (await api.GetAsync("/broken")).Status);
    }

    [Theory]
    [InlineData("holdfast")]
    [InlineData("/holdfast/")]
    public async Task APrefixThatIsNone_IsRefused(string prefix)
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(prefix));
        Assert.Contains($"'{prefix}'", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(string prefix)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Holdfast:Store"] = "memory",
            ["Holdfast:SiloPort"] = $"{Ports.Free()}",
            ["Holdfast:GatewayPort"] = $"{Ports.Free()}",
            ["Logging:LogLevel:Default"] = "None",
        });
        builder.AddHoldfast();
        var app = builder.Build();
        app.MapHoldfast(prefix);
        app.MapGet("/", () => "mine");
        app.MapGet("/broken", IResult () => throw new InvalidOperationException("mine, too"));
        await app.StartAsync();
        return app;
    }

    private static Api ApiOf(WebApplication app) =>
        new(new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()));
}
