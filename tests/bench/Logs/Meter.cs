using System.Diagnostics;
using System.Globalization;

namespace Holdfast.LogBench;

/// <summary>What something took: time, processor, bytes written (by the process, and to the disk).</summary>
internal sealed record Figures(double Seconds, double CpuSeconds, long Written, long ToDisk, IReadOnlyList<double> Latencies)
{
    /// <summary>The latency that so large a part of all stays below, in milliseconds.</summary>
    public double Percentile(double part) => Latencies.Count == 0 ? 0 : Latencies[(int)Math.Min(Latencies.Count - 1, part * Latencies.Count)];

    /// <summary>A line of the table, per operation.</summary>
    public string PerOperation(long count)
    {
        var (written, toDisk) = (Written / (double)count, ToDisk / (double)count);
        var effort = $"{count / Seconds,9:0}/s  cpu {CpuSeconds / count * 1e6,6:0.0} us  written {written,7:0} B  to disk {toDisk,7:0} B";
        return Latencies.Count == 0 ? effort : $"{effort}  p50 {Percentile(.5):0.0} p99 {Percentile(.99):0.0} max {Percentile(1):0.0} ms";
    }
}

/// <summary>Measures.</summary>
internal static class Meter
{
    /// <summary>Runs something and says what it took. Latencies that it adds, in milliseconds, come back sorted.</summary>
    public static async Task<Figures> MeasureAsync(Func<List<double>, Task> run)
    {
        var latencies = new List<double>();
        using var process = Process.GetCurrentProcess();
        GC.Collect();
        var (written, toDisk) = Io();
        var cpu = process.TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        await run(latencies);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        var (writtenAfter, toDiskAfter) = Io();
        latencies.Sort();
        return new Figures(seconds, cpu.TotalSeconds, writtenAfter - written, toDiskAfter - toDisk, latencies);
    }

    private static (long Written, long ToDisk) Io()
    {
        const string Path = "/proc/self/io";
        if (!File.Exists(Path))
        {
            return default;
        }

        var fields = File.ReadLines(Path).Select(line => line.Split(": "))
            .ToDictionary(parts => parts[0], parts => long.Parse(parts[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        return (fields["wchar"], fields["write_bytes"]);
    }
}
