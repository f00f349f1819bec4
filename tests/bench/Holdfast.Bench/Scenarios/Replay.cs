using Holdfast.Bench.Load;
using Holdfast.Bench.Servers;

namespace Holdfast.Bench.Scenarios;

/// <summary>A task with a long history, and viewers that come late, all at once. From their connecting to the last one's last event.</summary>
internal sealed class Replay : IScenario
{
    public string Name => "replay";

    public string Description => "10,000 events to 200 late joiners, plain and compact";

    public Task RunAsync(BenchContext context)
    {
        var viewers = context.Size(200, 20);
        var events = context.Size(10_000, 1000);
        return context.ByTurnsAsync(async (server, record) =>
        {
            var topics = await context.CreateTopicsAsync(server, 1);
            await server.PublishAsync(new PublishPlan(PublishMode.Burst, topics, Events: events));
            await ReplayAsync("plain", compact: false);
            if (server.Kind == ServerKind.Holdfast)
            {
                await ReplayAsync("compact", compact: true);
            }

            async Task ReplayAsync(string phase, bool compact)
            {
                using var swarm = new Swarm(server, topics, viewers);
                var window = await Window.BeginAsync(server);
                await swarm.ConnectAsync(ViewerStart.History, compact);
                record.Add(phase, await window.EndAsync(swarm.LastEventAt), swarm.Events, rate: true);
                record.Check(swarm);
                if (swarm.Events < (long)viewers * events)
                {
                    throw new InvalidOperationException($"{swarm.Events} events came; each of {viewers} viewers was to get {events}.");
                }
            }
        });
    }
}
