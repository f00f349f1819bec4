using System.Globalization;

using Holdfast.Grains.Logs;
using Holdfast.Grains.Logs.Sqlite;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;

using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Grains.Tests.Logs.Sqlite;

/// <summary>A folder for an SQLite store, and a way to look into its file.</summary>
internal sealed class SqliteFixture : IDisposable
{
    private readonly TempFolder _folder = new();

    public SqliteLogOptions Options => new() { Folder = _folder.Path };

    public string File => Path.Combine(_folder.Path, "holdfast.db");

    public TestClock Time { get; } = new();

    public SqliteLogStore OpenStore(SqliteLogOptions? options = null) => SqliteLogStore.Open(options ?? Options, Time, NullLogger<SqliteLogStore>.Instance);

    /// <summary>The files as they are at this moment, in another folder: what a crash leaves.</summary>
    public SqliteFixture CopyFiles()
    {
        var copy = new SqliteFixture();
        foreach (var file in new[] { File, File + "-wal" })
        {
            System.IO.File.Copy(file, Path.Combine(copy._folder.Path, Path.GetFileName(file)));
        }

        return copy;
    }

    /// <summary>A connection of one's own to the file.</summary>
    public Database OpenFile() => Database.Open(File, TimeSpan.FromSeconds(5));

    /// <summary>A number that a query answers.</summary>
    public long Number(string sql)
    {
        using var file = OpenFile();
        return long.Parse(file.Query(sql) ?? "0", CultureInfo.InvariantCulture);
    }

    /// <summary>Creates and opens a log and appends records to it, one at a time.</summary>
    public static async Task<OpenedLog> FillAsync(ILogStore store, string id, int records, int size = 100)
    {
        Assert.True(await store.CreateAsync(new NewLog(id, default, [new LogTag("kind", "test")], new LogBlob("input", new byte[size]))));
        var opened = (await store.OpenAsync(id))!;
        for (var last = 0; last < records; last++)
        {
            await AppendAsync(store, id, opened, last, size);
        }

        return opened;
    }

    public static async Task AppendAsync(ILogStore store, string id, OpenedLog opened, long last, int size = 100)
    {
        var append = new LogAppend { Id = id, Fence = opened.Fence, ExpectedLastSeq = last, Records = Runs.Of(last + 1, [new byte[size]]) };
        Assert.Equal(AppendOutcome.Ok, (await store.AppendAsync(append)).Outcome);
    }

    public void Dispose() => _folder.Dispose();
}
