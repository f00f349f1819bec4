using System.Security.Cryptography;

namespace Holdfast.Grains.Logs;

/// <summary>What every log store asks of its arguments, so that all of them refuse the same ones, with the same words.</summary>
internal static class LogRules
{
    /// <summary>Longest id, tag name, tag value and record key, in UTF-16 units.</summary>
    public const int MaxText = 512;

    /// <summary>Most tags that a log carries.</summary>
    public const int MaxTags = 64;

    /// <summary>Most bytes in one commit of one log: records, head and blob together.</summary>
    public const int MaxCommitBytes = 64 << 20;

    private const string EpochAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    /// <summary>An epoch for a new log: 48 random bits.</summary>
    public static string NewEpoch() => RandomNumberGenerator.GetString(EpochAlphabet, 8);

    /// <summary>Checks a log to create.</summary>
    /// <exception cref="ArgumentException">This log can't be created.</exception>
    public static void Check(NewLog log)
    {
        CheckText(log.Id, "A log's id");
        CheckTags(log.Tags);
        CheckSize(log.Head.Length + (long)CheckBlob(log.Blob));
    }

    /// <summary>Checks an append.</summary>
    /// <exception cref="ArgumentException">This append can't be made, whatever the log's state.</exception>
    public static void Check(LogAppend append)
    {
        var run = append.Records;
        if (append.ExpectedLastSeq < 0 || (!run.IsEmpty && run.First != append.ExpectedLastSeq + 1))
        {
            throw new ArgumentException($"The run starts with record {run.First}, but record {append.ExpectedLastSeq + 1} comes next.", nameof(append));
        }

        CheckFrames(run);
        CheckKeys(append.Keys, run);
        if (append.Tags is not null)
        {
            CheckTags(append.Tags);
        }

        CheckSize(run.Bytes.Length + (long)(append.Head?.Length ?? 0) + CheckBlob(append.Blob));
    }

    /// <summary>Checks what to read.</summary>
    /// <exception cref="ArgumentException">Nothing can be read with these.</exception>
    public static void Check(long after, LogLimit limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        if (limit.Records <= 0 || limit.Bytes <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, "A read is for at least one record and one byte.");
        }
    }

    /// <summary>Checks what to list.</summary>
    /// <exception cref="ArgumentException">Nothing can be listed with this.</exception>
    public static void Check(LogQuery query)
    {
        if (query.Limit <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, "A list is of at least one log.");
        }

        CheckWanted(query.Tags);
    }

    /// <summary>Checks what to count.</summary>
    /// <exception cref="ArgumentException">Nothing can be counted with these.</exception>
    public static void Check(string name, IReadOnlyList<LogTag> wanted)
    {
        CheckText(name, "A tag's name");
        CheckWanted(wanted);
    }

    /// <summary>Whether a log with these tags is among those that <paramref name="wanted"/> asks for.</summary>
    public static bool CarriesAll(IReadOnlyList<LogTag> tags, IReadOnlyList<LogTag> wanted) => wanted.All(tags.Contains);

    private static void CheckFrames(RecordRun run)
    {
        var span = run.Bytes.Span;
        var (count, size) = (0, 0);
        while (size < span.Length)
        {
            var (header, length) = RecordFrame.Read(span[size..]);
            size += header + length;
            count++;
        }

        if (count != run.Count)
        {
            throw new ArgumentException($"The run says that it has {run.Count} records, and has {count}.", nameof(run));
        }
    }

    private static void CheckKeys(IReadOnlyList<RecordKey> keys, RecordRun run)
    {
        var before = run.First - 1;
        foreach (var key in keys)
        {
            CheckText(key.Key, "A record's key");
            if (key.Seq <= before || key.Seq > run.Last || run.IsEmpty)
            {
                throw new ArgumentException($"The key of record {key.Seq} is not in the order of the run's records.", nameof(keys));
            }

            before = key.Seq;
        }
    }

    // Tags of one name and two values are no mistake here: no log carries both.
    private static void CheckWanted(IReadOnlyList<LogTag> tags)
    {
        if (tags.Count > MaxTags)
        {
            throw new ArgumentException($"A log carries at most {MaxTags} tags.", nameof(tags));
        }

        foreach (var tag in tags)
        {
            CheckText(tag.Name, "A tag's name");
            CheckText(tag.Value, "A tag's value", mayBeEmpty: true);
        }
    }

    private static void CheckTags(IReadOnlyList<LogTag> tags)
    {
        CheckWanted(tags);
        for (var i = 0; i < tags.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (tags[j].Name == tags[i].Name)
                {
                    throw new ArgumentException($"The tag '{tags[i].Name}' is given twice.", nameof(tags));
                }
            }
        }
    }

    private static int CheckBlob(LogBlob? blob)
    {
        if (blob is null)
        {
            return 0;
        }

        CheckText(blob.Name, "A blob's name");
        return blob.Bytes.Length;
    }

    private static void CheckSize(long bytes)
    {
        if (bytes > MaxCommitBytes)
        {
            throw new ArgumentException($"One commit of one log has at most {MaxCommitBytes} bytes; this one has {bytes}.", nameof(bytes));
        }
    }

    private static void CheckText(string text, string what, bool mayBeEmpty = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        if ((text.Length == 0 && !mayBeEmpty) || text.Length > MaxText || text.Contains('\0') || !IsWellFormed(text))
        {
            throw new ArgumentException($"{what} is text of {(mayBeEmpty ? 0 : 1)} to {MaxText} characters without NUL or half surrogates.", nameof(text));
        }
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
