using Holdfast.Grains.Logs;
using Holdfast.Grains.Logs.Sqlite;

namespace Holdfast.Grains.Tests.Logs.Sqlite;

public sealed class SqliteSweepingTests : IDisposable
{
    private readonly SqliteFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Sweeping_TakesAwayTheDeletedLogs_AndLeavesTheOthersWhole()
    {
        await using (var store = _fixture.OpenStore())
        {
            var opened = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SqliteFixture.FillAsync(store, $"{i}", 0)));
            for (var last = 0; last < 60; last++)
            {
                await Task.WhenAll(opened.Select((log, i) => SqliteFixture.AppendAsync(store, $"{i}", log, last)));
            }

            for (var i = 0; i < 20; i += 2)
            {
                Assert.True(await store.DeleteAsync($"{i}"));
            }
        }

        Assert.Equal((10, 1200, 20), (Count("dead"), Count("chunk"), Count("blob")));
        Assert.InRange(SweepAll(), 3, 100);
        Assert.Equal((0, 600, 10), (Count("dead"), Count("chunk"), Count("blob")));

        await using var again = _fixture.OpenStore();
        for (var i = 1; i < 20; i += 2)
        {
            Assert.Equal(60, (await again.ReadAsync($"{i}", 0, new LogLimit(1000, 1 << 20)))!.Records.Count);
        }
    }

    [Fact]
    public async Task Sweeping_StoppedHalfWay_GoesOnWhereItWas()
    {
        await using (var store = _fixture.OpenStore())
        {
            await SqliteFixture.FillAsync(store, "a", 700);
            await SqliteFixture.FillAsync(store, "b", 700);
            await store.DeleteAsync("a");
            await store.DeleteAsync("b");
        }

        for (var slices = 1; slices <= 3; slices++)
        {
            using var file = _fixture.OpenFile();
            Assert.True(new Sweeper(file).Slice());
        }

        Assert.InRange(Count("chunk"), 1, 1399);
        SweepAll();
        Assert.Equal((0, 0), (Count("dead"), Count("chunk")));
    }

    [Fact]
    public async Task Sweeping_LeavesAChunkAlone_ThatBelongsToAnotherLogByNow()
    {
        await using (var store = _fixture.OpenStore())
        {
            await SqliteFixture.FillAsync(store, "a", 5);
        }

        // As after a crash half-way: the dead log's last chunk is gone already, and its row was given to another log.
        using (var file = _fixture.OpenFile())
        {
            file.Execute("INSERT INTO dead SELECT 999, tail FROM log");
        }

        SweepAll();
        Assert.Equal((0, 5), (Count("dead"), Count("chunk")));
    }

    [Fact]
    public async Task Sweeping_OfMuch_MakesTheFileSmaller()
    {
        await using (var store = _fixture.OpenStore())
        {
            await SqliteFixture.FillAsync(store, "kept", 1);
            await SqliteFixture.FillAsync(store, "large", 3, size: 8 << 20);
            await store.DeleteAsync("large");
        }

        var before = new FileInfo(_fixture.File).Length;
        Assert.InRange(before, 30 << 20, 50 << 20);
        SweepAll();

        Assert.InRange(_fixture.Number("PRAGMA freelist_count"), 0, 4096);
        Assert.InRange(new FileInfo(_fixture.File).Length, 1, (17 << 20) + 100_000);
        Assert.Equal("ok", Integrity());
        await using var again = _fixture.OpenStore();
        Assert.Equal(1, (await again.ReadHeadAsync("kept"))!.LastSeq);
    }

    [Fact]
    public async Task Store_SweepsWhenTheDelayIsOver_EvenWhileItIsBusy()
    {
        await using var store = _fixture.OpenStore();
        await SqliteFixture.FillAsync(store, "a", 300);
        var b = await SqliteFixture.FillAsync(store, "b", 0);
        Assert.Equal(0, _fixture.Time.ArmedTimers);
        await store.DeleteAsync("a");
        await SqliteFixture.AppendAsync(store, "b", b, 0);
        Assert.Equal(1, _fixture.Time.ArmedTimers);
        Assert.Equal(301, Count("chunk"));
        _fixture.Time.Advance(TimeSpan.FromSeconds(59));
        await SqliteFixture.AppendAsync(store, "b", b, 1);
        Assert.Equal(302, Count("chunk"));

        // From now on at least every 16th commit is followed by a slice.
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        for (var last = 2; last < 100; last++)
        {
            await SqliteFixture.AppendAsync(store, "b", b, last);
        }

        Assert.Equal((0, 100), (Count("dead"), Count("chunk")));
    }

    [Fact]
    public async Task Store_SweepsWhatTheLastRunLeft()
    {
        await using (var store = _fixture.OpenStore())
        {
            await SqliteFixture.FillAsync(store, "a", 3);
            await store.DeleteAsync("a");
        }

        await using var again = _fixture.OpenStore();
        Assert.Equal(1, _fixture.Time.ArmedTimers);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 40; i++)
        {
            await again.CreateAsync(new NewLog($"{i}", default, []));
        }

        Assert.Equal((0, 0), (Count("dead"), Count("chunk")));
    }

    private long Count(string table) => _fixture.Number($"SELECT count(*) FROM {table}");

    private int SweepAll()
    {
        using var file = _fixture.OpenFile();
        var sweeper = new Sweeper(file);
        var slices = 0;
        while (sweeper.Slice())
        {
            slices++;
        }

        Assert.False(sweeper.HasWork());
        file.Checkpoint(SQLitePCL.raw.SQLITE_CHECKPOINT_TRUNCATE);
        return slices;
    }

    private string? Integrity()
    {
        using var file = _fixture.OpenFile();
        return file.Query("PRAGMA integrity_check");
    }
}
