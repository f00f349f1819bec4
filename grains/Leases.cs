namespace Holdfast.Grains;

/// <summary>What somebody has to repeat from time to time to be believed: values by key, each for a while after it was last heard of.</summary>
/// <param name="term">For how long.</param>
/// <param name="clock">The product's clock.</param>
internal sealed class Leases<T>(TimeSpan term, TimeProvider clock)
{
    private readonly SteadyTime _time = new(clock);
    private readonly Dictionary<string, (T Value, DateTimeOffset ExpiresAt)> _all = new(StringComparer.Ordinal);

    /// <summary>Heard of now.</summary>
    public void Renew(string key, T value)
    {
        Forget();
        _all[key] = (value, _time.Now + term);
    }

    /// <summary>Has gone.</summary>
    public void Remove(string key) => _all.Remove(key);

    /// <summary>Those that were heard of lately.</summary>
    public IEnumerable<T> Living()
    {
        Forget();
        return _all.Values.Select(lease => lease.Value);
    }

    private void Forget()
    {
        var now = _time.Now;
        foreach (var (key, lease) in _all)
        {
            if (lease.ExpiresAt <= now)
            {
                _all.Remove(key);
            }
        }
    }
}
