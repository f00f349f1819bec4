using System.Collections.Concurrent;
using Holdfast.Engine.Tests.Semantics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Holdfast.Engine.Tests.Cluster;

/// <summary>Processes that sleep, a table that is away, silos that nobody can reach.</summary>
public class OutageTests
{
    [Fact]
    public async Task A_process_that_slept_longer_than_its_lease_finds_itself_dead_ends_and_says_why()
    {
        await using var cluster = await SiloProcesses.StartAsync(2, Setup.ShortLease);
        var victim = cluster.Silos[0];
        var grains = Enumerable.Range(0, 20).Select(i => cluster.Client.GetGrain<IPlaceGrain>($"k{i}")).ToList();
        Assert.Contains(await Task.WhenAll(grains.Select(g => g.PlaceAsync())), p => p.Silo == "s0");

        victim.Pause();
        var after = await Task.WhenAll(grains.Select(g => Retry.Async(g.PlaceAsync)));
        Assert.All(after, p => Assert.Equal("s1", p.Silo));
        victim.Resume();

        Assert.Equal(LastWords.ExitCode, await victim.WaitForExitAsync());
        Assert.Contains("declared it dead", await victim.Errors, StringComparison.Ordinal);
        Assert.Equal(after, await Task.WhenAll(grains.Select(g => g.PlaceAsync())));
    }

    [Fact]
    public async Task A_process_that_was_killed_is_replaced_long_before_the_end_of_its_lease()
    {
        // Of minutes: nobody here waits so long.
        await using var cluster = await SiloProcesses.StartAsync(2, 600);
        var grains = Enumerable.Range(0, 20).Select(i => cluster.Client.GetGrain<IPlaceGrain>($"k{i}")).ToList();
        Assert.Contains(await Task.WhenAll(grains.Select(g => g.PlaceAsync())), p => p.Silo == "s0");

        cluster.Silos[0].Kill();

        var after = await Task.WhenAll(grains.Select(g => Retry.Async(g.PlaceAsync)));
        Assert.All(after, p => Assert.Equal("s1", p.Silo));
    }

    [Fact]
    public async Task A_client_is_told_when_it_loses_a_silo()
    {
        var told = new ConcurrentQueue<GatewayCountChangedEventArgs>();
        await using var setup = await SocketSetup.StartAsync(2, configure: builder => builder.Services.AddSingleton<GatewayCountChangedHandler>((_, e) => told.Enqueue(e)));
        Assert.Empty(told);

        await setup.StopSiloAsync(setup.Hosts[0]);

        await Waiting.UntilAsync("the client is told", () => !told.IsEmpty);
        Assert.True(told.TryDequeue(out var lost));
        Assert.True(lost.NumberOfConnectedGateways < lost.PreviousNumberOfConnectedGateways);
    }

    [Fact]
    public async Task A_process_that_slept_while_there_was_nobody_to_declare_it_dead_goes_on()
    {
        await using var cluster = await SiloProcesses.StartAsync(1, Setup.ShortLease);
        var grain = cluster.Client.GetGrain<IPlaceGrain>("k");
        var before = await grain.PlaceAsync();

        cluster.Silos[0].Pause();
        // Longer than the lease: so long takes a call to fail.
        await Assert.ThrowsAnyAsync<Exception>(() => grain.PlaceAsync());
        cluster.Silos[0].Resume();

        Assert.Equal(before, await Retry.Async(grain.PlaceAsync));
        Assert.Equal("s0", (await Retry.Async(cluster.Client.GetGrain<IPlaceGrain>("new").PlaceAsync)).Silo);
    }

    [Fact]
    public async Task While_the_table_is_away_known_grains_go_on_new_ones_are_refused_and_afterwards_nobody_is_dead()
    {
        await using var setup = await SocketSetup.StartAsync(2, Setup.ShortLease);
        var known = Enumerable.Range(0, 10).Select(i => setup.Client.GetGrain<IPlaceGrain>($"known{i}")).ToList();
        var before = await Task.WhenAll(known.Select(g => g.PlaceAsync()));
        var unknown = setup.Client.GetGrain<IPlaceGrain>("unknown");

        await setup.Redis.KillAsync();
        Assert.Equal(before, await Task.WhenAll(known.Select(g => g.PlaceAsync())).ForAsync("known grains to answer"));
        Exception? refusal = null;
        await Waiting.UntilAsync("the end of the silos' leases", async () =>
        {
            refusal = await Record.ExceptionAsync(unknown.PlaceAsync);
            return refusal!.Message.Contains("cannot renew its lease", StringComparison.Ordinal);
        });
        Assert.IsType<SiloUnavailableException>(refusal);
        Assert.Equal(before, await Task.WhenAll(known.Select(g => g.PlaceAsync())).ForAsync("known grains to answer still"));
        await setup.Redis.RestartAsync();

        await Retry.Async(unknown.PlaceAsync);
        Assert.Equal(before, await Task.WhenAll(known.Select(g => g.PlaceAsync())).ForAsync("known grains to answer again"));
    }

    [Fact]
    public async Task When_the_table_lost_its_memory_grains_stay_where_they_are()
    {
        await using var setup = await SocketSetup.StartAsync(2);
        var known = Enumerable.Range(0, 20).Select(i => setup.Client.GetGrain<IPlaceGrain>($"known{i}")).ToList();
        var before = await Task.WhenAll(known.Select(g => g.PlaceAsync()));
        using var redis = await ConnectionMultiplexer.ConnectAsync(setup.Redis.Configuration + ",allowAdmin=true");
        var register = ((string[]?)await redis.GetDatabase().ExecuteAsync("KEYS", "*:grains") ?? []).Single();

        await redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await Waiting.UntilAsync("all grains in the register again", async () => await redis.GetDatabase().HashLengthAsync(register) >= known.Count);
        await setup.StartSiloAsync();

        Assert.Equal(before, await Task.WhenAll(known.Select(g => Retry.Async(g.PlaceAsync))).ForAsync("known grains to answer"));
    }

    [Fact]
    public async Task A_silo_that_cannot_be_reached_is_a_warning_once_and_tried_less_and_less_often()
    {
        using var logs = new Logs();
        await using var cluster = await SiloProcesses.StartAsync(1, Setup.ShortLease, logs);

        cluster.Silos[0].Kill();
        await Waiting.UntilAsync("four attempts", () => logs.Of(7072).Count >= 4);
        Assert.Equal([LogLevel.Warning, LogLevel.Debug, LogLevel.Debug, LogLevel.Debug], logs.Of(7072).Take(4).Select(l => l.Level));
        Assert.Equal([0.5, 1, 2, 4], logs.Of(7072).Take(4).Select(l => ((TimeSpan)l.Values["Delay"]!).TotalSeconds));
        await cluster.StartSiloAsync();

        Assert.Equal("s1", (await Retry.Async(cluster.Client.GetGrain<IPlaceGrain>("k").PlaceAsync)).Silo);
    }

    [Fact]
    public async Task A_table_that_is_away_is_a_warning_once_and_news_when_it_is_back()
    {
        using var logs = new Logs();
        await using var cluster = await SiloProcesses.StartAsync(1, Setup.ShortLease, logs);

        await cluster.Redis.KillAsync();
        await Waiting.UntilAsync("two failures", () => logs.Of(7062).Count >= 2);
        await cluster.Redis.RestartAsync();
        await Waiting.UntilAsync("an answer", () => logs.Of(7063).Count == 1);

        Assert.Equal(LogLevel.Warning, logs.Of(7062)[0].Level);
        Assert.All(logs.Of(7062).Skip(1), l => Assert.Equal(LogLevel.Debug, l.Level));
        Assert.Equal(LogLevel.Information, logs.Of(7063).Single().Level);
    }

    private sealed class Logs : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<Line> _lines = new();

        public List<Line> Of(int id) => [.. _lines.Where(l => l.Id == id)];

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(new Line(eventId.Id, logLevel, ((state as IReadOnlyList<KeyValuePair<string, object?>>) ?? []).ToDictionary(p => p.Key, p => p.Value)));

        public void Dispose()
        {
        }

        public sealed record Line(int Id, LogLevel Level, Dictionary<string, object?> Values);
    }
}
