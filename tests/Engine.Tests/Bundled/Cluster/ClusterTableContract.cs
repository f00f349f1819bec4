using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Clustering.Redis;
using Orleans.Configuration;
using StackExchange.Redis;

namespace Holdfast.Engine.Tests.Cluster;

/// <summary>What the cluster's table promises, wherever it is kept.</summary>
public abstract class ClusterTableContract
{
    [Fact]
    public async Task A_grain_belongs_to_the_first_silo_that_claims_it()
    {
        var table = await NewTableAsync();
        var (a, b) = (await JoinAsync(table, 1), await JoinAsync(table, 2));

        Assert.Equal(a, await table.ClaimAsync(Grain(1), a));
        Assert.Equal(a, await table.ClaimAsync(Grain(1), b));
        Assert.Equal(a, await table.ClaimAsync(Grain(1), a));
    }

    [Fact]
    public async Task Of_many_that_claim_at_once_all_learn_the_same_owner()
    {
        var table = await NewTableAsync();
        var silos = new List<SiloAddress>();
        for (var i = 0; i < 5; i++)
        {
            silos.Add(await JoinAsync(table, i));
        }

        for (var grain = 0; grain < 20; grain++)
        {
            var owners = await Task.WhenAll(silos.Select(s => table.ClaimAsync(Grain(grain), s)));
            Assert.Single(owners.Distinct());
        }
    }

    [Fact]
    public async Task A_grain_that_was_given_up_is_free_but_only_its_owner_can_give_it_up()
    {
        var table = await NewTableAsync();
        var (a, b) = (await JoinAsync(table, 1), await JoinAsync(table, 2));
        await table.ClaimAsync(Grain(1), a);

        await table.ReleaseAsync(Grain(1), b);
        Assert.Equal(a, await table.ClaimAsync(Grain(1), b));
        await table.ReleaseAsync(Grain(1), a);
        Assert.Equal(b, await table.ClaimAsync(Grain(1), b));
    }

    [Fact]
    public async Task The_grains_of_a_dead_silo_are_free_and_swept()
    {
        var table = await NewTableAsync();
        var (a, b) = (await JoinAsync(table, 1), await JoinAsync(table, 2));
        await table.ClaimAsync(Grain(1), a);
        await table.ClaimAsync(Grain(2), b);

        await LeaveAsync(table, a);

        Assert.Equal(b, await table.ClaimAsync(Grain(1), b));
        await table.SweepAsync();
        Assert.Equal(b, await table.ClaimAsync(Grain(2), b));
    }

    [Fact]
    public async Task A_silo_that_left_is_read_as_dead_and_does_not_come_back()
    {
        var table = await NewTableAsync();
        var (a, b) = (await JoinAsync(table, 1), await JoinAsync(table, 2));

        await LeaveAsync(table, a);
        await table.RenewAsync(new SiloRow(a, "again", SiloStatus.Active));

        var rows = await table.ReadAsync();
        Assert.Equal(SiloStatus.Dead, rows.Single(r => r.Address.Equals(a)).Status);
        Assert.Equal(SiloStatus.Active, rows.Single(r => r.Address.Equals(b)).Status);
    }

    [Fact]
    public async Task A_row_says_what_its_silo_said_last()
    {
        var table = await NewTableAsync();
        var a = await JoinAsync(table, 1);

        var renewal = await table.RenewAsync(new SiloRow(a, "a|b é", SiloStatus.ShuttingDown));

        Assert.Equal([new SiloRow(a, "a|b é", SiloStatus.ShuttingDown)], renewal.Rows);
        Assert.False(renewal.WasUnknown);
    }

    internal abstract Task<IClusterTable> NewTableAsync();

    internal static SiloAddress Silo(int number, int generation = 7) => SiloAddress.New(IPAddress.Loopback, 11111 + number, generation);

    internal static async Task<SiloAddress> JoinAsync(IClusterTable table, int number, int generation = 7)
    {
        var silo = Silo(number, generation);
        await table.RenewAsync(new SiloRow(silo, $"silo {number}", SiloStatus.Active));
        return silo;
    }

    internal static GrainId Grain(int number) => GrainId.Create("task", $"odd key/{number} é");

    private static Task<Renewal> LeaveAsync(IClusterTable table, SiloAddress silo) => table.RenewAsync(new SiloRow(silo, "gone", SiloStatus.Dead));
}

public class MemoryTableTests : ClusterTableContract
{
    internal override Task<IClusterTable> NewTableAsync() => Task.FromResult<IClusterTable>(new MemoryTable());
}

/// <summary>The table in Redis, and what its clock does.</summary>
public class RedisTableTests(RedisTableTests.Server server) : ClusterTableContract, IClassFixture<RedisTableTests.Server>
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMilliseconds(600);

    // A table also waits so long for Redis: on a busy machine it is not to give up.
    private static readonly TimeSpan s_longLease = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_silo_that_does_not_renew_for_its_lease_is_declared_dead_and_learns_it()
    {
        var table = Table(server.Redis.Configuration, s_lease);
        var (a, b) = (await JoinAsync(table, 1), await JoinAsync(table, 2));

        await RenewUntilAsync(table, b, rows => rows.Single(r => r.Address.Equals(a)).Status == SiloStatus.Dead);

        var told = await table.RenewAsync(new SiloRow(a, "late", SiloStatus.Active));
        Assert.Equal(SiloStatus.Dead, told.Rows.Single(r => r.Address.Equals(a)).Status);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => table.ClaimAsync(Grain(1), a));
    }

    [Fact]
    public async Task A_silo_that_renews_is_never_declared_dead()
    {
        var table = Table(server.Redis.Configuration, s_lease);
        var (a, b) = (await JoinAsync(table, 1), await JoinAsync(table, 2));
        var c = await JoinAsync(table, 3);

        // The third one falls silent: when it is dead, the other two would have been.
        await RenewUntilAsync(table, b, rows => rows.Single(r => r.Address.Equals(c)).Status == SiloStatus.Dead, a);

        Assert.Equal([a, b], (await table.ReadAsync()).Where(r => r.Status == SiloStatus.Active).Select(r => r.Address).Order());
    }

    [Fact]
    public async Task A_silo_that_is_late_is_waited_for_unless_its_machine_refuses_connections()
    {
        // A second and a half against twenty.
        var table = Table(server.Redis.Configuration, TimeSpan.FromSeconds(1), missed: 20);
        var (refusing, silent, self) = (await JoinAsync(table, 1), await JoinAsync(table, 2), await JoinAsync(table, 3));

        IReadOnlyList<SiloRow> rows = [];
        await Waiting.UntilAsync("the death of the silo that refuses", async () =>
        {
            rows = (await table.RenewAsync(new SiloRow(self, "self", SiloStatus.Active), [refusing])).Rows;
            return rows.Single(r => r.Address.Equals(refusing)).Status == SiloStatus.Dead;
        });

        Assert.Equal(SiloStatus.Active, rows.Single(r => r.Address.Equals(silent)).Status);
    }

    [Fact]
    public async Task A_silo_that_renews_is_alive_even_if_nobody_can_connect_to_it()
    {
        var table = Table(server.Redis.Configuration, TimeSpan.FromSeconds(20), missed: 3);
        var (refusing, self) = (await JoinAsync(table, 1), await JoinAsync(table, 2));

        var rows = (await table.RenewAsync(new SiloRow(self, "self", SiloStatus.Active), [refusing])).Rows;

        Assert.Equal(SiloStatus.Active, rows.Single(r => r.Address.Equals(refusing)).Status);
    }

    [Fact]
    public async Task A_silo_that_starts_anew_at_the_same_place_replaces_its_earlier_life_at_once()
    {
        var table = await NewTableAsync();
        var earlier = await JoinAsync(table, 1, generation: 7);
        await table.ClaimAsync(Grain(1), earlier);

        var later = await JoinAsync(table, 1, generation: 8);

        Assert.Equal(SiloStatus.Dead, (await table.ReadAsync()).Single(r => r.Address.Equals(earlier)).Status);
        Assert.Equal(later, await table.ClaimAsync(Grain(1), later));
    }

    [Fact]
    public async Task After_an_outage_nobody_is_declared_dead_for_a_whole_lease()
    {
        await using var redis = await RedisServer.StartAsync("no");
        // So long that joining is done in time on a busy machine: a lease is the patience of each request, too.
        var table = Table(redis.Configuration, TimeSpan.FromSeconds(3));
        var (a, b) = (await JoinAsync(table, 1), await JoinAsync(table, 2));

        redis.Pause();
        // Each attempt takes a lease to fail.
        await Assert.ThrowsAnyAsync<TimeoutException>(() => table.RenewAsync(new SiloRow(b, "b", SiloStatus.Active)));
        await Assert.ThrowsAnyAsync<TimeoutException>(() => table.RenewAsync(new SiloRow(b, "b", SiloStatus.Active)));
        redis.Resume();
        var first = await RetryAsync(() => table.RenewAsync(new SiloRow(b, "b", SiloStatus.Active)));

        Assert.All(first.Rows, r => Assert.Equal(SiloStatus.Active, r.Status));
        Assert.All((await table.RenewAsync(new SiloRow(a, "a", SiloStatus.Active))).Rows, r => Assert.Equal(SiloStatus.Active, r.Status));
    }

    [Fact]
    public async Task A_table_that_lost_its_memory_says_so_to_silos_that_it_knew()
    {
        await using var redis = await RedisServer.StartAsync("no");
        var table = Table(redis.Configuration, s_longLease);
        var a = await JoinAsync(table, 1);
        using var admin = await ConnectAsync(redis);

        await admin.GetDatabase().ExecuteAsync("FLUSHALL");

        Assert.True((await table.RenewAsync(new SiloRow(a, "a", SiloStatus.Active))).WasUnknown);
        Assert.False((await table.RenewAsync(new SiloRow(a, "a", SiloStatus.Active))).WasUnknown);
    }

    [Fact]
    public async Task A_table_that_is_away_is_an_error_in_time_and_works_again_when_it_is_back()
    {
        await using var redis = await RedisServer.StartAsync("no");
        var table = Table(redis.Configuration, s_lease);
        var a = await JoinAsync(table, 1);

        await redis.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => table.ClaimAsync(Grain(1), a).ForAsync("the claim to fail"));
        await redis.RestartAsync();

        Assert.Equal(a, await RetryAsync(async () =>
        {
            await table.RenewAsync(new SiloRow(a, "a", SiloStatus.Active));
            return await table.ClaimAsync(Grain(1), a);
        }));
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public async Task A_connection_that_never_comes_back_is_replaced_unless_it_is_shared(bool shared, int connections)
    {
        var (made, clock) = (0, new FakeTimeProvider());
        var options = new RedisClusteringOptions
        {
            CreateMultiplexer = async _ => (
                await ConnectionMultiplexer.ConnectAsync(Options(made++ == 0 ? "127.0.0.1:1,connectTimeout=200" : server.Redis.Configuration)), shared),
        };
        await using var table = Table(options, s_lease / 3, 3, clock: clock);
        await Assert.ThrowsAnyAsync<RedisException>(table.ReadAsync);
        clock.Advance(s_lease / 2 - TimeSpan.FromTicks(1));
        await Assert.ThrowsAnyAsync<RedisException>(table.ReadAsync);
        Assert.Equal(1, made);

        clock.Advance(TimeSpan.FromTicks(1));
        if (shared)
        {
            await Assert.ThrowsAnyAsync<RedisException>(table.ReadAsync);
        }
        else
        {
            Assert.Empty(await table.ReadAsync());
        }

        Assert.Equal(connections, made);
    }

    [Fact]
    public async Task Sweeping_deletes_what_dead_silos_left_and_nothing_else()
    {
        var cluster = Guid.NewGuid().ToString("N");
        var table = Table(server.Redis.Configuration, s_longLease, cluster);
        var (a, b) = (await JoinAsync(table, 1), await JoinAsync(table, 2));
        for (var i = 0; i < 1500; i++)
        {
            await table.ClaimAsync(Grain(i), i % 3 == 0 ? b : a);
        }

        await table.RenewAsync(new SiloRow(a, "a", SiloStatus.Dead));
        await table.SweepAsync();

        using var redis = await ConnectAsync(server.Redis);
        Assert.Equal(500, (long)await redis.GetDatabase().ExecuteAsync("HLEN", $"{{test/members/{cluster}}}:grains"));
    }

    internal override Task<IClusterTable> NewTableAsync() => Task.FromResult<IClusterTable>(Table(server.Redis.Configuration, s_longLease));

    private static RedisTable Table(string connection, TimeSpan lease, string? cluster = null) => Table(connection, lease / 3, 3, cluster);

    private static RedisTable Table(string connection, TimeSpan probe, int missed, string? cluster = null) =>
        Table(new RedisClusteringOptions { ConfigurationOptions = Options(connection) }, probe, missed, cluster);

    private static RedisTable Table(RedisClusteringOptions options, TimeSpan probe, int missed, string? cluster = null, TimeProvider? clock = null) => new(
        options,
        new ClusterOptions { ClusterId = cluster ?? Guid.NewGuid().ToString("N"), ServiceId = "test" },
        new ClusterMembershipOptions { ProbeTimeout = probe, NumMissedProbesLimit = missed },
        clock ?? TimeProvider.System,
        NullLogger<RedisTable>.Instance);

    private static Task<ConnectionMultiplexer> ConnectAsync(RedisServer redis) => ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");

    private static ConfigurationOptions Options(string connection)
    {
        var options = ConfigurationOptions.Parse(connection);
        options.AbortOnConnectFail = false;
        return options;
    }

    private static Task RenewUntilAsync(RedisTable table, SiloAddress silo, Func<IReadOnlyList<SiloRow>, bool> reached, params SiloAddress[] others) =>
        Waiting.UntilAsync("a status in the table", async () =>
        {
            foreach (var other in others)
            {
                await table.RenewAsync(new SiloRow(other, "other", SiloStatus.Active));
            }

            return reached((await table.RenewAsync(new SiloRow(silo, "s", SiloStatus.Active))).Rows);
        });

    private static async Task<T> RetryAsync<T>(Func<Task<T>> call)
    {
        T result = default!;
        await Waiting.UntilAsync("an answer of the table", async () =>
        {
            try
            {
                result = await call();
                return true;
            }
            catch (Exception e) when (e is TimeoutException or RedisException or SiloUnavailableException)
            {
                return false;
            }
        });
        return result;
    }

    public sealed class Server : IAsyncLifetime
    {
        public RedisServer Redis { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Redis = await RedisServer.StartAsync("no");

        public ValueTask DisposeAsync() => Redis.DisposeAsync();
    }
}
