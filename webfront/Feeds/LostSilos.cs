namespace Holdfast.WebFront.Feeds;

/// <summary>Notes that this front has lost a silo: whatever it watched there has to be looked for.</summary>
internal sealed class LostSilos
{
    private int _lost;

    /// <summary>A silo was lost. Any thread, never waits.</summary>
    public void Note() => Volatile.Write(ref _lost, 1);

    /// <summary>Whether one was lost since this was asked last.</summary>
    public bool Take() => Interlocked.Exchange(ref _lost, 0) == 1;
}
