namespace Holdfast.Generators.Roadmap.Text;

/// <summary>
/// Counts the steps of a computation and stops it when it is cancelled. The count is what bounds are tested with:
/// unlike a clock, it says the same on every machine.
/// </summary>
internal sealed class Work(CancellationToken cancellationToken = default)
{
    private const int StepsBetweenLooks = 14;

    /// <summary>Steps so far: characters read, terms counted, pairs compared.</summary>
    public long Done { get; private set; }

    /// <summary>Counts steps; looks at the cancellation once in a few thousand of them.</summary>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public void Add(long steps)
    {
        var before = Done;
        Done += steps;
        if ((before ^ Done) >> StepsBetweenLooks != 0) cancellationToken.ThrowIfCancellationRequested();
    }
}
