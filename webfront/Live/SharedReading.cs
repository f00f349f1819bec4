namespace Holdfast.WebFront.Live;

/// <summary>Reads once for all who ask within a while, also where it fails.</summary>
/// <param name="clock">The clock.</param>
/// <param name="keep">How old what was read may become. Longer: fewer readings.</param>
internal sealed class SharedReading<T>(TimeProvider clock, TimeSpan keep)
{
    private readonly Lock _gate = new();
    private Task<T>? _reading;
    private long _readAt;

    /// <summary>What is being read now, or was a moment ago. It is nobody's own: give up the waiting, not the reading.</summary>
    /// <param name="read">Reads anew.</param>
    public Task<T> ReadAsync(Func<Task<T>> read)
    {
        lock (_gate)
        {
            if (_reading is null || (_reading.IsCompleted && clock.GetElapsedTime(_readAt) >= keep))
            {
                (_reading, _readAt) = (read(), clock.GetTimestamp());
            }

            return _reading;
        }
    }
}
