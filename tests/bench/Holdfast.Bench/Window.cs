using System.Diagnostics;
using System.Globalization;

using Holdfast.Bench.Servers;

namespace Holdfast.Bench;

/// <summary>A span of time, and who used the processors in it.</summary>
/// <param name="Seconds">How long it was.</param>
/// <param name="ServerCpu">Seconds of processor time that the server used.</param>
/// <param name="OwnCpu">The same of the bench, that is of its load generator.</param>
/// <param name="Others">Part of the machine that neither of them had: what else runs there. Figures with much of it are worth little.</param>
/// <param name="Allocated">Bytes of managed memory that the server allocated.</param>
/// <param name="Collections">Garbage collections in the server.</param>
/// <param name="Paused">Seconds for which they stopped it.</param>
/// <param name="WorkItems">Items that its thread pool did.</param>
/// <param name="Parts">Seconds of processor time by the role of its processes.</param>
internal sealed record Window(double Seconds, double ServerCpu, double OwnCpu, double Others, long Allocated, int Collections, double Paused, long WorkItems, IReadOnlyList<(string Role, double Seconds)> Parts)
{
    /// <summary>Begins.</summary>
    public static async Task<Begun> BeginAsync(BenchServer server) => new(server, await server.RuntimeAsync());

    /// <summary>A window that is still open.</summary>
    internal sealed class Begun(BenchServer server, RuntimeResult before)
    {
        private readonly IReadOnlyDictionary<string, double> _server = server.Cpu;
        private readonly TimeSpan _own = OwnTime();
        private readonly double _machine = MachineTime();

        /// <summary>When it began.</summary>
        public long At { get; } = Stopwatch.GetTimestamp();

        /// <summary>Ends. The processor times are those up to now, the span may have ended before.</summary>
        public async Task<Window> EndAsync(long at = 0)
        {
            var now = Stopwatch.GetTimestamp();
            var whole = Stopwatch.GetElapsedTime(At, now).TotalSeconds;
            var parts = server.Cpu.Select(part => (part.Key, part.Value - _server[part.Key])).ToList();
            var (serverCpu, own) = (parts.Sum(part => part.Item2), (OwnTime() - _own).TotalSeconds);
            var others = Math.Max(0, MachineTime() - _machine - serverCpu - own) / (whole * Environment.ProcessorCount);
            var after = await server.RuntimeAsync();
            return new Window(
                at == 0 ? whole : Stopwatch.GetElapsedTime(At, at).TotalSeconds,
                serverCpu,
                own,
                others,
                after.Allocated - before.Allocated,
                after.Collections - before.Collections,
                (after.PausedMs - before.PausedMs) / 1000,
                after.WorkItems - before.WorkItems,
                parts);
        }
    }

    private static TimeSpan OwnTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    /// <summary>Seconds that all processors together were busy, or taken away from this machine, since it started.</summary>
    private static double MachineTime()
    {
        // user nice system idle iowait irq softirq steal, in hundredths of a second.
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return (fields.Sum() - fields[3] - fields[4]) / 100.0;
    }
}
