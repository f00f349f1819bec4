namespace Holdfast.Grains.Logs.Sqlite;

/// <summary>
/// The rows of <c>redo</c>: what each commit changed in <c>log</c>, so that the commit need not touch <c>log</c>'s pages, one per log.
/// The changes wait in memory meanwhile, and are applied together now and then, which empties <c>redo</c>; after a crash they are read from it.
/// </summary>
internal sealed class Redo(Database database) : IDisposable
{
    private const int KeptBuffer = 4 << 20;
    private readonly Statement _insert = database.Prepare("INSERT INTO redo VALUES(?1, ?2)");
    private readonly Statement _clear = database.Prepare("DELETE FROM redo");
    private readonly MemoryStream _stream = new();
    private long _lastKey;

    [Flags]
    private enum Parts
    {
        None = 0,
        Sealed = 1,
        Head = 2,
        Tags = 4,
    }

    /// <summary>Writes what one commit changed, and says how many bytes that is.</summary>
    public int Write(IEnumerable<LogChange> changes)
    {
        _stream.SetLength(0);
        using (var writer = new BinaryWriter(_stream, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            foreach (var change in changes)
            {
                Write(writer, change);
            }
        }

        var size = (int)_stream.Length;
        _insert.Set(1, ++_lastKey).Set(2, _stream.GetBuffer().AsSpan(0, size)).Execute();
        if (size > KeptBuffer)
        {
            _insert.Forget();
            _stream.SetLength(0);
            _stream.Capacity = 0;
        }

        return size;
    }

    /// <summary>Takes all rows away.</summary>
    public void Clear() => _clear.Execute();

    /// <summary>Applies what is written to <c>log</c>, and takes all rows away. Says how many logs it was for.</summary>
    public int Apply(LogTable logs)
    {
        var changes = ReadAll();
        foreach (var (number, change) in changes)
        {
            logs.Redo(number, change);
        }

        Clear();
        return changes.Count;
    }

    /// <inheritdoc />
    public void Dispose() => _stream.Dispose();

    private static void Write(BinaryWriter writer, LogChange change)
    {
        var log = change.Log;
        var parts = (log.Sealed ? Parts.Sealed : Parts.None) | (change.Head ? Parts.Head : Parts.None) | (change.Tags ? Parts.Tags : Parts.None);
        writer.Write7BitEncodedInt64(log.Number);
        writer.Write((byte)parts);
        writer.Write7BitEncodedInt64(log.Fence);
        writer.Write7BitEncodedInt64(log.LastSeq);
        writer.Write7BitEncodedInt64(log.Bytes);
        writer.Write7BitEncodedInt64(log.Tail);
        if (change.Head)
        {
            writer.Write7BitEncodedInt(log.Head.Length);
            writer.Write(log.Head.Span);
        }

        if (change.Tags)
        {
            writer.Write(log.Tags);
        }
    }

    // For each log the last of everything.
    private Dictionary<long, RedoneLog> ReadAll()
    {
        var logs = new Dictionary<long, RedoneLog>();
        var select = database.Prepare("SELECT changes FROM redo ORDER BY k");
        using (select.Run())
        {
            while (select.Step())
            {
                using var stream = new MemoryStream(select.Bytes(0).ToArray());
                using var reader = new BinaryReader(stream);
                while (stream.Position < stream.Length)
                {
                    var number = reader.Read7BitEncodedInt64();
                    logs[number] = Read(reader, logs.GetValueOrDefault(number));
                }
            }
        }

        return logs;
    }

    private static RedoneLog Read(BinaryReader reader, RedoneLog? before)
    {
        var parts = (Parts)reader.ReadByte();
        return new RedoneLog(
            Fence: reader.Read7BitEncodedInt64(),
            LastSeq: reader.Read7BitEncodedInt64(),
            Bytes: reader.Read7BitEncodedInt64(),
            Tail: reader.Read7BitEncodedInt64(),
            Sealed: parts.HasFlag(Parts.Sealed),
            Head: parts.HasFlag(Parts.Head) ? reader.ReadBytes(reader.Read7BitEncodedInt()) : before?.Head,
            Tags: parts.HasFlag(Parts.Tags) ? reader.ReadTags() : before?.Tags);
    }
}

/// <summary>A changed log, and which of its larger parts changed.</summary>
internal readonly record struct LogChange(LogEntry Log, bool Head, bool Tags);

/// <summary>What <c>redo</c> says of a log; null is what it says nothing of.</summary>
internal sealed record RedoneLog(long Fence, long LastSeq, long Bytes, long Tail, bool Sealed, byte[]? Head, LogTag[]? Tags);
