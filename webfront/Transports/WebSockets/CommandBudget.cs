namespace Holdfast.WebFront.Transports.WebSockets;

/// <summary>A token bucket (Turner 1986): so many commands at once, refilled at a steady rate.</summary>
internal struct CommandBudget(double perSecond, int burst, long begun)
{
    private double _tokens = burst;
    private long _at = begun;

    /// <summary>Takes one; false when there is none left.</summary>
    public bool TryTake(TimeProvider clock)
    {
        var now = clock.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (clock.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
