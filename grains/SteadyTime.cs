namespace Holdfast.Grains;

/// <summary>
/// Time as it passes: what the clock showed at first, and how long ago that is. A clock that is set meanwhile, forward or back, changes nothing about
/// a wait that is measured by this. What people and other processes are told of is the clock's time, not this one.
/// </summary>
/// <param name="clock">The product's clock.</param>
internal sealed class SteadyTime(TimeProvider clock)
{
    private readonly DateTimeOffset _first = clock.GetUtcNow();
    private readonly long _since = clock.GetTimestamp();

    /// <summary>Never goes back, and never jumps.</summary>
    public DateTimeOffset Now => _first + clock.GetElapsedTime(_since);
}
