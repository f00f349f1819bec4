namespace Holdfast.Grains.Tasks;

/// <summary>The keys of a task's last keyed events, by which a repeated append is recognised. Bounded: the oldest go first.</summary>
internal sealed class KnownKeys(int limit)
{
    private readonly Dictionary<string, long> _seqs = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, long Seq)> _order = new();

    /// <summary>Number of the oldest event whose key is known; 0 when none is.</summary>
    public long OldestSeq => _order.TryPeek(out var oldest) ? oldest.Seq : 0;

    /// <summary>The event that has this key, if it is known.</summary>
    public bool TryFind(string key, out long seq) => _seqs.TryGetValue(key, out seq);

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _seqs.Clear();
        _order.Clear();
    }

    /// <summary>Remembers a key.</summary>
    public void Add(string key, long seq)
    {
        if (!_seqs.TryAdd(key, seq))
        {
            return;
        }

        _order.Enqueue((key, seq));
        while (_order.Count > limit)
        {
            _seqs.Remove(_order.Dequeue().Key);
        }
    }
}
