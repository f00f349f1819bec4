using System.Collections.Concurrent;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>Where a test and grain code in the same process meet: each waits for the other by name, nobody sleeps.</summary>
public static class Gate
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_gates = new();

    /// <summary>Lets everybody through who waits, or will wait, here.</summary>
    public static void Open(string name) => Of(name).TrySetResult();

    public static bool IsOpen(string name) => Of(name).Task.IsCompleted;

    /// <summary>Waits until somebody opens.</summary>
    public static Task Passed(string name) => Of(name).Task;

    /// <summary>Waits until somebody opens, but not for ever.</summary>
    public static Task Within(string name) => Of(name).Task.ForAsync($"somebody to open '{name}'");

    private static TaskCompletionSource Of(string name) => s_gates.GetOrAdd(name, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
