using Holdfast.Bench.Load;
using Holdfast.Bench.Servers;

namespace Holdfast.Bench.Scenarios;

/// <summary>
/// One task and many viewers. <c>paced</c>: at a rate that both servers can follow, which shows what one delivery costs and how long it takes.
/// <c>flood</c>: faster than they can, which shows how many deliveries they get done; viewers lag, and nothing may be left out.
/// </summary>
internal sealed class FanOut : IScenario
{
    public string Name => "fanout";

    public string Description => "1 task, 1,000 viewers";

    public Task RunAsync(BenchContext context)
    {
        var viewers = context.Size(1000, 100);
        var paced = new PublishPlan(PublishMode.Paced, [], PerSecond: 40, Events: context.Size(200, 20));
        var flood = new PublishPlan(PublishMode.Paced, [], PerSecond: 4000, Events: context.Size(6000, 600));
        return context.ByTurnsAsync(async (server, record) =>
        {
            var topics = await context.CreateTopicsAsync(server, 1);
            using var swarm = new Swarm(server, topics, viewers);
            await swarm.ConnectAsync(ViewerStart.Live);

            swarm.Timing = true;
            record.Add("paced", await DeliverAsync(paced), paced.Events * viewers, rate: false);
            record.Add("paced", swarm.Latency);
            swarm.Timing = false;
            record.Add("flood", await DeliverAsync(flood), flood.Events * viewers, rate: true);
            record.Check(swarm);

            async Task<Window> DeliverAsync(PublishPlan plan)
            {
                var all = swarm.Events + (plan.Events * viewers);
                var window = await Window.BeginAsync(server);
                await server.PublishAsync(plan with { Topics = topics });
                await swarm.ReceivedAsync(all);
                return await window.EndAsync(swarm.LastEventAt);
            }
        });
    }
}
