using Holdfast.Grains.Logs.Redis;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tests.Logs.Contract;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;

using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Grains.Tests.Logs;

/// <summary>One Redis for all tests of a class; each test has a prefix of its own.</summary>
/// <param name="fsync">When it flushes to the disk.</param>
public class RedisFixture(string fsync) : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RedisServer.StartAsync(fsync);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Server.DisposeAsync();
    }

    public RedisLogStore Open(string? prefix = null, TimeSpan? timeout = null) => RedisLogStore.Open(
        new RedisLogOptions
        {
            Configuration = Server.Configuration,
            Prefix = prefix ?? Guid.NewGuid().ToString("N"),
            OperationTimeout = timeout ?? TimeSpan.FromSeconds(30),
        },
        TimeProvider.System,
        NullLogger<RedisLogStore>.Instance);
}

public sealed class UnflushedRedisFixture() : RedisFixture("no");

public sealed class RedisLogStoreTests(UnflushedRedisFixture redis) : LogStoreContract, IClassFixture<UnflushedRedisFixture>
{
    protected override int ModelRuns => 15;

    protected override ValueTask<ILogStore> OpenStoreAsync() => new(redis.Open());
}

/// <summary>What only a store that can go away shows.</summary>
public sealed class RedisLogStoreFaultTests : IAsyncLifetime
{
    private readonly RedisFixture _redis = new("always");

    public ValueTask InitializeAsync() => _redis.InitializeAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task Restart_OfADurableRedis_KeepsEpochAndRecords()
    {
        await using var store = _redis.Open();
        var before = await FilledAsync(store, "log-a", 5);
        await _redis.Server.RestartAsync();
        var after = await RetryAsync(() => store.OpenAsync("log-a"));
        Assert.Equal((before.Epoch, 5), (after!.Epoch, after.LastSeq));
        Assert.Equal(before.Fence + 1, after.Fence);
    }

    [Fact]
    public async Task Append_AcrossARestart_IsStoredOnceWhenRepeated()
    {
        await using var store = _redis.Open();
        var opened = await FilledAsync(store, "log-a", 1);
        var append = new LogAppend { Id = "log-a", Fence = opened.Fence, ExpectedLastSeq = 1, Records = Runs.Of(2, "two", "three") };
        await _redis.Server.KillAsync();
        await Assert.ThrowsAsync<LogStoreUnavailableException>(async () => await store.AppendAsync(append));
        await _redis.Server.RestartAsync();
        var answer = await RetryAsync(() => store.AppendAsync(append));
        Assert.True(answer.Outcome == AppendOutcome.Ok || (answer.Outcome == AppendOutcome.Mismatch && answer.LastSeq == 3), $"{answer}");
        Assert.Equal(3, (await store.ReadHeadAsync("log-a"))!.LastSeq);
    }

    [Fact]
    public async Task Append_ToAPausedRedis_HasAnUnknownOutcomeAndIsStoredOnce()
    {
        await using var store = _redis.Open(timeout: TimeSpan.FromMilliseconds(500));
        var opened = await FilledAsync(store, "log-a", 1);
        var append = new LogAppend { Id = "log-a", Fence = opened.Fence, ExpectedLastSeq = 1, Records = Runs.Of(2, "two") };
        _redis.Server.Pause();
        await Assert.ThrowsAsync<LogStoreUnavailableException>(async () => await store.AppendAsync(append));
        _redis.Server.Resume();
        var answer = await RetryAsync(() => store.AppendAsync(append));
        Assert.Equal(2, answer.LastSeq);
        Assert.Contains(answer.Outcome, new[] { AppendOutcome.Ok, AppendOutcome.Mismatch });
    }

    [Fact]
    public async Task AStoreOpenedBeforeRedisRuns_WorksOnceItDoes()
    {
        await _redis.Server.KillAsync();
        await using var store = _redis.Open(timeout: TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAsync<LogStoreUnavailableException>(async () => await store.ReadHeadAsync("log-a"));
        await _redis.Server.RestartAsync();
        Assert.Null(await RetryAsync(() => store.ReadHeadAsync("log-a")));
    }

    [Fact]
    public async Task Open_AfterRedisHasLostRecords_GivesANewEpoch()
    {
        const string Prefix = "lossy";
        await using var store = _redis.Open(Prefix);
        var before = await FilledAsync(store, "log-a", 3);

        // As if the last flushes had not reached the disk: the log in Redis is shorter than what this process saw stored.
        using (var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(_redis.Server.Configuration))
        {
            await connection.GetDatabase().ExecuteAsync("XTRIM", Prefix + ":{log-a}:runs", "MAXLEN", "1");
            await connection.GetDatabase().ExecuteAsync("HSET", Prefix + ":{log-a}:log", "last", "1");
        }

        var after = await store.OpenAsync("log-a");
        Assert.NotEqual(before.Epoch, after!.Epoch);
        Assert.Equal(1, after.LastSeq);
    }

    [Fact]
    public async Task ATagsValue_IsForgottenWithTheLastLogThatHasIt()
    {
        const string Prefix = "tags";
        await using var store = _redis.Open(Prefix);
        foreach (var id in new[] { "log-a", "log-b" })
        {
            Assert.True(await store.CreateAsync(new NewLog(id, "head"u8.ToArray(), [new LogTag("silo", "one")])));
        }

        var opened = (await store.OpenAsync("log-a"))!;
        Assert.Equal(AppendOutcome.Ok, (await store.AppendAsync(new LogAppend { Id = "log-a", Fence = opened.Fence, ExpectedLastSeq = 0, Records = Runs.Of(1, "one"), Tags = [new LogTag("silo", "two")] })).Outcome);
        Assert.Equal(["one", "two"], await ValuesAsync());
        Assert.True(await store.DeleteAsync("log-b"));
        Assert.Equal(["two"], await ValuesAsync());
        Assert.Equal(1, (await store.CountAsync("silo", []))["two"]);
        Assert.True(await store.DeleteAsync("log-a"));
        Assert.Empty(await ValuesAsync());

        async Task<string[]> ValuesAsync()
        {
            using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(_redis.Server.Configuration);
            return [.. (await connection.GetDatabase().SetMembersAsync($"{{{Prefix}:index}}:values:silo")).Select(value => (string)value!).Order(StringComparer.Ordinal)];
        }
    }

    private static async Task<OpenedLog> FilledAsync(RedisLogStore store, string id, int records)
    {
        Assert.True(await store.CreateAsync(new NewLog(id, "head"u8.ToArray(), [new LogTag("task", "1")])));
        var opened = (await store.OpenAsync(id))!;
        for (var n = 1; n <= records; n++)
        {
            var answer = await store.AppendAsync(new LogAppend { Id = id, Fence = opened.Fence, ExpectedLastSeq = n - 1, Records = Runs.Of(n, $"record {n}") });
            Assert.Equal(AppendOutcome.Ok, answer.Outcome);
        }

        return opened;
    }

    /// <summary>Repeats while the outcome is unknown, as a task's writer does.</summary>
    private static async Task<T> RetryAsync<T>(Func<ValueTask<T>> act)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                return await act();
            }
            catch (LogStoreUnavailableException) when (!patience.IsCancellationRequested)
            {
                // Not back yet.
                await Task.Yield();
            }
        }
    }
}
