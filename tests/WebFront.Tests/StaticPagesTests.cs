using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.WebFront.Tests;

public sealed class StaticPagesTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("holdfast-pages-");

    public StaticPagesTests() => Write("index.html", "plain");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task WithoutTheApp_ThePlainPageIsServed_AndTheAppsPagesAreNotThere()
    {
        await using var app = await StartAsync();
        Assert.Equal("plain", await app.Client.GetStringAsync("/"));
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync("/monitor")).StatusCode);
    }

    [Theory]
    [InlineData("/", "app")]
    [InlineData("/monitor", "the monitor")]
    [InlineData("/monitor/", "the monitor")]
    [InlineData("/monitor?task=t_12345678", "the monitor")]
    [InlineData("/samples/README.md", "a sample")]
    public async Task WithTheApp_ItsPagesAreServed_AndAskedForEachTime(string path, string expected)
    {
        WriteApp();
        await using var app = await StartAsync();
        var answer = await app.Client.GetAsync(path);
        Assert.Equal(expected, await answer.Content.ReadAsStringAsync());
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task AssetsAreKeptForEver_AsTheirNamesChangeWithThem()
    {
        WriteApp();
        await using var app = await StartAsync();
        Assert.Equal("public, max-age=31536000, immutable", (await app.Client.GetAsync("/assets/index-1.js")).Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task WhatTheAppDoesNotHave_IsNotFound()
    {
        WriteApp();
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync("/nothing")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync("/../index.html/..%2f..%2fsecret")).StatusCode);
    }

    private void WriteApp()
    {
        Write("samples/README.md", "a sample");
        Write("ui/index.html", "app");
        Write("ui/monitor/index.html", "the monitor");
        Write("ui/assets/index-1.js", "script");
    }

    private void Write(string name, string content)
    {
        var path = Path.Combine(_root.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    private async Task<Served> StartAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { WebRootPath = _root.FullName });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UsePages();
        await app.StartAsync();
        return new Served(app);
    }

    private sealed class Served(WebApplication app) : IAsyncDisposable
    {
        public HttpClient Client { get; } = new() { BaseAddress = new Uri(app.Urls.First()) };

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await app.DisposeAsync();
        }
    }
}
