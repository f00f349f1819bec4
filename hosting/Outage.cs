using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

/// <summary>
/// Something that others need is away for a while: a warning when it goes, a line when it is back, and in between only what those see who debug,
/// however many ask for it.
/// </summary>
public sealed class Outage
{
    private int _failures;

    /// <summary>It did not answer the last time.</summary>
    public bool IsOn => Volatile.Read(ref _failures) > 0;

    /// <summary>It did not answer.</summary>
    /// <returns>The level at which to say so.</returns>
    public LogLevel Failed() => Interlocked.Increment(ref _failures) == 1 ? LogLevel.Warning : LogLevel.Debug;

    /// <summary>It has answered.</summary>
    /// <returns>How often it had not; 0: it was not away, and there is nothing to say.</returns>
    public int Answered() => IsOn ? Interlocked.Exchange(ref _failures, 0) : 0;
}
