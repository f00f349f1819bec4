using System.Buffers;
using System.Text;

using Holdfast.Grains.Logs;

namespace Holdfast.TestSupport.Logs;

/// <summary>Runs of records from texts, and texts from runs.</summary>
public static class Runs
{
    /// <summary>A run of these records, numbered from <paramref name="first"/>.</summary>
    public static RecordRun Of(long first, params IReadOnlyList<string> texts) => Of(first, texts.Select(Encoding.UTF8.GetBytes).ToArray());

    /// <summary>A run of these records, numbered from <paramref name="first"/>.</summary>
    public static RecordRun Of(long first, IReadOnlyList<byte[]> records)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var record in records)
        {
            RecordFrame.Write(buffer, record);
        }

        return new RecordRun(first, records.Count, buffer.WrittenMemory);
    }

    /// <summary>The records' texts.</summary>
    public static IReadOnlyList<string> Texts(this RecordRun run)
    {
        var texts = new List<string>();
        foreach (var (_, bytes) in run)
        {
            texts.Add(Encoding.UTF8.GetString(bytes.Span));
        }

        return texts;
    }
}
