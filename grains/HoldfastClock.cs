namespace Holdfast.Grains;

/// <summary>The product's clock: a keyed <see cref="TimeProvider"/> of its own name, so that a test can turn it without touching that of Orleans.</summary>
public static class HoldfastClock
{
    /// <summary>The key under which it is registered.</summary>
    public const string Key = "holdfast";
}
