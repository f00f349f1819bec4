using System.Collections.Concurrent;
using System.Diagnostics;

using Holdfast.Embedded;
using Holdfast.Grains;
using Holdfast.Silo;
using Holdfast.WebFront;

namespace Holdfast.Bench.Servers;

/// <summary>The hosts as they ship, and generators of the bench's own.</summary>
internal static class HoldfastServer
{
    /// <summary>Runs the embedded host with its arguments.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var publisher = new Publisher();
        await using var app = HoldfastApp.Create([.. args, "--urls", AnyPort], services => AddGenerators(services, publisher));
        app.MapPublisher(publisher);
        return await ServerControl.ServeAsync(app);
    }

    /// <summary>Runs a silo with its arguments.</summary>
    public static async Task<int> RunSiloAsync(string[] args)
    {
        var publisher = new Publisher();
        await using var app = SiloHost.Build([.. args, "--urls", AnyPort], services => AddGenerators(services, publisher));
        var oracle = app.Services.GetRequiredService<ISiloStatusOracle>();
        var deaths = new Deaths();
        oracle.SubscribeToSiloStatusEvents(deaths);
        app.MapPublisher(publisher);
        app.MapGet("/bench/silos", () => TypedResults.Json(oracle.GetActiveSilos().Length, ControlJson.Default.Int32));
        app.MapGet("/bench/deaths", () => TypedResults.Json([.. deaths.At], ControlJson.Default.Int64Array));
        return await ServerControl.ServeAsync(app);
    }

    /// <summary>Runs a web front with its arguments.</summary>
    public static async Task<int> RunFrontAsync(string[] args)
    {
        await using var app = WebFrontHost.Build([.. args, "--urls", AnyPort], Quiet);
        app.MapBench();
        return await ServerControl.ServeAsync(app);
    }

    private const string AnyPort = "http://127.0.0.1:0";

    private static void AddGenerators(IServiceCollection services, Publisher publisher)
    {
        services.AddSingleton(publisher);
        services.AddGenerator<PublishedGenerator>(maxConcurrent: 100_000);
        services.AddGenerator<BeatGenerator>(maxConcurrent: 100_000);
        Quiet(services);
    }

    /// <summary>A line of log per task would be measured otherwise.</summary>
    private static void Quiet(IServiceCollection services) =>
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Holdfast", LogLevel.Warning));

    private sealed class Deaths : ISiloStatusListener
    {
        public ConcurrentQueue<long> At { get; } = new();

        public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
        {
            if (status == SiloStatus.Dead)
            {
                At.Enqueue(Stopwatch.GetTimestamp());
            }
        }
    }
}
