using System.Globalization;
using System.Text;

using Holdfast.CrashWriter;
using Holdfast.Grains.Logs.Sqlite;
using Holdfast.Grains.Logs;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;

using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Grains.Tests.Logs;

/// <summary>A process that appends to many logs is killed again and again, at any moment. See <see cref="Script"/> for what it writes.</summary>
public sealed class SqliteCrashTests(ITestOutputHelper output)
{
    private const string Program = "Holdfast.CrashWriter";
    private const int Lives = 25;

    [Fact]
    public async Task Killed_AtAnyMoment_WhatWasAcknowledgedIsThere_AndWhatIsThereIsAPrefixOfWhatWasSent()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new TempFolder();
        var acknowledged = new Dictionary<string, Acknowledged>(StringComparer.Ordinal);
        var total = 0;
        for (var life = 0; life < Lives; life++)
        {
            total += await LiveAndDieAsync(folder.Path, seed + (life * 1000), acknowledged, acknowledgements: life % 5 == 4 ? 0 : random.Next(1500));

            await using var store = Open(folder);
            for (var log = 0; log < Script.Logs; log++)
            {
                await CheckAsync(store, Script.Id(log), acknowledged);
            }
        }

        output.WriteLine($"{Lives} lives, {total} acknowledgements");
        Assert.True(total > 1000, $"Only {total} acknowledgements.");
    }

    [Fact]
    public async Task OutOfDisk_FailsTheAppends_AndGoesOnAfterwards()
    {
        using var folder = new TempFolder();
        await using var child = ChildProcess.Start(Program, "diskfull", folder.Path);
        var lines = await child.ReadToEndAsync("the end of its work");
        Assert.True(await child.WaitForExitAsync() == 0, await child.Errors);

        Assert.Equal("starting", lines[0]);
        var last = lines[1].Split(' ')[1];
        Assert.Equal($"failed {last} {last} {last}", lines[1]);
        var end = long.Parse(last, CultureInfo.InvariantCulture) + 10;
        Assert.Equal($"went on {end}", lines[2]);

        await using var store = Open(folder);
        await CheckRecordsAsync(store, (await store.ReadHeadAsync("log"))!, end);
    }

    [Fact]
    public async Task Open_WhileAnotherProcessHasTheFolder_IsRefused_UntilThatOneIsKilled()
    {
        using var folder = new TempFolder();
        await using (var child = ChildProcess.Start(Program, "hold", folder.Path))
        {
            Assert.Equal("starting", await child.ReadLineAsync("its start"));
            Assert.Equal("open", await child.ReadLineAsync("opening the store"));

            var refused = Assert.Throws<LogStoreSetupException>(() => Open(folder));
            Assert.Contains(folder.Path, refused.Message, StringComparison.Ordinal);
            Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
            child.Kill();
            await child.WaitForExitAsync();
        }

        await using var store = Open(folder);
        Assert.True(await store.CreateAsync(new NewLog("a", default, [])));
    }

    private static SqliteLogStore Open(TempFolder folder) =>
        SqliteLogStore.Open(Script.Options(folder.Path), TimeProvider.System, NullLogger<SqliteLogStore>.Instance);

    // Lets a process live until it has said so much, kills it, and listens to what it still had said.
    private static async Task<int> LiveAndDieAsync(string folder, int seed, Dictionary<string, Acknowledged> acknowledged, int acknowledgements)
    {
        await using var child = ChildProcess.Start(Program, "append", folder, seed.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("starting", await child.ReadLineAsync("its start"));
        var count = 0;
        for (; count < acknowledgements; count++)
        {
            Note(await child.ReadLineAsync($"acknowledgement {count}") ?? throw new InvalidOperationException(await child.Errors));
        }

        child.Kill();
        foreach (var line in await child.ReadToEndAsync("its end"))
        {
            count++;
            Note(line);
        }

        return count;

        void Note(string line)
        {
            var parts = line.Split(' ');
            var before = acknowledged.GetValueOrDefault(parts[0]);
            acknowledged[parts[0]] = parts[2] switch
            {
                "deleting" => before! with { Deleting = true },
                "deleted" => new Acknowledged(null, 0, Deleting: false, Deleted: parts[1]),
                _ => new Acknowledged(parts[1], long.Parse(parts[2], CultureInfo.InvariantCulture), Deleting: false, before?.Deleted),
            };
        }
    }

    private static async Task CheckAsync(SqliteLogStore store, string id, Dictionary<string, Acknowledged> acknowledged)
    {
        var known = acknowledged.GetValueOrDefault(id);
        var state = await store.ReadHeadAsync(id);
        Assert.True(state is not null || known?.Epoch is null || known.Deleting, $"{id} is gone, and nobody had it deleted.");
        Assert.NotEqual(known?.Deleted ?? "none", state?.Epoch);
        if (state is null)
        {
            acknowledged.Remove(id);
            return;
        }

        if (known?.Epoch == state.Epoch)
        {
            Assert.True(state.LastSeq >= known.Last, $"{id} has {state.LastSeq} records, and {known.Last} were acknowledged.");
        }
        else
        {
            Assert.True(known?.Epoch is null || known.Deleting, $"{id} has another epoch than the acknowledged one, and nobody had it deleted.");
        }

        var last = state.LastSeq;
        await CheckRecordsAsync(store, state, last);
        var head = Encoding.UTF8.GetString(state.Head.Span);
        var tagged = long.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture);
        Assert.Equal(Script.Head(last, tagged, state.Sealed), head);
        Assert.Equal(id, Assert.Single((await store.ListAsync(new LogQuery(Script.Tags(id, tagged), 10))).Logs).Id);
        Assert.Equal(id, Assert.Single((await store.ListAsync(new LogQuery([new LogTag("log", id)], 10))).Logs).Id);
        Assert.Equal(Script.Blob(id, tagged), (await store.ReadBlobAsync(id, "blob"))!.Value.ToArray());
        acknowledged[id] = new Acknowledged(state.Epoch, last, Deleting: false, known?.Deleted);
    }

    private static async Task CheckRecordsAsync(SqliteLogStore store, LogState state, long last)
    {
        var page = (await store.ReadAsync(state.Id, 0, new LogLimit(int.MaxValue, int.MaxValue)))!;
        var expected = Enumerable.Range(1, (int)last).Select(seq => Script.Record(state.Id, state.Epoch, seq)).ToArray();
        Assert.Equal(Runs.Of(1, expected).Bytes.ToArray(), page.Records.Bytes.ToArray());
        Assert.Equal(last, page.LastSeq);
    }

    /// <summary>What is known of a log: its epoch and last acknowledged record, whether it was being deleted, and the epoch deleted last.</summary>
    private sealed record Acknowledged(string? Epoch, long Last, bool Deleting, string? Deleted);
}
