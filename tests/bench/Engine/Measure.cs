using System.Diagnostics;

namespace Holdfast.Engine.Bench;

internal static class Measure
{
    public static async Task RunAsync(string name, int callers, int times, Func<int, int, Task> call)
    {
        await Task.WhenAll(Enumerable.Range(0, callers).Select(c => Task.Run(() => call(c, Math.Max(200, times / 20)))));
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(c => Task.Run(() => call(c, times))));
        watch.Stop();
        var total = (double)callers * times;
        var spent = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        Console.WriteLine($"{name,-40} {total / watch.Elapsed.TotalSeconds,12:N0} /s, {spent.TotalMilliseconds * 1000 / total:F2} us CPU, {(GC.GetTotalAllocatedBytes() - allocated) / total:N0} B each");
    }
}
