using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Silos in processes of their own, a Redis in which they meet, and a client in this process.</summary>
public sealed class SiloProcesses : IAsyncDisposable
{
    private readonly List<ChildProcess> _silos = [];
    private IHost? _client;

    private readonly int _lease;

    private SiloProcesses(RedisServer redis, int lease)
    {
        (Redis, _lease) = (redis, lease);
    }

    public RedisServer Redis { get; }

    /// <summary>All that were started; the silo of each is called <c>s</c> and its number.</summary>
    public IReadOnlyList<ChildProcess> Silos => _silos;

    public IClusterClient Client => _client!.Services.GetRequiredService<IClusterClient>();

    public static async Task<SiloProcesses> StartAsync(int count, int lease = Setup.LongLease, ILoggerProvider? clientLogs = null)
    {
        var processes = new SiloProcesses(await RedisServer.StartAsync("no"), lease);
        try
        {
            processes._silos.AddRange(await Task.WhenAll(Enumerable.Range(0, count).Select(i => StartSiloAsync(processes.Redis, $"s{i}", lease))));
            processes._client = NewClient(processes.Redis, null, lease, clientLogs);
            await processes._client.StartAsync();
            await processes.SpreadAsync(processes.Client);
            return processes;
        }
        catch
        {
            await processes.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that has not been started.</summary>
    public static IHost NewClient(RedisServer redis, Func<Exception, CancellationToken, Task<bool>>? filter, int lease = Setup.LongLease, ILoggerProvider? logs = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Debug);
        }

        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("c", "test"));
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
            client.Configure<ClusterMembershipOptions>(o => (o.ProbeTimeout, o.NumMissedProbesLimit) = (TimeSpan.FromMilliseconds(500), lease));
            client.UseRedisClustering(redis.Configuration);
            if (filter is not null)
            {
                client.UseConnectionRetryFilter(filter);
            }
        });
        return builder.Build();
    }

    /// <summary>A silo in a process, ready.</summary>
    public static async Task<ChildProcess> StartSiloAsync(RedisServer redis, string name, int lease = Setup.LongLease)
    {
        // It lies beside this project's own output.
        var mine = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(mine.Parent!.Parent!.FullName, "Holdfast.Engine.TestSilo", mine.Name, "Holdfast.Engine.TestSilo");
        var silo = ChildProcess.Start(program, redis.Configuration, "c", Ports.Free().ToString(CultureInfo.InvariantCulture), name, lease.ToString(CultureInfo.InvariantCulture));
        if (await silo.ReadLineAsync("a silo in a process of its own") != "ready")
        {
            throw new InvalidOperationException($"The silo did not start: {await silo.Errors}");
        }

        silo.Ignore();
        return silo;
    }

    /// <summary>Waits until new grains of a client come to lie on all silos.</summary>
    public Task SpreadAsync(IClusterClient client) => Setup.SpreadAsync(client, _silos.Count);

    public async Task StartSiloAsync() => _silos.Add(await StartSiloAsync(Redis, $"s{_silos.Count}", _lease));

    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
        {
            await client.StopAsync();
            client.Dispose();
        }

        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        await Redis.DisposeAsync();
    }
}
