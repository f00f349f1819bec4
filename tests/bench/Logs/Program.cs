using System.Diagnostics;
using System.Globalization;

using Holdfast.Grains.Logs.Sqlite;
using Holdfast.Grains.Logs;
using Holdfast.LogBench;

// Measures the log stores. Without arguments: all of them at 1, 10 and 100 records an append.
// LogBench memory|sqlite|sqlite-normal|redis [one|many|replay|list …]: one of them, in depth.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length == 0)
{
    await Batches.RunAsync(["memory", "sqlite", "redis"]);
    return 0;
}

var kind = args[0];
if (kind is not ("memory" or "sqlite" or "sqlite-normal" or "redis"))
{
    await Console.Error.WriteLineAsync("Name a store: memory, sqlite, sqlite-normal or redis; or none, for all at 1, 10 and 100 records an append.");
    return 2;
}

var wanted = args.Skip(1).ToHashSet(StringComparer.Ordinal);
await using var stores = await Stores.OpenAsync(kind);
var store = stores.Store;
await new Load(store, "warm", 50).PrepareAsync();

await RunAsync("one", async () =>
{
    var load = new Load(store, "one", 1);
    await load.PrepareAsync();
    foreach (var batch in Enumerable.Range(0, 4).Select(power => power == 2 ? 50 : (int)Math.Pow(10, power)))
    {
        var appends = batch == 1000 ? 300 : 4000;
        var figures = await load.FlatOutAsync(appends, batch);
        Print($"1 log, {batch} records an append", figures.PerOperation(appends), $"{appends * batch / figures.Seconds:0} records/s");
    }
});

await RunAsync("many", async () =>
{
    var load = new Load(store, "many", 2000);
    await load.PrepareAsync();
    await load.FlatOutAsync(20, 1);
    Print("2,000 logs flat out", (await load.FlatOutAsync(250, 1)).PerOperation(2000 * 250));
    Print("2,000 logs, 20/s each", (await load.PacedAsync(20, TimeSpan.FromSeconds(10))).PerOperation(2000 * 20 * 10));
    var large = new Load(store, "large", 1);
    await large.PrepareAsync();
    using var stop = new CancellationTokenSource();
    var runs = 0;
    var largeRuns = Task.Run(async () =>
    {
        for (; !stop.IsCancellationRequested; runs++)
        {
            await large.AppendAsync(0, 1000);
        }
    });
    Print("… beside a log of runs of 1,000", (await load.PacedAsync(20, TimeSpan.FromSeconds(10))).PerOperation(2000 * 20 * 10));
    await stop.CancelAsync();
    await largeRuns;
    Print("  the runs of 1,000", $"{runs / 10.0:0}/s");
});

await RunAsync("replay", async () =>
{
    var load = new Load(store, "replay", 100);
    await load.PrepareAsync();
    await load.FlatOutAsync(10_000, 1);
    for (var pass = 1; pass <= 2; pass++)
    {
        for (var bytes = 1 << 20; bytes >= 64 << 10; bytes /= 16)
        {
            var limit = new LogLimit(int.MaxValue, bytes);
            var figures = await Meter.MeasureAsync(async _ =>
            {
                for (var log = 0; log < 20; log++)
                {
                    for (var after = 0L; after < 10_000;)
                    {
                        after = (await store.ReadAsync(load.Id(log), after, limit))!.Records.Last;
                    }
                }
            });
            Print($"replay of 10,000, pages of {bytes >> 10} KiB, pass {pass}", $"{figures.Seconds / 20 * 1000:0.0} ms each", figures.PerOperation(200_000));
        }
    }
});

await RunAsync("list", async () =>
{
    for (var i = 0; i < 100; i++)
    {
        var part = i;
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(n => store.CreateAsync(new NewLog(
            $"list-{part}-{n}",
            new byte[400],
            [
                new LogTag("status", n % 50 == 0 ? "running" : "completed"),
                new LogTag("kind", n % 2 == 0 ? "echo" : "roadmap"),
                new LogTag("owner", $"user-{n % 100}"),
            ])).AsTask()));
    }

    await ListAsync("by status", [new LogTag("status", "completed")]);
    await ListAsync("by a rare status and a kind", [new LogTag("kind", "echo"), new LogTag("status", "running")]);
    await ListAsync("by two that exclude each other", [new LogTag("kind", "roadmap"), new LogTag("status", "running")]);
    var start = Stopwatch.GetTimestamp();
    await store.CountAsync("status", []);
    Print("count 100,000 by status", $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
    start = Stopwatch.GetTimestamp();
    await store.CountAsync("status", [new LogTag("kind", "echo")]);
    Print("… of one kind", $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms");

    async Task ListAsync(string what, IReadOnlyList<LogTag> tags)
    {
        var (start, cursor, listed) = (Stopwatch.GetTimestamp(), default(string), 0);
        var first = await store.ListAsync(new LogQuery(tags, 100));
        var one = Stopwatch.GetElapsedTime(start);
        for (var page = 0; page < 10; page++)
        {
            var list = await store.ListAsync(new LogQuery(tags, 100, cursor));
            listed += list.Logs.Count;
            cursor = list.NextCursor;
            if (cursor is null)
            {
                break;
            }
        }

        var all = Stopwatch.GetElapsedTime(start);
        Print(
            $"list 100 of 100,000 {what}",
            $"{one.TotalMilliseconds:0.00} ms the first time ({first.Logs.Count} found); {(all - one).TotalMilliseconds:0.00} ms for {listed} more");
    }
});

if (store is SqliteLogStore sqlite)
{
    var closing = Stopwatch.GetTimestamp();
    await sqlite.DisposeAsync();
    Print("close", $"{Stopwatch.GetElapsedTime(closing).TotalMilliseconds:0} ms");
    var opening = Stopwatch.GetTimestamp();
    await using var again = stores.OpenSqlite(kind);
    Print("open", $"{Stopwatch.GetElapsedTime(opening).TotalMilliseconds:0} ms");
}

return 0;

async Task RunAsync(string scenario, Func<Task> run)
{
    if (wanted.Count == 0 || wanted.Contains(scenario))
    {
        await run();
    }
}

void Print(params string[] columns) => Console.WriteLine($"{kind,-14}{columns[0],-52}{string.Join("  ", columns.Skip(1))}");
