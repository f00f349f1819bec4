using Holdfast.Bench.Load;

namespace Holdfast.Bench.Scenarios;

/// <summary>Viewers of tasks that say nothing. What each of them costs the server: memory, and processor time while nothing happens.</summary>
internal sealed class Idle : IScenario
{
    /// <summary>Descriptors that each of the two processes needs for other things.</summary>
    private const int Spare = 500;

    public string Name => "idle";

    public string Description => "10,000 connections on which nothing happens: memory each";

    public async Task RunAsync(BenchContext context)
    {
        var viewers = context.Size(10_000, 500);
        if (Descriptors() - Spare is var most && most < viewers)
        {
            Console.WriteLine($"  Only {most} connections: raise the limit on open files (ulimit -n) for {viewers}.");
            viewers = most;
        }

        for (var repetition = 0; repetition < context.Options.Repeat; repetition++)
        {
            // A fresh server each time, and one at a time: memory remembers.
            await context.OnceAsync(repetition + 1, async (server, record) =>
            {
                // Whatever is made once is there before.
                var topics = await context.CreateTopicsAsync(server, 100);
                using (var first = new Swarm(server, topics, 200))
                {
                    await first.ConnectAsync(ViewerStart.Live);
                }

                await Task.Delay(1000);
                var (managed, resident) = ((await server.MemoryAsync()).Managed, server.ResidentBytes);
                using var swarm = new Swarm(server, topics, viewers);
                await swarm.ConnectAsync(ViewerStart.Live);
                var window = await Window.BeginAsync(server);
                await Task.Delay(TimeSpan.FromSeconds(context.Size(10, 1)));
                record.Add("processor used", "%", await window.EndAsync() is var idle ? idle.ServerCpu / idle.Seconds * 100 : 0);
                record.Add("managed memory per connection", "B", ((await server.MemoryAsync()).Managed - managed) / (double)viewers);
                record.Add("resident memory per connection", "B", (server.ResidentBytes - resident) / (double)viewers);
                record.Check(swarm);
            });
        }
    }

    private static int Descriptors() => int.Parse(
        File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3],
        System.Globalization.CultureInfo.InvariantCulture);
}
