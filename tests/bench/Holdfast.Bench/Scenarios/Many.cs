using Holdfast.Bench.Load;
using Holdfast.Bench.Servers;

namespace Holdfast.Bench.Scenarios;

/// <summary>
/// Many tasks with one viewer each. <c>paced</c>: 20 events/s each, 40,000 together, each of them durable before it is seen. <c>most</c>: each task's
/// next event as soon as the one before it is durable, which is as many as there can be one by one.
/// </summary>
internal sealed class Many : IScenario
{
    public string Name => "many";

    public string Description => "2,000 tasks with one viewer each, 20 events/s each, and as many as there can be";

    public Task RunAsync(BenchContext context)
    {
        var tasks = context.Size(2000, 200);
        var seconds = context.Size(10, 2);
        return context.ByTurnsAsync(async (server, record) =>
        {
            var topics = await context.CreateTopicsAsync(server, tasks);
            using var swarm = new Swarm(server, topics, tasks);
            await swarm.ConnectAsync(ViewerStart.Live);
            var plan = new PublishPlan(PublishMode.Paced, topics, PerSecond: 20, Events: 20 * seconds, Seconds: seconds);

            await DeliverAsync(plan with { Events = 20 });
            swarm.Timing = true;
            var (published, window) = await DeliverAsync(plan);
            record.Add("paced", window, published.Events, rate: true);
            record.Add("paced", swarm.Latency);
            if (server.Kind == ServerKind.Holdfast)
            {
                swarm.Latency.Clear();
                (published, window) = await DeliverAsync(plan with { Mode = PublishMode.Closed });
                record.Add("most", window, published.Events, rate: true);
                record.Add("most", swarm.Latency);
            }

            record.Check(swarm);

            async Task<(PublishResult Published, Window Window)> DeliverAsync(PublishPlan plan)
            {
                var before = swarm.Events;
                var begun = await Window.BeginAsync(server);
                var result = await server.PublishAsync(plan);
                await swarm.ReceivedAsync(before + result.Events);
                return (result, await begun.EndAsync(swarm.LastEventAt));
            }
        });
    }
}
