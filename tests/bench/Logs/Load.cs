using System.Diagnostics;

using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.LogBench;

/// <summary>Logs that are appended to: records of about 250 bytes, and a head of about 400 that changes every time.</summary>
internal sealed class Load(ILogStore store, string name, int logs)
{
    private const int RecordBytes = 250;
    private const int HeadBytes = 400;
    private static readonly byte[] Record = [.. Enumerable.Repeat((byte)'r', RecordBytes)];
    private readonly long[] _fences = new long[logs];
    private readonly long[] _last = new long[logs];
    private readonly byte[] _head = new byte[HeadBytes];

    public string Id(int log) => $"{name}-{log:00000000}-0000-0000";

    public async Task PrepareAsync() => await Task.WhenAll(Enumerable.Range(0, logs).Select(async log =>
    {
        await store.CreateAsync(new NewLog(Id(log), _head, [new LogTag("status", "running"), new LogTag("kind", "bench"), new LogTag("open", "1")]));
        var opened = (await store.OpenAsync(Id(log)))!;
        (_fences[log], _last[log]) = (opened.Fence, opened.LastSeq);
    }));

    public async Task AppendAsync(int log, int records, bool head = true)
    {
        var result = await store.AppendAsync(new LogAppend
        {
            Id = Id(log),
            Fence = _fences[log],
            ExpectedLastSeq = _last[log],
            Records = Runs.Of(_last[log] + 1, Enumerable.Repeat(Record, records).ToArray()),
            Head = head ? _head : default(ReadOnlyMemory<byte>?),
        });
        if (result.Outcome != AppendOutcome.Ok)
        {
            throw new InvalidOperationException($"{Id(log)}: {result}");
        }

        _last[log] = result.LastSeq;
    }

    /// <summary>All logs as fast as they can, one append after the other each.</summary>
    public Task<Figures> FlatOutAsync(int appends, int records) => Meter.MeasureAsync(latencies => Task.WhenAll(Enumerable.Range(0, logs).Select(async log =>
    {
        await Task.Yield();
        for (var i = 0; i < appends; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await AppendAsync(log, records);
            lock (latencies)
            {
                latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    })));

    /// <summary>
    /// Each log so many times a second, spread evenly. An append that comes due while the log's last one is under way is late, which counts as latency.
    /// </summary>
    public Task<Figures> PacedAsync(int perSecond, TimeSpan duration) => Meter.MeasureAsync(async latencies =>
    {
        var total = (long)(logs * perSecond * duration.TotalSeconds);
        var running = new Task[logs];
        Array.Fill(running, Task.CompletedTask);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        var start = Stopwatch.GetTimestamp();
        for (long issued = 0; issued < total;)
        {
            await timer.WaitForNextTickAsync();
            var due = Math.Min(total, (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * logs * perSecond));
            for (; issued < due; issued++)
            {
                var log = (int)(issued % logs);
                running[log] = AppendAfterAsync(running[log], log, start + (long)(issued / ((double)logs * perSecond) * Stopwatch.Frequency));
            }
        }

        await Task.WhenAll(running);

        async Task AppendAfterAsync(Task before, int log, long due)
        {
            await before;
            await AppendAsync(log, 1);
            lock (latencies)
            {
                latencies.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
            }
        }
    });
}
