using System.Globalization;
using System.Text;

using FsCheck;
using FsCheck.Fluent;

using Holdfast.Grains.Logs;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Logs.Contract;

public abstract partial class LogStoreContract
{
    /// <summary>How many sequences of commands the model is compared over.</summary>
    protected virtual int ModelRuns => 200;

    [Fact]
    public Task AnySequenceOfCommands_ByAnyOwners_AnswersAsTheModel()
    {
        var run = 0;
        var property = Prop.ForAll(LogCommand.Sequences, (LogCommand[] commands) => new ModelRun(Store, $"{++run}:").RunAsync(commands));
        return Task.Run(() => property.Check(Config.QuickThrowOnFailure.WithMaxTest(ModelRuns).WithEndSize(120)));
    }

    /// <summary>Does every command to the store and to the model, and compares the answers. The logs of one run have a prefix and a tag of their own.</summary>
    private sealed class ModelRun(ILogStore store, string prefix)
    {
        private readonly List<ModelLog> _logs = [];
        private readonly Dictionary<(int Owner, int Log), (long Fence, long LastSeq)> _owners = [];
        private readonly Dictionary<int, long> _highestFence = [];

        public async Task RunAsync(IReadOnlyList<LogCommand> commands)
        {
            foreach (var command in commands)
            {
                await (command switch
                {
                    LogCommand.Create create => CreateAsync(create),
                    LogCommand.Open open => OpenAsync(open),
                    LogCommand.Append append => AppendAsync(append),
                    LogCommand.Delete delete => DeleteAsync(delete),
                    LogCommand.Read read => ReadAsync(read),
                    LogCommand.List list => ListAsync(list),
                    _ => throw new InvalidOperationException($"{command} is new here."),
                });
            }

            foreach (var log in _logs)
            {
                await CompareAsync(log);
            }
        }

        private async Task CreateAsync(LogCommand.Create command)
        {
            var created = await store.CreateAsync(new NewLog(Id(command.Log), Bytes("first head"), TagsOf(command.Value)));
            Assert.Equal(Find(command.Log) is null, created);
            if (created)
            {
                _logs.Add(new ModelLog(Id(command.Log), "first head", command.Value));
            }
        }

        private async Task OpenAsync(LogCommand.Open command)
        {
            var opened = await store.OpenAsync(Id(command.Log));
            var log = Find(command.Log);
            Assert.Equal(log is null, opened is null);
            if (log is null || opened is null)
            {
                return;
            }

            Assert.Equal((log.Records.Count, log.Sealed, log.Head), (opened.LastSeq, opened.Sealed, Text(opened.Head)));
            var before = _highestFence.GetValueOrDefault(command.Log);
            Assert.True(opened.Fence > before, $"The fence {opened.Fence} comes after {before}.");
            _highestFence[command.Log] = opened.Fence;
            log.Fence = opened.Fence;
            _owners[(command.Owner, command.Log)] = (opened.Fence, opened.LastSeq);
        }

        private async Task AppendAsync(LogCommand.Append command)
        {
            var (fence, last) = _owners.GetValueOrDefault((command.Owner, command.Log), (1, 0));
            var expected = Math.Max(0, last + command.Off);
            var padding = new string('.', (int)(expected % 40));
            var texts = Enumerable.Range(1, command.Records).Select(n => $"{expected + n} by {command.Owner} {padding}").ToArray();
            var keys = command.Keys ? texts.Select((_, i) => new RecordKey(expected + 1 + i, $"key {i}")).Where(key => key.Seq % 2 == 0).ToArray() : [];
            var result = await store.AppendAsync(new LogAppend
            {
                Id = Id(command.Log),
                Fence = fence,
                ExpectedLastSeq = expected,
                Records = Runs.Of(expected + 1, texts),
                Keys = keys,
                Head = command.Head is { } head ? Bytes($"head {head}") : default(ReadOnlyMemory<byte>?),
                Tags = command.Value is { } value ? TagsOf(value) : null,
                Blob = command.Blob ? new LogBlob("blob", Bytes($"blob at {expected}")) : null,
                Seal = command.Seal,
            });

            var log = Find(command.Log);
            var outcome = log is null ? AppendOutcome.NotFound
                : log.Fence != fence ? AppendOutcome.Fenced
                : log.Sealed ? AppendOutcome.Sealed
                : log.Records.Count != expected ? AppendOutcome.Mismatch
                : AppendOutcome.Ok;
            if (log is not null && outcome == AppendOutcome.Ok)
            {
                log.Records.AddRange(texts);
                log.Head = command.Head is null ? log.Head : $"head {command.Head}";
                log.Blob = command.Blob ? $"blob at {expected}" : log.Blob;
                log.Sealed = command.Seal;
                foreach (var key in keys)
                {
                    log.Keys.Add(key.Seq, key.Key);
                }

                if (command.Value is { } newValue)
                {
                    log.SetTags(newValue);
                }
            }

            Assert.Equal(new AppendResult(outcome, log?.Records.Count ?? 0), result);
            if (outcome is AppendOutcome.Ok or AppendOutcome.Mismatch)
            {
                _owners[(command.Owner, command.Log)] = (fence, result.LastSeq);
            }
        }

        private async Task DeleteAsync(LogCommand.Delete command)
        {
            var log = Find(command.Log);
            Assert.Equal(log is not null, await store.DeleteAsync(Id(command.Log)));
            if (log is not null)
            {
                _logs.Remove(log);
            }
        }

        private async Task ReadAsync(LogCommand.Read command)
        {
            var page = await store.ReadAsync(Id(command.Log), command.After, new LogLimit(command.Records, command.Bytes));
            var log = Find(command.Log);
            Assert.Equal(log is null, page is null);
            if (log is null || page is null)
            {
                return;
            }

            var (expected, size) = (new List<string>(), 0);
            foreach (var text in log.Records.Skip(command.After).Take(command.Records))
            {
                size += text.Length + 2;
                if (size > command.Bytes && expected.Count > 0)
                {
                    break;
                }

                expected.Add(text);
            }

            Assert.Equal(log.Records.Count, page.LastSeq);
            Assert.Equal(expected, page.Records.Texts());
            Assert.Equal(KeysOf(log, command.After, command.After + expected.Count), page.Keys);
        }

        private async Task ListAsync(LogCommand.List command)
        {
            LogTag?[] wanted = [new LogTag("run", prefix), Tag("value", command.Value), Tag("odd", command.Odd)];
            var tags = wanted.OfType<LogTag>().ToArray();
            var matching = _logs.Where(log => tags.Skip(1).All(tag => log.Tags[tag.Name] == tag.Value));
            var expected = (command.OldestFirst ? matching : matching.Reverse()).Select(log => (log.Id, log.Records.Count, log.Head, log.Sealed)).ToArray();

            var listed = new List<(string, int, string, bool)>();
            for (string? cursor = null; ;)
            {
                var list = await store.ListAsync(new LogQuery(tags, command.Limit, cursor, command.OldestFirst));
                listed.AddRange(list.Logs.Select(log => (log.Id, (int)log.LastSeq, Text(log.Head), log.Sealed)));
                cursor = list.NextCursor;
                if (cursor is null)
                {
                    break;
                }
            }

            Assert.Equal(expected, listed);
            var counts = matching.GroupBy(log => log.Tags["value"]).ToDictionary(group => group.Key, group => (long)group.Count());
            Assert.Equal(counts, await store.CountAsync("value", tags));
        }

        private async Task CompareAsync(ModelLog log)
        {
            var head = (await store.ReadHeadAsync(log.Id))!;
            Assert.Equal((log.Records.Count, log.Head, log.Sealed), (head.LastSeq, Text(head.Head), head.Sealed));
            var page = (await store.ReadAsync(log.Id, 0, NoLimit))!;
            Assert.Equal((head.Epoch, head.LastSeq), (page.Epoch, page.LastSeq));
            Assert.Equal(log.Records, page.Records.Texts());
            Assert.Equal(KeysOf(log, 0, log.Records.Count), page.Keys);
            var blob = await store.ReadBlobAsync(log.Id, "blob");
            Assert.Equal(log.Blob, blob is null ? null : Encoding.UTF8.GetString(blob.Value.Span));
        }

        private static IEnumerable<RecordKey> KeysOf(ModelLog log, long after, long last) =>
            log.Keys.Where(key => key.Key > after && key.Key <= last).OrderBy(key => key.Key).Select(key => new RecordKey(key.Key, key.Value));

        private static LogTag? Tag(string name, int? value) => value is null ? null : new LogTag(name, value.Value.ToString(CultureInfo.InvariantCulture));

        private LogTag[] TagsOf(int value) => [new("run", prefix), Tag("value", value)!.Value, Tag("odd", value % 2)!.Value];

        private string Id(int log) => $"{prefix}{log}";

        private ModelLog? Find(int log) => _logs.Find(candidate => candidate.Id == Id(log));
    }
}
