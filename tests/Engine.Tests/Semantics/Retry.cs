namespace Holdfast.Engine.Tests.Semantics;

/// <summary>What every caller does whose call can be repeated.</summary>
public static class Retry
{
    public static async Task<T> Async<T>(Func<Task<T>> call)
    {
        T result = default!;
        await Waiting.UntilAsync("an answer", async () =>
        {
            try
            {
                result = await call();
                return true;
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                return false;
            }
        });
        return result;
    }
}
