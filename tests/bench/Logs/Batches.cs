namespace Holdfast.LogBench;

/// <summary>Throughput at 1, 10 and 100 records an append, of one log and of a hundred at once.</summary>
internal static class Batches
{
    private const int Records = 40_000;

    /// <summary>Measures these stores, one after another.</summary>
    public static async Task RunAsync(IEnumerable<string> kinds)
    {
        foreach (var kind in kinds)
        {
            await using var stores = await Stores.OpenAsync(kind);
            foreach (var logs in (int[])[1, 100])
            {
                foreach (var batch in (int[])[1, 10, 100])
                {
                    var load = new Load(stores.Store, $"l{logs}b{batch}", logs);
                    await load.PrepareAsync();
                    await load.FlatOutAsync(Math.Max(1, 2000 / logs), batch);
                    var appends = Math.Max(50, Records / (logs == 1 && batch == 1 ? 10 : 1) / batch / logs * (batch == 1 ? 1 : 5));
                    var redis = stores.RedisCpu();
                    var figures = await load.FlatOutAsync(appends, batch);
                    var records = (double)appends * logs * batch;
                    Console.WriteLine(
                        $"{kind,-14}{logs,4} logs {batch,4} records an append {records / figures.Seconds,10:#,0} records/s, {figures.CpuSeconds / records * 1e6,6:0.0} us CPU"
                        + $" (Redis {(stores.RedisCpu() - redis).TotalSeconds / records * 1e6,5:0.0} us) a record, append p50 {figures.Percentile(.5),6:0.00} p99 {figures.Percentile(.99),6:0.00} ms");
                }
            }
        }
    }
}
