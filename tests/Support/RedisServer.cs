namespace Holdfast.TestSupport;

/// <summary>A Redis of the test's own: on a free port, in a scratch folder, flushing every write before it answers.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _fsync;
    private ChildProcess? _process;

    private RedisServer(int port, string fsync)
    {
        (Port, _fsync) = (port, fsync);
        _process = Launch();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>The number of its process; null when it does not run.</summary>
    public int? Id => _process?.Id;

    /// <summary>How to reach it.</summary>
    public string Configuration => $"127.0.0.1:{Port}";

    /// <summary>Starts one and waits until it takes connections.</summary>
    /// <param name="fsync">When Redis flushes to the disk: <c>always</c>, or <c>no</c> where a test kills nothing.</param>
    public static async Task<RedisServer> StartAsync(string fsync = "always")
    {
        var server = new RedisServer(Ports.Free(), fsync);
        await server.ReadyAsync();
        return server;
    }

    /// <summary>Kills it.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
        }
    }

    /// <summary>Starts it again, with what it had on disk.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        _process = Launch();
        await ReadyAsync();
    }

    /// <summary>Starts it again with nothing: what a lost disk is.</summary>
    public async Task RestartEmptyAsync()
    {
        await KillAsync();
        foreach (var folder in Directory.GetDirectories(_folder.Path))
        {
            Directory.Delete(folder, recursive: true);
        }

        _process = Launch();
        await ReadyAsync();
    }

    /// <summary>Stops it from doing anything, without ending it.</summary>
    public void Pause() => _process!.Pause();

    /// <summary>Lets it go on.</summary>
    public void Resume() => _process!.Resume();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private ChildProcess Launch()
    {
        var process = ChildProcess.Start(
            "/usr/bin/redis-server",
            "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.Path, "--appendonly", "yes", "--appendfsync", _fsync, "--save", "", "--daemonize", "no");
        return process;
    }

    private async Task ReadyAsync()
    {
        var process = _process!;
        while (await process.ReadLineAsync("Redis takes connections") is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                process.Ignore();
                return;
            }
        }

        throw new InvalidOperationException($"Redis did not start: {await process.Errors}");
    }
}
