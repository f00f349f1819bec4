using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

using Holdfast.TestSupport;

namespace Holdfast.Chaos.Cluster;

/// <summary>Redis, silos, fronts and Caddy as real processes on loopback, all in one scratch folder. It restarts nothing by itself.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromSeconds(1) });
    private readonly int _admin = Ports.Free();

    private LocalCluster(ClusterPlan plan)
    {
        Redis = MakeRedis(Ports.Free());
        Silos = [.. Enumerable.Range(1, plan.Silos).Select(n => MakeSilo(n, plan))];
        Fronts = [.. Enumerable.Range(1, plan.Fronts).Select(n => MakeFront(n, plan))];
        Proxy = plan.Proxy ? MakeProxy(plan.Port == 0 ? Ports.Free() : plan.Port) : null;
        All = [Redis, .. Silos, .. Fronts, .. Proxy is null ? Array.Empty<ManagedProcess>() : [Proxy]];
    }

    /// <summary>The store.</summary>
    public ManagedProcess Redis { get; }

    /// <summary>The silos.</summary>
    public IReadOnlyList<ManagedProcess> Silos { get; }

    /// <summary>The fronts.</summary>
    public IReadOnlyList<ManagedProcess> Fronts { get; }

    /// <summary>Caddy; null where there is none.</summary>
    public ManagedProcess? Proxy { get; }

    /// <summary>All of them, in the order of their start.</summary>
    public IReadOnlyList<ManagedProcess> All { get; }

    /// <summary>Where everything lies.</summary>
    public string Folder => _folder.Path;

    /// <summary>Where viewers may come in: the proxy first, then each front.</summary>
    public IReadOnlyList<Uri> Entries => [.. Proxy is null ? [] : new[] { Proxy.Address }, .. Fronts.Select(front => front.Address)];

    /// <summary>Starts all of it and waits until everything is ready.</summary>
    /// <exception cref="InvalidOperationException">A process did not become ready; the message has the end of its log.</exception>
    public static async Task<LocalCluster> StartAsync(ClusterPlan plan, Action<string>? say = null, CancellationToken cancellationToken = default)
    {
        var cluster = new LocalCluster(plan);
        try
        {
            foreach (var group in cluster.All.GroupBy(process => process.Role))
            {
                foreach (var process in group)
                {
                    say?.Invoke($"starting {process.Name} …");
                    await process.StartAsync();
                }

                // A front needs no silo to start, and a silo no other.
                if (group.Key is ProcessRole.Redis)
                {
                    await cluster.UntilReadyAsync(cancellationToken, cluster.Redis);
                }
            }

            await cluster.UntilReadyAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts whatever does not run, lets go on whatever is paused, and waits until everything is ready.</summary>
    public async Task HealAsync(CancellationToken cancellationToken = default)
    {
        foreach (var process in All)
        {
            process.Resume();
            await process.StartAsync();
        }

        await UntilReadyAsync(cancellationToken);
    }

    /// <summary>Waits until these processes, or all, are ready.</summary>
    /// <exception cref="InvalidOperationException">One did not get there in time, or ended.</exception>
    public async Task UntilReadyAsync(CancellationToken cancellationToken = default, params IReadOnlyList<ManagedProcess> processes)
    {
        var begun = TimeProvider.System.GetTimestamp();
        foreach (var process in processes.Count == 0 ? All : processes)
        {
            while (await process.LookAsync(cancellationToken) is var state && state != ProcessState.Ready)
            {
                if (state is ProcessState.Dead && process.SteppedDown)
                {
                    // Silos that were too slow for too long are declared dead, and end; whoever runs them starts them again.
                    await process.StartAsync();
                    continue;
                }

                if (TimeProvider.System.GetElapsedTime(begun) > StartLimit || state is ProcessState.Dead)
                {
                    throw new InvalidOperationException($"{process.Name} is {state}. The end of {process.Log}:{Environment.NewLine}{process.Tail()}");
                }

                await Task.Delay(LookAgain, TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>Waits until the cluster's membership has so many silos.</summary>
    /// <exception cref="InvalidOperationException">It did not get there in time.</exception>
    public async Task UntilSilosAsync(int count, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (await SilosAsync(cancellationToken) != count)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > StartLimit)
            {
                throw new InvalidOperationException($"The cluster has not come to {count} silos within {StartLimit}.");
            }

            await Task.Delay(LookAgain, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>How many silos the membership has; null when nobody can say.</summary>
    private async Task<int?> SilosAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var figures = JsonDocument.Parse(await _http.GetByteArrayAsync(new Uri(Fronts[0].Address, "/api/v1/monitor"), cancellationToken));
            return figures.RootElement.GetProperty("silos").GetArrayLength();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Has Caddy read its configuration again while it serves.</summary>
    public async Task ReloadProxyAsync()
    {
        await using var caddy = ChildProcess.Start("/usr/bin/caddy", "reload", "--config", Path.Combine(Folder, "Caddyfile"), "--adapter", "caddyfile", "--address", $"127.0.0.1:{_admin}", "--force");
        caddy.Ignore();
        var code = await caddy.WaitForExitAsync();
        if (code != 0)
        {
            throw new InvalidOperationException($"caddy reload ended with {code}: {await caddy.Errors}");
        }
    }

    /// <summary>Cuts every connection to Redis.</summary>
    public async Task ResetRedisConnectionsAsync()
    {
        using var socket = await ConnectAsync(Redis.Address, CancellationToken.None);
        await socket.SendAsync(Encoding.ASCII.GetBytes("CLIENT KILL TYPE normal SKIPME yes\r\n"), SocketFlags.None);
        await socket.ReceiveAsync(new byte[64], SocketFlags.None);
    }

    /// <summary>Stops everything in good order: the viewers' side first.</summary>
    public async Task StopAsync(Action<string>? say = null)
    {
        foreach (var group in All.Reverse().GroupBy(process => process.Role))
        {
            foreach (var process in group.Where(process => process.Runs))
            {
                say?.Invoke($"stopping {process.Name} …");
            }

            await Task.WhenAll(group.Select(process => process.StopAsync()));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in All)
        {
            await process.DisposeAsync();
        }

        _http.Dispose();
        _folder.Dispose();
    }

    private static async Task<Socket> ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, address.Port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A program of this build, which lies in a folder beside this one's.</summary>
    private static string[] Program(string project)
    {
        var own = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var dll = Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, project + ".dll");
        return File.Exists(dll) ? ["dotnet", dll] : throw new InvalidOperationException($"{dll} is not there: build Platform.sln first.");
    }

    private ManagedProcess MakeRedis(int port)
    {
        var data = Directory.CreateDirectory(Path.Combine(Folder, "redis")).FullName;
        return Make(
            "redis",
            ProcessRole.Redis,
            new Uri($"redis://127.0.0.1:{port}"),
            ["redis-server", "--port", $"{port}", "--bind", "127.0.0.1", "--dir", data, "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no"],
            RedisAnswersAsync);
    }

    private async Task<bool> RedisAnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(Redis.Address, cancellationToken);
        await socket.SendAsync("PING\r\n"u8.ToArray(), SocketFlags.None, cancellationToken);
        var answer = new byte[64];
        var count = await socket.ReceiveAsync(answer, SocketFlags.None, cancellationToken);
        return Encoding.ASCII.GetString(answer, 0, count).StartsWith("+PONG", StringComparison.Ordinal);
    }

    private ManagedProcess MakeSilo(int n, ClusterPlan plan)
    {
        var (health, port, gateway) = (new Uri($"http://127.0.0.1:{Ports.Free()}"), Ports.Free(), Ports.Free());
        return Make(
            $"silo-{n}",
            ProcessRole.Silo,
            health,
            [.. Program("Holdfast.Silo"), "--redis", RedisName, "--port", $"{port}", "--gateway-port", $"{gateway}", "--urls", Plain(health), .. plan.SiloArguments],
            ReadyAt(health),
            port,
            gateway);
    }

    private ManagedProcess MakeFront(int n, ClusterPlan plan)
    {
        var address = new Uri($"http://127.0.0.1:{Ports.Free()}");
        return Make($"front-{n}", ProcessRole.Front, address, [.. Program("Holdfast.WebFront"), "--redis", RedisName, "--urls", Plain(address), .. plan.FrontArguments], ReadyAt(address));
    }

    private ManagedProcess MakeProxy(int port)
    {
        var file = Path.Combine(Folder, "Caddyfile");
        File.WriteAllText(file, Caddyfile.Text(port, _admin, Fronts.Select(front => front.Address)));
        var address = new Uri($"http://127.0.0.1:{port}");
        return Make("caddy", ProcessRole.Proxy, address, ["env", $"HOME={Folder}", "caddy", "run", "--config", file, "--adapter", "caddyfile"], ReadyAt(address));
    }

    private ManagedProcess Make(string name, ProcessRole role, Uri address, IReadOnlyList<string> command, Func<CancellationToken, Task<bool>> ready, params IReadOnlyList<int> ports) =>
        new(name, role, address, Path.Combine(Folder, name + ".log"), command, ready) { Ports = ports };

    private Func<CancellationToken, Task<bool>> ReadyAt(Uri address) => async cancellationToken =>
    {
        using var answer = await _http.GetAsync(new Uri(address, "/readyz"), cancellationToken);
        return answer.IsSuccessStatusCode;
    };

    private string RedisName => $"127.0.0.1:{Redis.Address.Port}";

    private static string Plain(Uri address) => address.ToString().TrimEnd('/');
}
