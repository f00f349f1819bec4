namespace Holdfast.TestSupport;

/// <summary>A Redis of the test's own: on a free port, in a scratch folder, flushing every write before it answers.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TempFolder _kept = new();
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

    /// <summary>Remembers what it has on disk at this moment.</summary>
    public void Keep()
    {
        foreach (var file in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories))
        {
            var kept = Path.Combine(_kept.Path, Path.GetRelativePath(_folder.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            File.Copy(file, kept, overwrite: true);
        }
    }

    /// <summary>Starts it again with what <see cref="Keep"/> remembered: whatever was written since is lost, as with a disk that forgets.</summary>
    public async Task RestartAsKeptAsync()
    {
        await KillAsync();
        Directory.Delete(_folder.Path, recursive: true);
        Directory.Move(_kept.Path, _folder.Path);
        Directory.CreateDirectory(_kept.Path);
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
        _kept.Dispose();
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
