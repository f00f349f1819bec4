namespace Holdfast.WebFront.Viewers;

/// <summary>So many places and no more, for those who stay a while.</summary>
/// <param name="most">How many there are.</param>
internal sealed class Places(int most)
{
    private int _taken;

    /// <summary>A place until it is disposed; null when there is none.</summary>
    public Place? TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= most)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _taken);
        return null;
    }

    /// <summary>One of the places.</summary>
    internal sealed class Place(Places places) : IDisposable
    {
        private Places? _places = places;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _places, null) is { } left)
            {
                Interlocked.Decrement(ref left._taken);
            }
        }
    }
}
