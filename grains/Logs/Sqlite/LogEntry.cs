namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>All that is to know of a log without its records. Immutable: a change makes another one, and a change that fails leaves no trace.</summary>
internal sealed record LogEntry
{
    /// <summary>The log's number in the order of creation, never given twice.</summary>
    public required long Number { get; init; }

    /// <summary>The log's name.</summary>
    public required string Id { get; init; }

    /// <summary>See <see cref="LogState.Epoch"/>.</summary>
    public required string Epoch { get; init; }

    /// <summary>The fence given last; with a minus sign before the first opening, when nobody may write.</summary>
    public required long Fence { get; init; }

    /// <summary>Number of the last record.</summary>
    public long LastSeq { get; init; }

    /// <summary>How many bytes all records have.</summary>
    public long Bytes { get; init; }

    /// <summary>Nothing is appended any more.</summary>
    public bool Sealed { get; init; }

    /// <summary>The row of the last chunk; 0 when there is none.</summary>
    public long Tail { get; init; }

    /// <summary>The way back from the last chunk. Only what the writer has in hand has one.</summary>
    public ChunkPath? Path { get; init; }

    /// <summary>See <see cref="NewLog.Tags"/>.</summary>
    public required IReadOnlyList<LogTag> Tags { get; init; }

    /// <summary>See <see cref="LogState.Head"/>.</summary>
    public required ReadOnlyMemory<byte> Head { get; init; }

    /// <summary>What readers are told.</summary>
    public LogState State => new(Id, Epoch, LastSeq, Sealed, Head);
}

/// <summary>
/// A chunk and the chunks that jump pointers lead to from it, log n of them: what is needed to give the next chunk its pointer.
/// The pointers are those of E. W. Myers, "An applicative random-access stack", Information Processing Letters 17 (1983): each chunk points
/// to the one before it and to one further back, so that any place is found in O(log n) steps, and an append never touches an old chunk.
/// </summary>
/// <param name="Row">The chunk's row.</param>
/// <param name="Depth">The chunk's place in its log, from 1.</param>
/// <param name="Last">Number of its last record.</param>
/// <param name="End">Bytes of the log up to its end.</param>
/// <param name="Jump">The chunk that it points far back to; null for none.</param>
internal sealed record ChunkPath(long Row, long Depth, long Last, long End, ChunkPath? Jump)
{
    /// <summary>Where the chunk after this one points far back to.</summary>
    public static ChunkPath? NextJump(ChunkPath? tail)
    {
        var far = tail?.Jump;
        var farther = far?.Jump;
        return tail is not null && far is not null && tail.Depth - far.Depth == far.Depth - (farther?.Depth ?? 0) ? farther : tail;
    }
}
