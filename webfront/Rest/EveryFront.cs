using Holdfast.Grains.Fronts;
using Holdfast.Grains.Logs;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Rest;

/// <summary>Asks all fronts of the cluster the same question at once.</summary>
internal static class EveryFront
{
    /// <summary>The answers, this front's own among them. A front that does not answer is left out, and logged.</summary>
    /// <param name="front">This front.</param>
    /// <param name="own">Its own answer.</param>
    /// <param name="ask">Asks another one; null when that one has gone.</param>
    public static async Task<IReadOnlyList<T>> AskAsync<T>(FrontContext front, T own, Func<IFrontGrain, Task<T?>> ask)
        where T : class
    {
        var roster = await front.Grains.GetGrain<IFrontRosterGrain>(FrontRoster.Key).ListAsync();
        var others = await Task.WhenAll(roster.Where(one => one.Id != front.Id).Select(one => AskOneAsync(one.Id)));
        return [own, .. others.OfType<T>()];

        async Task<T?> AskOneAsync(string id)
        {
            try
            {
                return await ask(front.Grains.GetGrain<IFrontGrain>(id));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                var level = front.Away(e);
                ViewerLog.FrontSilent(front.Logger, level, id, e);
                return null;
            }
        }
    }

    /// <summary>How many watch each of these tasks, on all fronts; on this one only while the cluster is away.</summary>
    /// <returns>One number for each, in their order.</returns>
    public static async Task<IReadOnlyList<int>> ViewersAsync(FrontContext front, IReadOnlyList<LogState> tasks)
    {
        if (tasks.Count == 0)
        {
            return [];
        }

        string[] ids = [.. tasks.Select(task => task.Id)];
        var own = FrontPresence.Viewers(front, ids);
        try
        {
            var counts = await AskAsync(front, own, other => other.ViewersAsync(ids));
            return [.. ids.Select((_, n) => counts.Sum(of => of[n]))];
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // A list is read from the store: it is there without the cluster, too.
            var level = front.Away(e);
            ViewerLog.FrontSilent(front.Logger, level, FrontRoster.Key, e);
            return own;
        }
    }
}
