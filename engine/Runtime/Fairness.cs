namespace Holdfast.Engine;

/// <summary>
/// Keeps chains of calls on the thread that they are on, but not for ever:
/// a thread that always finds work of its own never looks at timers, sockets and the work of others.
/// </summary>
internal static class Fairness
{
    [ThreadStatic]
    private static uint t_hops;

    /// <summary>Whether the next work item goes to the calling thread's own queue.</summary>
    public static bool PreferLocal() => (++t_hops & 15) != 0;
}
