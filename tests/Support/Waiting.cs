namespace Holdfast.TestSupport;

/// <summary>Waits for what has to happen, and says which step was missing when it does not.</summary>
public static class Waiting
{
    /// <summary>How long a test waits for something that should happen at once. Long, as machines may be busy: only a failing test waits so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits for a task.</summary>
    /// <param name="task">What has to come.</param>
    /// <param name="step">What the test waits for: a time-out says it.</param>
    public static async Task<T> ForAsync<T>(this Task<T> task, string step)
    {
        try
        {
            return await task.WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException e) when (!task.IsCompleted)
        {
            throw new TimeoutException($"The test did not get to: {step}.", e);
        }
    }

    /// <inheritdoc cref="ForAsync{T}"/>
    public static async Task ForAsync(this Task task, string step)
    {
        try
        {
            await task.WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException e) when (!task.IsCompleted)
        {
            throw new TimeoutException($"The test did not get to: {step}.", e);
        }
    }

    /// <summary>Looks again and again until something holds that nobody announces.</summary>
    public static async Task UntilAsync(string step, Func<Task<bool>> holds)
    {
        ArgumentNullException.ThrowIfNull(holds);
        var begun = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Patience)
            {
                throw new TimeoutException($"The test did not get to: {step}.");
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    /// <inheritdoc cref="UntilAsync(string, Func{Task{bool}})"/>
    public static Task UntilAsync(string step, Func<bool> holds) => UntilAsync(step, () => Task.FromResult(holds()));
}
