using Holdfast.Generators.Roadmap.Text;

namespace Holdfast.Generators.Roadmap.Planning;

/// <summary>Puts neighbouring pieces together until there are few enough: the smallest first, and those of one section before others.</summary>
internal static class PieceMerger
{
    private const int AcrossSections = 3;

    /// <summary>At most <paramref name="limit"/> pieces.</summary>
    public static List<Piece> Merge(List<Piece> pieces, int limit, Work work)
    {
        if (pieces.Count <= limit) return pieces;
        var all = pieces.ToArray<Piece?>();
        var next = new int[all.Length];
        var previous = new int[all.Length];
        var queue = new PriorityQueue<(int Left, int Right, Piece A, Piece B), (long Cost, int Index)>();
        for (var i = 0; i < all.Length; i++) (next[i], previous[i]) = (i + 1, i - 1);
        for (var i = 0; i + 1 < all.Length; i++) Offer(i, i + 1);

        for (var left = all.Length; left > limit && queue.TryDequeue(out var pair, out _);)
        {
            work.Add(8);
            if (!ReferenceEquals(all[pair.Left], pair.A) || !ReferenceEquals(all[pair.Right], pair.B)) continue;
            all[pair.Left] = pair.A.With(pair.B);
            all[pair.Right] = null;
            left--;
            next[pair.Left] = next[pair.Right];
            if (next[pair.Left] < all.Length)
            {
                previous[next[pair.Left]] = pair.Left;
                Offer(pair.Left, next[pair.Left]);
            }

            if (previous[pair.Left] >= 0) Offer(previous[pair.Left], pair.Left);
        }

        return [.. all.OfType<Piece>()];

        void Offer(int a, int b)
        {
            var (left, right) = (all[a]!, all[b]!);
            var cost = (left.Weight + right.Weight + 1) * (left.First.Parent == right.Last.Parent ? 1 : AcrossSections);
            queue.Enqueue((a, b, left, right), (cost, a));
        }
    }
}
