namespace Holdfast.Grains.Logs;

/// <summary>Gives the answers of a group commit.</summary>
internal static class Answers
{
    /// <summary>So many answers one thread of the pool gives.</summary>
    private const int AtOnce = 32;

    /// <summary>
    /// Completes a group's changes on the thread pool, a chunk of them one after the other: whoever is answered goes on right there, and one piece of work
    /// for each would cost more than what most of them do.
    /// </summary>
    public static void Give<T>(IEnumerable<T> group, Action<T> complete)
    {
        foreach (var chunk in group.Chunk(AtOnce))
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static work =>
                {
                    foreach (var one in work.Chunk)
                    {
                        work.Complete(one);
                    }
                },
                (Chunk: chunk, Complete: complete),
                preferLocal: false);
        }
    }
}
