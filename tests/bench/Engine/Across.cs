using System.Net;

using Holdfast.TestSupport;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Holdfast.Engine.Bench;

/// <summary>A client in this process, a silo in another one, a Redis in which they meet.</summary>
internal static class Across
{
    private const string Up = "silo: up";

    /// <summary>Measures calls that cross.</summary>
    public static async Task RunAsync()
    {
        await using var redis = await RedisServer.StartAsync();
        var self = typeof(Across).Assembly.Location;
        await using var silo = ChildProcess.Start(
            Environment.ProcessPath!,
            [.. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [self] : Array.Empty<string>(), "silo", redis.Configuration, $"{Ports.Free()}"]);
        while (await silo.ReadLineAsync("the silo is up") is { } line && line != Up)
        {
            // Whatever else it says.
        }

        silo.Ignore();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client => client.UseRedisClustering(redis.Configuration));
        using var host = builder.Build();
        await host.StartAsync();
        var client = host.Services.GetRequiredService<IClusterClient>();
        await Measure.RunAsync("across processes, 100 callers", 100, 3_000, (caller, times) => CallAsync(client, caller, times));
        await Measure.RunAsync("across processes, 1 caller", 1, 10_000, (caller, times) => CallAsync(client, caller, times));

        var note = new Note(1, new byte[200]);
        var counters = Enumerable.Range(0, 100).Select(_ => new Counter()).ToArray();
        var references = counters.Select(counter => client.CreateObjectReference<INoteObserver>(counter)).ToArray();
        foreach (var (name, callers) in new[] { ("observer across processes, 100 silo to client", 100), ("… 1", 1) })
        {
            // A call may last seconds only: it is made again and again.
            const int Piece = 100;
            await Measure.RunAsync(name, callers, callers == 1 ? 10_000 : 3_000, async (caller, times) =>
            {
                for (var i = 0; i < times; i += Piece)
                {
                    await client.GetGrain<IEchoGrain>($"o{caller}").NotifyAsync(references[caller], note, Piece);
                }
            });
        }

        GC.KeepAlive(counters);
        await host.StopAsync();
    }

    /// <summary>Runs the silo until standard input ends.</summary>
    public static async Task RunSiloAsync(string redis, int port)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
        {
            silo.UseRedisClustering(redis);
            silo.ConfigureEndpoints(IPAddress.Loopback, port, 0);
        });
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine(Up);
        await Task.Factory.StartNew(Console.In.ReadToEnd, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await host.StopAsync();
    }

    private static async Task CallAsync(IClusterClient client, int caller, int times)
    {
        var grain = client.GetGrain<IEchoGrain>($"g{caller}");
        for (var i = 0; i < times; i++)
        {
            await grain.AddAsync(1);
        }
    }
}
