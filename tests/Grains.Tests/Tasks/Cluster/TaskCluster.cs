using System.Text;
using System.Text.Json;

using Holdfast.Grains.Logs.Memory;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Recovery;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Hostile;
using Holdfast.TestSupport.Logs;

using Microsoft.Extensions.DependencyInjection;

using Orleans.Configuration;
using Orleans.TestingHost;

namespace Holdfast.Grains.Tests.Tasks.Cluster;

/// <summary>Silos with the real grains over one store that outlives them all, and a client.</summary>
internal sealed class TaskCluster : IAsyncDisposable
{
    /// <summary>A call in flight to a silo that is killed may hang for so long.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    private static int s_tasks;

    private TaskCluster(InProcessTestCluster cluster, HeldLogStore store) => (Inner, Store) = (cluster, store);

    /// <summary>The silos.</summary>
    public InProcessTestCluster Inner { get; }

    /// <summary>What all silos write to.</summary>
    public HeldLogStore Store { get; }

    /// <summary>Starts silos.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="store">What they write to; null: a new one in memory.</param>
    /// <param name="clock">The grains' clock; null: the system's, which membership, messages and streams have in any case.</param>
    /// <param name="tasks">Limits of tasks.</param>
    /// <param name="recovery">Limits of recovery.</param>
    /// <param name="calls">How unreliable calls are; null: slow, and out of order.</param>
    /// <param name="silo">Adds what a test has of its own.</param>
    public static async Task<TaskCluster> StartAsync(
        int silos = 1,
        ILogStore? store = null,
        TimeProvider? clock = null,
        Action<TaskOptions>? tasks = null,
        Action<RecoveryOptions>? recovery = null,
        HostileOptions? calls = null,
        Action<ISiloBuilder>? silo = null)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(HostileOptions.Remark);
        var hostile = calls ?? HostileOptions.Slow;
        var held = new HeldLogStore(store ?? new MemoryLogStore());
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureSilo((_, host) =>
        {
            host.Configure<ClusterMembershipOptions>(options => (options.ProbeTimeout, options.NumMissedProbesLimit) = (TimeSpan.FromMilliseconds(500), 3));
            host.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = CallTimeout);
            host.AddMemoryGrainStorage("PubSubStore");
            host.AddMemoryStreams(TaskNotice.Provider);
            host.Services.AddSingleton(clock ?? TimeProvider.System);
            host.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
            host.Services.AddHoldfastGrains();
            host.Services.AddHostileCalls(hostile);
            host.Services.AddGenerator<SteppingGenerator>(maxConcurrent: 2);

            // Given, not made: no silo disposes of it.
            host.Services.AddSingleton<ILogStore>(held);
            host.Services.AddSingleton<ILogReader>(held);
            host.Services.Configure<TaskOptions>(options =>
            {
                options.RetryDelay = TimeSpan.FromMilliseconds(1);
                tasks?.Invoke(options);
            });
            host.Services.Configure<RecoveryOptions>(options =>
            {
                options.RetryDelay = TimeSpan.FromMilliseconds(20);
                recovery?.Invoke(options);
            });
            silo?.Invoke(host);
        });
        builder.ConfigureClient(client =>
        {
            client.AddMemoryStreams(TaskNotice.Provider);
            client.Services.AddHoldfastExceptions();
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = CallTimeout);
            client.Services.AddHostileCalls(hostile);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TaskCluster(cluster, held);
    }

    /// <summary>A task's grain.</summary>
    public ITaskGrain Grain(string id) => Inner.Client.GetGrain<ITaskGrain>(id);

    /// <summary>An id that no other test has.</summary>
    public static string NewTaskId() => $"t_cluster_{Interlocked.Increment(ref s_tasks)}";

    /// <summary>Something to create.</summary>
    public static NewTask Order(string kind, object input, int? maxAttempts = null, OnDisconnect? onDisconnect = null) => new()
    {
        Kind = kind,
        Input = JsonSerializer.SerializeToUtf8Bytes(input),
        Owner = "anonymous",
        Labels = [],
        MaxAttempts = maxAttempts,
        OnDisconnect = onDisconnect,
        RequestDigest = JsonSerializer.Serialize(input),
    };

    /// <summary>Creates a task.</summary>
    public async Task<string> CreateAsync(string kind, object input, int? maxAttempts = null, OnDisconnect? onDisconnect = null)
    {
        var id = NewTaskId();
        var reply = await Grain(id).CreateAsync(Order(kind, input, maxAttempts, onDisconnect)).ForAsync($"the creation of {id}");
        Assert.True(reply is { Refusal: null, Created: true }, reply.Refusal?.Detail);
        return id;
    }

    /// <summary>What is durable of a task, whoever writes it.</summary>
    public async Task<TaskHead> HeadAsync(string id) => TaskHead.Parse((await Store.ReadHeadAsync(id))!.Head.Span);

    /// <summary>Waits until the durable state of a task is as wanted.</summary>
    public async Task<TaskHead> UntilAsync(string id, string step, Func<TaskHead, bool> holds)
    {
        var head = await HeadAsync(id);
        await Waiting.UntilAsync($"{step} ({id})", async () => holds(head = await HeadAsync(id)));
        return head;
    }

    /// <summary>Waits until a task has a status.</summary>
    public Task<TaskHead> UntilAsync(string id, GenerationStatus status) => UntilAsync(id, $"the status {status}", head => head.Status == status);

    /// <summary>Waits until a task has written so many events.</summary>
    public Task UntilSeqAsync(string id, long seq) => Waiting.UntilAsync($"event {seq} of {id}", async () => (await Store.ReadHeadAsync(id))!.LastSeq >= seq);

    /// <summary>Waits for a task's end, and gives its events, which have been checked for what holds of every log.</summary>
    public async Task<IReadOnlyList<LoggedEvent>> EndAsync(string id, GenerationStatus status)
    {
        var head = await UntilAsync(id, "the end", state => state.IsTerminal);
        Assert.Equal((status, status == GenerationStatus.Failed), (head.Status, head.Error is not null));
        var events = await EventsAsync(id);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(seq => (long)seq), events.Select(one => one.Seq));
        Assert.Equal("created", events[0].Type);
        Assert.Equal(status.Wire(), Assert.Single(events, one => one.IsTerminal).Type);
        Assert.True(events[^1].IsTerminal, "An event followed the terminal one.");
        Assert.Equal(events.Select(one => one.Time).Order(StringComparer.Ordinal), events.Select(one => one.Time));
        Assert.True((await Store.ReadHeadAsync(id))!.Sealed);
        return events;
    }

    /// <summary>A task's events.</summary>
    public async Task<IReadOnlyList<LoggedEvent>> EventsAsync(string id)
    {
        List<LoggedEvent> events = [];
        while (await Store.ReadAsync(id, events.Count, new LogLimit(1000, 1 << 20)) is { Records.IsEmpty: false } page)
        {
            foreach (var (_, bytes) in page.Records)
            {
                events.Add(new LoggedEvent(JsonElement.Parse(bytes.Span)));
            }
        }

        return events;
    }

    /// <summary>The silo that writes a task.</summary>
    public async Task<InProcessSiloHandle> OwnerAsync(string id)
    {
        var head = await UntilAsync(id, "an owner that lives", state => Owner(state) is not null);
        return Owner(head)!;

        InProcessSiloHandle? Owner(TaskHead state) => Inner.Silos.FirstOrDefault(silo => silo.SiloAddress.ToParsableString() == state.Silo);
    }

    /// <summary>Makes a call again until the cluster has got over whatever has happened to it. Every call of a task may be repeated.</summary>
    public static async Task<T> AgainAsync<T>(string step, Func<Task<T>> call, Func<T, bool> answered)
    {
        var answer = default(T);
        await Waiting.UntilAsync(step, async () =>
        {
            try
            {
                answer = await call();
                return answered(answer);
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                return false;
            }
        });
        return answer!;
    }

    public async ValueTask DisposeAsync() => await Inner.DisposeAsync();
}

/// <summary>An event as it stands in the log.</summary>
internal sealed record LoggedEvent(JsonElement Json)
{
    public string Type => Json.GetProperty("type").GetString()!;

    public long Seq => Json.GetProperty("seq").GetInt64();

    public string Time => Json.GetProperty("ts").GetString()!;

    public JsonElement Data => Json.GetProperty("data");

    public string? Text(string name) => Data.GetProperty(name).GetString();

    public bool IsTerminal => Type is "completed" or "failed" or "cancelled";
}

/// <summary>What a worker sends.</summary>
internal static class Sent
{
    public static WorkerAppend Batch(string lease, string? checkpoint, params (string Text, string? Key)[] tokens) => new(
        lease,
        [.. tokens.Select(token => new WorkerEvent("token", JsonSerializer.SerializeToUtf8Bytes(new { channel = "main", delta = token.Text }), token.Key))],
        checkpoint is null ? default : Encoding.UTF8.GetBytes(checkpoint));
}
