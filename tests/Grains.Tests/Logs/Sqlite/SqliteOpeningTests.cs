using Holdfast.Grains.Logs.Sqlite;
using Holdfast.Grains.Logs;

using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Tests.Logs.Sqlite;

public sealed class SqliteOpeningTests : IDisposable
{
    private readonly SqliteFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Open_Twice_IsRefused_UntilTheFirstIsClosed()
    {
        await using (_fixture.OpenStore())
        {
            var refused = Assert.Throws<LogStoreSetupException>(() => _fixture.OpenStore());
            Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
            Assert.Contains(nameof(SqliteLogOptions.Folder), refused.Message, StringComparison.Ordinal);
        }

        await using var again = _fixture.OpenStore();
        await SqliteFixture.FillAsync(again, "a", 1);
    }

    [Fact]
    public async Task Open_AFileOfANewerVersion_IsRefused_AndLeavesItAlone()
    {
        await using (var store = _fixture.OpenStore())
        {
            await SqliteFixture.FillAsync(store, "a", 1);
        }

        using (var file = _fixture.OpenFile())
        {
            file.Execute("PRAGMA user_version=2");
        }

        var refused = Assert.Throws<LogStoreSetupException>(() => _fixture.OpenStore());
        Assert.Contains("newer version of Holdfast (layout 2; this one knows 1)", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, _fixture.Number("SELECT count(*) FROM log"));

        using (var file = _fixture.OpenFile())
        {
            file.Execute("PRAGMA user_version=1");
        }

        await using var again = _fixture.OpenStore();
        Assert.Equal(1, (await again.ReadHeadAsync("a"))!.LastSeq);
    }

    [Fact]
    public void Open_ADatabaseOfSomethingElse_IsRefused_AndLeavesItAlone()
    {
        using (var file = _fixture.OpenFile())
        {
            file.Execute("CREATE TABLE recipes(name)");
        }

        var refused = Assert.Throws<LogStoreSetupException>(() => _fixture.OpenStore());
        Assert.Contains("not a log store of Holdfast", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, _fixture.Number("SELECT count(*) FROM sqlite_master"));
    }

    [Fact]
    public async Task Open_AFileThatIsNoDatabase_IsRefused_AndTheFolderIsFreeAfterwards()
    {
        await File.WriteAllTextAsync(_fixture.File, string.Concat(Enumerable.Repeat("not a database. ", 500)));

        var refused = Assert.Throws<LogStoreSetupException>(() => _fixture.OpenStore());
        Assert.Contains("can't be opened", refused.Message, StringComparison.Ordinal);

        File.Delete(_fixture.File);
        await using var store = _fixture.OpenStore();
    }

    [Fact]
    public void Open_InAPlaceThatIsNoFolder_IsRefused()
    {
        File.WriteAllText(_fixture.File, "");
        var refused = Assert.Throws<LogStoreSetupException>(() => _fixture.OpenStore(new SqliteLogOptions { Folder = _fixture.File }));
        Assert.Contains($"'{_fixture.File}' can't be used", refused.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, SqliteLogOptions> Unusable => new()
    {
        { nameof(SqliteLogOptions.Folder), new() { Folder = " " } },
        { nameof(SqliteLogOptions.Synchronous), new() { Synchronous = (SqliteSync)7 } },
        { nameof(SqliteLogOptions.MaxQueueBytes), new() { MaxQueueBytes = 0 } },
        { nameof(SqliteLogOptions.MaxCommitBytes), new() { MaxCommitBytes = 0 } },
        { nameof(SqliteLogOptions.Readers), new() { Readers = 0 } },
        { nameof(SqliteLogOptions.ReaderCacheBytes), new() { ReaderCacheBytes = -1 } },
        { nameof(SqliteLogOptions.CheckpointBytes), new() { CheckpointBytes = 0 } },
        { nameof(SqliteLogOptions.UnsavedBytes), new() { UnsavedBytes = 0 } },
        { nameof(SqliteLogOptions.CacheBytes), new() { CacheBytes = 0 } },
        { nameof(SqliteLogOptions.SweepDelay), new() { SweepDelay = TimeSpan.FromSeconds(-1) } },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void Open_WithAnUnusableOption_IsRefused_AndNamesIt(string option, SqliteLogOptions options)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => _fixture.OpenStore(options));
        Assert.Contains($"Sqlite:{option} ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_CommitsWhatWasAccepted_RefusesWhatComesLater_AndTidiesUp()
    {
        var store = _fixture.OpenStore();
        var logs = Enumerable.Range(0, 50).Select(i => $"log-{i}").ToArray();
        var opened = await Task.WhenAll(logs.Select(id => SqliteFixture.FillAsync(store, id, 1)));
        var appends = logs.Select((id, i) => SqliteFixture.AppendAsync(store, id, opened[i], 1)).ToArray();

        var closing = store.DisposeAsync();
        var closingTwice = store.DisposeAsync();
        await Task.WhenAll(appends);
        await closing;
        await closingTwice;

        await Assert.ThrowsAsync<LogStoreUnavailableException>(async () => await store.CreateAsync(new NewLog("late", default, [])));
        await Assert.ThrowsAsync<LogStoreUnavailableException>(async () => await store.ReadHeadAsync("log-1"));
        await Assert.ThrowsAsync<LogStoreUnavailableException>(async () => await store.ReadAsync("log-1", 0, new LogLimit(1, 1)));
        Assert.False(File.Exists(_fixture.File + "-wal"));
        Assert.Equal(0, _fixture.Number("SELECT count(*) FROM redo"));
        Assert.Equal(50, _fixture.Number("SELECT count(*) FROM log WHERE last=2"));
    }
}
