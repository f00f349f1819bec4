namespace Holdfast.Grains.Tasks;

/// <summary>
/// The keys of a task's last keyed events, by which a repeated append is recognised. Bounded: the oldest go when a batch brings new ones, before
/// these are added, so that the newest batch is always known as a whole. What is superseded is forgotten: the next try may say it again.
/// </summary>
internal sealed class KnownKeys(int limit)
{
    private readonly Dictionary<string, LinkedListNode<Known>> _nodes = new(StringComparer.Ordinal);
    private readonly LinkedList<Known> _order = new();

    /// <summary>Number of the oldest event whose key stays known when a batch brings new ones; 0 when there is none.</summary>
    public long OldestSeq
    {
        get
        {
            var node = _order.First;
            while (node is not null && !IsRecent(node.Value))
            {
                node = node.Next;
            }

            return node?.Value.Seq ?? 0;
        }
    }

    /// <summary>
    /// The event that each of a batch's keys has already, 0 where it has none and at events without a key. A batch that brings nothing new is a
    /// repetition: everything counts that is known. Otherwise only what stays known beside it does.
    /// </summary>
    public long[] Find(IReadOnlyList<string?> keys)
    {
        var repeated = keys.All(key => key is null || _nodes.ContainsKey(key));
        return [.. keys.Select(key => key is not null && _nodes.TryGetValue(key, out var node) && (repeated || IsRecent(node.Value)) ? node.Value.Seq : 0)];
    }

    /// <summary>A batch is about to bring new keys: the oldest make room.</summary>
    public void MakeRoom()
    {
        while (_order.First is { } oldest && !IsRecent(oldest.Value))
        {
            Forget(oldest);
        }
    }

    /// <summary>Remembers a key; one that is known keeps its event.</summary>
    public void Add(string key, long seq)
    {
        if (!_nodes.ContainsKey(key))
        {
            _nodes[key] = _order.AddLast(new Known(key, seq, (_order.Last?.Value.Place ?? 0) + 1));
        }
    }

    /// <summary>The events after this one belong to a broken try.</summary>
    public void ForgetAfter(long seq)
    {
        while (_order.Last is { } newest && newest.Value.Seq > seq)
        {
            Forget(newest);
        }
    }

    /// <summary>Among the newest, of which so many as the limit says stay.</summary>
    private bool IsRecent(Known known) => _order.Last!.Value.Place - known.Place < limit;

    private void Forget(LinkedListNode<Known> node)
    {
        _nodes.Remove(node.Value.Key);
        _order.Remove(node);
    }

    private readonly record struct Known(string Key, long Seq, long Place);
}
