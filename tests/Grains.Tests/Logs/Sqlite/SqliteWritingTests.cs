using Holdfast.Grains.Logs;
using Holdfast.Grains.Logs.Sqlite;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Logs.Sqlite;

/// <summary>The writer is held up by another connection that has the file's write lock.</summary>
public sealed class SqliteWritingTests : IAsyncLifetime
{
    private readonly SqliteFixture _fixture = new();
    private SqliteLogStore _store = null!;

    public ValueTask InitializeAsync()
    {
        _store = _fixture.OpenStore();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Reads_GoOn_WhileTheWriterIsHeldUp()
    {
        var a = await SqliteFixture.FillAsync(_store, "a", 3);
        using var other = _fixture.OpenFile();
        other.Execute("BEGIN IMMEDIATE");
        var append = SqliteFixture.AppendAsync(_store, "a", a, 3);

        Assert.Equal(3, (await _store.ReadHeadAsync("a"))!.LastSeq);
        Assert.Equal(3, (await _store.ReadAsync("a", 0, new LogLimit(10, 10_000)))!.Records.Count);
        Assert.Single((await _store.ListAsync(new LogQuery([new LogTag("kind", "test")], 10))).Logs);
        Assert.NotNull(await _store.ReadBlobAsync("a", "input"));
        Assert.False(append.IsCompleted);

        other.Execute("ROLLBACK");
        await append;
        Assert.Equal(4, (await _store.ReadHeadAsync("a"))!.LastSeq);
    }

    [Fact]
    public async Task Appends_ThatGatherWhileTheWriterIsHeldUp_GoIntoOneCommit()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => SqliteFixture.FillAsync(_store, $"{i}", 0)));
        var commits = _fixture.Number("SELECT max(k) FROM redo");
        using (var other = _fixture.OpenFile())
        {
            other.Execute("BEGIN IMMEDIATE");
            var appends = opened.Select((log, i) => SqliteFixture.AppendAsync(_store, $"{i}", log, 0)).ToArray();
            other.Execute("ROLLBACK");
            await Task.WhenAll(appends);
        }

        // The writer may have taken some of them before all were there.
        Assert.InRange(_fixture.Number("SELECT max(k) FROM redo") - commits, 1, 3);
    }

    [Fact]
    public async Task SeveralChangesOfOneLogInOneCommit_AreAllThereAfterACrash()
    {
        var a = await SqliteFixture.FillAsync(_store, "a", 0);
        using (var other = _fixture.OpenFile())
        {
            other.Execute("BEGIN IMMEDIATE");
            var first = _store.CreateAsync(new NewLog("keeps the writer busy", default, [])).AsTask();
            var append = _store.AppendAsync(new LogAppend
            {
                Id = "a",
                Fence = a.Fence,
                ExpectedLastSeq = 0,
                Records = Runs.Of(1, "one"),
                Head = "the head"u8.ToArray(),
                Tags = [new LogTag("status", "changed")],
            }).AsTask();
            var open = _store.OpenAsync("a").AsTask();
            other.Execute("ROLLBACK");
            await first;
            Assert.Equal(AppendOutcome.Ok, (await append).Outcome);
            Assert.Equal(a.Fence + 1, (await open)!.Fence);
        }

        using var crashed = _fixture.CopyFiles();
        await using var store = crashed.OpenStore();
        var opened = (await store.OpenAsync("a"))!;
        Assert.Equal((a.Fence + 2, 1), (opened.Fence, opened.LastSeq));
        Assert.Equal("the head"u8.ToArray(), opened.Head.ToArray());
        Assert.Equal("a", Assert.Single((await store.ListAsync(new LogQuery([new LogTag("status", "changed")], 10))).Logs).Id);
    }

    [Fact]
    public async Task JumpPointers_GoOnAfterARestart()
    {
        var a = await SqliteFixture.FillAsync(_store, "a", 50);
        await _store.DisposeAsync();
        _store = _fixture.OpenStore();
        for (var last = 50; last < 100; last++)
        {
            await SqliteFixture.AppendAsync(_store, "a", a, last);
        }

        Assert.Equal(100, _fixture.Number("SELECT count(*) FROM chunk WHERE depth=last"));
        Assert.Equal(63, _fixture.Number("SELECT max(depth) FROM chunk WHERE jump=0"));
    }

    [Fact]
    public async Task Answers_GoOnOnAnotherThreadThanTheWriters()
    {
        var a = await SqliteFixture.FillAsync(_store, "a", 0);
        for (var last = 0; last < 50; last++)
        {
            var append = new LogAppend { Id = "a", Fence = a.Fence, ExpectedLastSeq = last, Records = Runs.Of(last + 1, "x") };
            var thread = await _store.AppendAsync(append).AsTask()
                .ContinueWith(_ => Thread.CurrentThread, default, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            Assert.NotEqual("Holdfast log writer", thread.Name);
        }
    }

    [Theory]
    [InlineData(TagIndex.Above)]
    [InlineData(TagIndex.Below)]
    public void ListsByTag_WalkAnIndex(string sql)
    {
        using var file = _fixture.OpenFile();
        var plan = file.Prepare($"EXPLAIN QUERY PLAN {sql}");
        using (plan.Run())
        {
            Assert.True(plan.Step());
            var direction = sql == TagIndex.Above ? '>' : '<';
            Assert.Equal($"SEARCH tag USING PRIMARY KEY (name=? AND value=? AND n{direction}?)", plan.Text(3).Replace("TABLE ", "", StringComparison.Ordinal));
            Assert.False(plan.Step());
        }
    }

    [Fact]
    public async Task WriteAheadLog_IsCopiedAndBegunAnew_SoThatItStaysSmall()
    {
        await _store.DisposeAsync();
        var options = _fixture.Options;
        options.CheckpointBytes = 200_000;
        _store = _fixture.OpenStore(options);
        var a = await SqliteFixture.FillAsync(_store, "a", 0);
        for (var last = 0; last < 600; last++)
        {
            await SqliteFixture.AppendAsync(_store, "a", a, last, size: 10_000);
        }

        // Six megabytes went through it.
        Assert.InRange(new FileInfo(_fixture.File + "-wal").Length, 1, 3_000_000);
    }
}
