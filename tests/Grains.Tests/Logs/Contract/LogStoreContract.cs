using System.Text;

using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Logs.Contract;

/// <summary>What every log store does. A store's tests derive from this and say how to open one.</summary>
public abstract partial class LogStoreContract : IAsyncLifetime
{
    private static readonly LogLimit NoLimit = new(int.MaxValue, int.MaxValue);

    /// <summary>The store under test, empty at the start of each test.</summary>
    protected ILogStore Store { get; private set; } = null!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => Store = await OpenStoreAsync();

    /// <inheritdoc />
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Store is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    /// <summary>Opens a store without any logs.</summary>
    protected abstract ValueTask<ILogStore> OpenStoreAsync();

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static LogTag[] Tags(params string[] pairs) => [.. pairs.Select(pair => pair.Split('=')).Select(parts => new LogTag(parts[0], parts[1]))];

    private static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static IEnumerable<string> Numbered(int first, int count) => Enumerable.Range(first, count).Select(n => $"record {n}");

    private async Task CreateAsync(string id, string head = "head", params string[] tags) =>
        Assert.True(await Store.CreateAsync(new NewLog(id, Bytes(head), Tags(tags))));

    private async Task<Writer> CreateAndOpenAsync(string id, string head = "head", params string[] tags)
    {
        await CreateAsync(id, head, tags);
        return await OpenAsync(id);
    }

    private async Task<Writer> OpenAsync(string id) =>
        new(Store, id, await Store.OpenAsync(id) ?? throw new InvalidOperationException($"There is no log {id}."));

    private async Task<LogState> HeadAsync(string id) => await Store.ReadHeadAsync(id) ?? throw new InvalidOperationException($"There is no log {id}.");

    private async Task<LogPage> PageAsync(string id, long after = 0, LogLimit? limit = null) =>
        await Store.ReadAsync(id, after, limit ?? NoLimit) ?? throw new InvalidOperationException($"There is no log {id}.");

    private async Task<IReadOnlyList<string>> TextsAsync(string id, long after = 0) => (await PageAsync(id, after)).Records.Texts();

    private async Task<string[]> IdsAsync(params string[] tags) => [.. (await Store.ListAsync(new LogQuery(Tags(tags), 1000))).Logs.Select(log => log.Id)];

    /// <summary>One owner of a log, who knows his fence and how far he has come.</summary>
    private sealed class Writer(ILogStore store, string id, OpenedLog opened)
    {
        public OpenedLog Opened { get; } = opened;

        public long Fence => Opened.Fence;

        public long LastSeq { get; set; } = opened.LastSeq;

        /// <summary>The next append of these records.</summary>
        public LogAppend Next(params IEnumerable<string> texts) => new()
        {
            Id = id,
            Fence = Fence,
            ExpectedLastSeq = LastSeq,
            Records = Runs.Of(LastSeq + 1, texts.ToArray()),
        };

        /// <summary>Makes an append, and goes on after it when it was stored.</summary>
        public async Task<AppendResult> TryAsync(LogAppend append)
        {
            var result = await store.AppendAsync(append);
            if (result.Outcome == AppendOutcome.Ok)
            {
                Assert.Equal(append.ExpectedLastSeq + append.Records.Count, result.LastSeq);
                LastSeq = result.LastSeq;
            }

            return result;
        }

        /// <summary>Makes an append that has to succeed.</summary>
        public async Task AppendAsync(LogAppend append) => Assert.Equal(AppendOutcome.Ok, (await TryAsync(append)).Outcome);

        /// <summary>Appends records, which has to succeed.</summary>
        public Task AppendAsync(params IEnumerable<string> texts) => AppendAsync(Next(texts));
    }
}
