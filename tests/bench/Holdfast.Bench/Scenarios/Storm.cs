using System.Diagnostics;

using Holdfast.Bench.Load;
using Holdfast.Bench.Servers;

namespace Holdfast.Bench.Scenarios;

/// <summary>All viewers of a running task are cut at once and come back with their cursors. From the cut until the last one has all there is.</summary>
internal sealed class Storm : IScenario
{
    private const int PerSecond = 20;

    public string Name => "storm";

    public string Description => "2,000 viewers of a running task cut at once, all resume";

    public Task RunAsync(BenchContext context)
    {
        var viewers = context.Size(2000, 200);
        return context.ByTurnsAsync(async (server, record) =>
        {
            var topics = await context.CreateTopicsAsync(server, 1);
            using var swarm = new Swarm(server, topics, viewers);
            await swarm.ConnectAsync(ViewerStart.Live);
            var publishing = server.PublishAsync(new PublishPlan(PublishMode.Paced, topics, PerSecond, Events: PerSecond * context.Size(5, 2)));
            await swarm.ReceivedAsync(viewers * PerSecond / 2);

            await swarm.CutAsync();
            var window = await Window.BeginAsync(server);
            await swarm.ConnectAsync(ViewerStart.Resume);
            var back = await window.EndAsync(swarm.Viewers.Max(viewer => viewer.CaughtUpAt));
            record.Add("until all are back", "ms", back.Seconds * 1000);
            record.Add("until half are back", "ms", Stopwatch.GetElapsedTime(window.At, swarm.Viewers.Select(viewer => viewer.CaughtUpAt).Order().ElementAt(viewers / 2)).TotalMilliseconds);
            record.Add("server CPU per viewer", "us", back.ServerCpu * 1e6 / viewers);
            record.Add("machine used by others", "%", back.Others * 100);

            var published = await publishing;
            await swarm.ReceivedAsync(published.Events * viewers);
            record.Check(swarm);
        });
    }
}
