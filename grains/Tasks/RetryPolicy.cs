namespace Holdfast.Grains.Tasks;

/// <summary>How long to wait between attempts: exponential, bounded, spread by jitter.</summary>
internal static class RetryPolicy
{
    /// <summary>The wait before attempt <paramref name="attempt"/> (from 2); <paramref name="random"/> is 0 to 1.</summary>
    public static TimeSpan DelayBefore(int attempt, TaskOptions options, double random)
    {
        var doublings = Math.Min(Math.Max(attempt - 2, 0), 30);
        var delay = Math.Min(options.RetryDelay.TotalMilliseconds * Math.Pow(2, doublings), options.MaxRetryDelay.TotalMilliseconds);
        var spread = 1 + (options.RetryJitter * ((2 * random) - 1));
        return TimeSpan.FromMilliseconds(Math.Round(Math.Min(delay * spread, options.MaxRetryDelay.TotalMilliseconds * (1 + options.RetryJitter))));
    }
}
