using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Bench.Servers;

/// <summary>What Linux knows of a process.</summary>
internal static class Procfs
{
    /// <summary>Processor time that it has spent.</summary>
    public static TimeSpan Cpu(int process)
    {
        using var known = Process.GetProcessById(process);
        return known.TotalProcessorTime;
    }

    /// <summary>Memory that is its own, in bytes: anonymous pages in RAM.</summary>
    public static long ResidentBytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;
}
