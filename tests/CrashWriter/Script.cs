using System.Globalization;
using System.Text;

using Holdfast.Grains.Logs.Sqlite;
using Holdfast.Grains.Logs;

namespace Holdfast.CrashWriter;

/// <summary>What the writer writes, so that the reader can tell: a log's content follows from its name and its length.</summary>
internal static class Script
{
    public const int Logs = 40;

    /// <summary>After so many records a log is sealed; the next time it is deleted and begun anew.</summary>
    public const int Full = 60;

    /// <summary>Small enough that rows are saved, the write-ahead log copied and dead logs swept away many times in one life.</summary>
    public static SqliteLogOptions Options(string folder) => new()
    {
        Folder = folder,
        CheckpointBytes = 400_000,
        UnsavedBytes = 30_000,
        CacheBytes = 40_000,
        SweepDelay = TimeSpan.Zero,
    };

    public static string Id(int log) => $"log-{log}";

    /// <summary>A record, now and then longer than a chunk.</summary>
    public static byte[] Record(string id, string epoch, long seq) =>
        Encoding.UTF8.GetBytes($"{id} {epoch} {seq} " + new string('.', seq % 50 == 7 ? 70_000 : (int)(seq % 300)));

    /// <summary>The head that goes with the record: says which record the tags and the blob are of.</summary>
    public static string Head(long last, long tagged, bool isSealed) => string.Create(CultureInfo.InvariantCulture, $"{last} {tagged} {isSealed}");

    public static LogTag[] Tags(string id, long tagged) => [new("log", id), new("tagged", tagged.ToString(CultureInfo.InvariantCulture))];

    public static byte[] Blob(string id, long tagged) => Encoding.UTF8.GetBytes($"{id} {tagged} " + new string('b', (int)(tagged * 997 % 50_000)));
}
