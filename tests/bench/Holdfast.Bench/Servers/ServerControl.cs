using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Bench.Servers;

/// <summary>What both servers have besides the thing that is measured: publishing, memory, an end.</summary>
internal static class ServerControl
{
    /// <summary>With this a server's line begins that says where it listens.</summary>
    public const string Listening = "bench: listening on ";

    /// <summary>Maps publishing, and what comes with it.</summary>
    public static void MapPublisher(this WebApplication app, Publisher publisher)
    {
        app.MapBench();
        app.MapGet("/bench/starts", () => TypedResults.Json(publisher.Starts(), ControlJson.Default.DictionaryStringInt64));
        app.MapPost("/bench/publish", async (HttpContext http) =>
        {
            var plan = await http.Request.ReadFromJsonAsync(ControlJson.Default.PublishPlan);
            return TypedResults.Json(await publisher.PublishAsync(plan!), ControlJson.Default.PublishResult);
        });
    }

    /// <summary>Maps the bench's own calls that any process answers.</summary>
    public static void MapBench(this WebApplication app)
    {
        app.MapGet("/bench/runtime", () => TypedResults.Json(
            new RuntimeResult(GC.GetTotalAllocatedBytes(), GC.CollectionCount(0), GC.GetTotalPauseDuration().TotalMilliseconds, ThreadPool.CompletedWorkItemCount),
            ControlJson.Default.RuntimeResult));
        app.MapGet("/bench/allocations", async (double seconds) => string.Join('\n', await AllocationSampler.SampleAsync(TimeSpan.FromSeconds(seconds))) + "\n");
        app.MapGet("/bench/memory", () =>
        {
            for (var i = 0; i < 3; i++)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }

            return TypedResults.Json(new MemoryResult(GC.GetTotalMemory(forceFullCollection: true), GC.GetGCMemoryInfo().TotalCommittedBytes), ControlJson.Default.MemoryResult);
        });
    }

    /// <summary>Serves until the bench is done or gone: it holds the other end of standard input.</summary>
    public static async Task<int> ServeAsync(WebApplication app)
    {
        await app.StartAsync();
        Console.WriteLine(Listening + app.Urls.First());

        // The console reads without regard to who waits: not on a thread that has other things to do.
        await Task.Factory.StartNew(Console.In.ReadToEnd, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        // Nothing is worth a drain here.
        Environment.Exit(0);
        return 0;
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PublishPlan))]
[JsonSerializable(typeof(PublishResult))]
[JsonSerializable(typeof(RuntimeResult))]
[JsonSerializable(typeof(MemoryResult))]
[JsonSerializable(typeof(Dictionary<string, long>))]
[JsonSerializable(typeof(long[]))]
[JsonSerializable(typeof(int))]
internal sealed partial class ControlJson : JsonSerializerContext;
