namespace Holdfast.Grains.Logs;

/// <summary>Tags and keys as bytes: numbers of 7 bits a byte, texts in UTF-8 behind their length.</summary>
internal static class LogCodec
{
    /// <summary>Writes tags.</summary>
    public static void Write(this BinaryWriter writer, IReadOnlyList<LogTag> tags)
    {
        writer.Write7BitEncodedInt(tags.Count);
        foreach (var tag in tags)
        {
            writer.Write(tag.Name);
            writer.Write(tag.Value);
        }
    }

    /// <summary>Reads tags.</summary>
    public static LogTag[] ReadTags(this BinaryReader reader)
    {
        var tags = new LogTag[reader.Read7BitEncodedInt()];
        for (var i = 0; i < tags.Length; i++)
        {
            tags[i] = new LogTag(reader.ReadString(), reader.ReadString());
        }

        return tags;
    }

    /// <summary>Tags as bytes.</summary>
    public static byte[] Pack(IReadOnlyList<LogTag> tags)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(tags);
        return stream.ToArray();
    }

    /// <summary>Tags from bytes.</summary>
    public static LogTag[] UnpackTags(ReadOnlySpan<byte> bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()));
        return reader.ReadTags();
    }

    /// <summary>Keys of records after <paramref name="before"/>, as bytes.</summary>
    public static byte[] Pack(IEnumerable<RecordKey> keys, long before)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (var key in keys)
        {
            writer.Write7BitEncodedInt64(key.Seq - before);
            writer.Write(key.Key);
        }

        return stream.ToArray();
    }

    /// <summary>Keys from bytes.</summary>
    public static List<RecordKey> UnpackKeys(ReadOnlySpan<byte> bytes, long before)
    {
        var keys = new List<RecordKey>();
        using var stream = new MemoryStream(bytes.ToArray());
        using var reader = new BinaryReader(stream);
        while (stream.Position < stream.Length)
        {
            keys.Add(new RecordKey(before + reader.Read7BitEncodedInt64(), reader.ReadString()));
        }

        return keys;
    }
}
