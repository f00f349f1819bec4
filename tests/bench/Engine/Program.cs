using System.Diagnostics;
using System.Globalization;
using Holdfast.Engine.Bench;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var which = args.Length > 0 ? args[0] : "all";
if (which == "silo")
{
    await Across.RunSiloAsync(args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
    return;
}

if (which is "all" or "across")
{
    await Across.RunAsync();
}

var builder = Host.CreateEmptyApplicationBuilder(null);
builder.UseOrleans(silo => silo.UseLocalhostClustering());
using var host = builder.Build();
await host.StartAsync();
var client = host.Services.GetRequiredService<IClusterClient>();

if (which is "all" or "calls")
{
    await Measure.RunAsync("100 callers, 100 grains, from outside", 100, 20_000, async (caller, times) =>
    {
        var grain = client.GetGrain<IEchoGrain>($"g{caller}");
        for (var i = 0; i < times; i++)
        {
            await grain.AddAsync(1);
        }
    });
    await Measure.RunAsync("ValueTask, from outside", 100, 20_000, async (caller, times) =>
    {
        var grain = client.GetGrain<IEchoGrain>($"g{caller}");
        for (var i = 0; i < times; i++)
        {
            await grain.PingAsync();
        }
    });
    await Measure.RunAsync("grain to grain", 100, 20_000, (caller, times) => client.GetGrain<IEchoGrain>($"a{caller}").LoopAsync($"b{caller}", times));
    await Measure.RunAsync("grain to grain, 1 pair", 1, 300_000, (caller, times) => client.GetGrain<IEchoGrain>($"a{caller}").LoopAsync($"b{caller}", times));
}

if (which is "all" or "observers")
{
    var note = new Note(1, new byte[200]);
    var counters = Enumerable.Range(0, 100).Select(_ => new Counter()).ToArray();
    var references = counters.Select(c => client.CreateObjectReference<INoteObserver>(c)).ToArray();
    await Measure.RunAsync("observer, acknowledged one by one", 100, 20_000, (caller, times) => client.GetGrain<IEchoGrain>($"o{caller}").NotifyAsync(references[caller], note, times));
    await Measure.RunAsync("observer, 100 in flight", 100, 20_000, (caller, times) => client.GetGrain<IEchoGrain>($"o{caller}").AskManyAsync(references[caller], note, times));
    GC.KeepAlive(counters);
}

if (which is "all" or "memory")
{
    const int Grains = 100_000;
    GC.Collect();
    var before = GC.GetTotalMemory(true);
    var watch = Stopwatch.StartNew();
    for (var i = 0; i < Grains; i += 100)
    {
        await Task.WhenAll(Enumerable.Range(i, 100).Select(n => client.GetGrain<IEchoGrain>($"idle{n}").AddAsync(1)));
    }

    var took = watch.Elapsed;
    GC.Collect();
    var each = (GC.GetTotalMemory(true) - before) / (double)Grains;
    Console.WriteLine($"{"activations",-40} {Grains / took.TotalSeconds,12:N0} /s, {each:N0} B each");
}

await host.StopAsync();
