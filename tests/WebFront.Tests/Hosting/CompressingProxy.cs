using Holdfast.TestSupport;
using Holdfast.WebFront.Tests.Clients;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>A real Caddy that compresses whatever it may, as many configurations have it.</summary>
internal sealed class CompressingProxy : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly TempFolder _folder;

    private CompressingProxy(ChildProcess process, TempFolder folder, Uri address) => (_process, _folder, Api) = (process, folder, new Api(address));

    /// <summary>The front behind it.</summary>
    public Api Api { get; }

    /// <summary>Starts it before a front, and waits until it answers.</summary>
    public static async Task<CompressingProxy> StartAsync(Uri front)
    {
        var folder = new TempFolder();
        var port = Ports.Free();
        var file = Path.Combine(folder.Path, "Caddyfile");
        await File.WriteAllTextAsync(file, $$"""
            {
                admin off
                auto_https off
            }
            http://:{{port}} {
                bind 127.0.0.1
                encode zstd gzip
                reverse_proxy {{front.Authority}}
            }

            """);
        var process = ChildProcess.Start("/usr/bin/env", $"HOME={folder.Path}", "caddy", "run", "--config", file, "--adapter", "caddyfile");
        process.Ignore();
        var proxy = new CompressingProxy(process, folder, new Uri($"http://127.0.0.1:{port}"));
        await Waiting.UntilAsync("the proxy answers", async () =>
        {
            try
            {
                return (await proxy.Api.GetAsync("/healthz")).Status == System.Net.HttpStatusCode.OK;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                return false;
            }
        });
        return proxy;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
