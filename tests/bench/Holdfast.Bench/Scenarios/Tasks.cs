using Holdfast.Bench.Load;
using Holdfast.Bench.Servers;

namespace Holdfast.Bench.Scenarios;

/// <summary>
/// What a task takes while it runs and says nothing, when it has ended, and while it runs with a viewer; in the silos and fronts together, and in
/// Redis. Once, whatever <c>--repeat</c> says.
/// </summary>
internal sealed class Tasks : IScenario
{
    /// <summary>Grains of ended tasks leave memory when nobody has called them for a while.</summary>
    private const string IdleAge = "00:00:04";

    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(15);

    public string Name => "tasks";

    public string Description => "memory of 5,000 tasks: running, ended, and 2,000 with a viewer each";

    public async Task RunAsync(BenchContext context)
    {
        using var server = await context.StartAsync(ServerKind.Holdfast, options => options with { Settings = ["--Cluster:IdleAge", IdleAge, .. options.Settings] });
        var record = context.Once(ServerKind.Holdfast);
        await WatchedAsync(context, server, 200, record);
        await Task.Delay(Gone);

        var before = await NowAsync(server);
        var topics = await context.CreateTopicsAsync(server, context.Size(5000, 300));
        await server.PlacesAsync(topics);
        Report("running", await NowAsync(server), topics.Length);
        await server.CancelAsync(topics);
        await Task.Delay(Gone);
        Report("ended", await NowAsync(server), topics.Length);

        before = await NowAsync(server);
        var watched = context.Size(2000, 200);
        Report("running, a viewer, 20 events", await WatchedAsync(context, server, watched, record), watched);

        void Report(string phase, (long Managed, long Resident, long? Store) now, int count)
        {
            record.Add($"{phase}: managed memory per task", "B", (now.Managed - before.Managed) / (double)count);
            record.Add($"{phase}: resident memory per task", "B", (now.Resident - before.Resident) / (double)count);
            if (now.Store - before.Store is { } store)
            {
                record.Add($"{phase}: Redis' memory per task", "B", store / (double)count);
            }
        }
    }

    private static async Task<(long Managed, long Resident, long? Store)> WatchedAsync(BenchContext context, BenchServer server, int count, Recorder record)
    {
        var topics = await context.CreateTopicsAsync(server, count);
        using var swarm = new Swarm(server, topics, count);
        await swarm.ConnectAsync(ViewerStart.Live);
        var published = await server.PublishAsync(new PublishPlan(PublishMode.Burst, topics, Events: 20));
        await swarm.ReceivedAsync(published.Events);
        record.Check(swarm);
        return await NowAsync(server);
    }

    private static async Task<(long Managed, long Resident, long? Store)> NowAsync(BenchServer server) =>
        ((await server.MemoryAsync()).Managed, server.ResidentBytes, server.StoreBytes);
}
