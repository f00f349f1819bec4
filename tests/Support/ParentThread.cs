using System.Collections.Concurrent;
using System.Diagnostics;

namespace Holdfast.TestSupport;

/// <summary>
/// The thread that starts all child processes. To the kernel a child's parent is the thread that has started it, and the signal of the parent's death
/// comes when that thread ends: one of the thread pool's may end at any time, this one ends with its process.
/// </summary>
internal static class ParentThread
{
    private static readonly BlockingCollection<Order> s_orders = [];

    static ParentThread() => new Thread(Run) { IsBackground = true, Name = "parent of child processes" }.Start();

    /// <summary>Starts a process.</summary>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        using var order = new Order(start);
        s_orders.Add(order);
        order.Done.Wait();
        return order.Started ?? throw new InvalidOperationException($"{start.FileName} does not start.", order.Error);
    }

    private static void Run()
    {
        foreach (var order in s_orders.GetConsumingEnumerable())
        {
            try
            {
                order.Started = Process.Start(order.Start);
            }
            catch (Exception e)
            {
                order.Error = e;
            }

            order.Done.Set();
        }
    }

    private sealed class Order(ProcessStartInfo start) : IDisposable
    {
        public ProcessStartInfo Start => start;

        public ManualResetEventSlim Done { get; } = new();

        public Process? Started { get; set; }

        public Exception? Error { get; set; }

        public void Dispose() => Done.Dispose();
    }
}
