using System.Globalization;

using Holdfast.Grains.Events;
using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport.Logs;
using Holdfast.TestSupport.Tasks;
using Holdfast.WebFront.Tests.Clients;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>Does every command to a task, its feed and its sessions, and knows what each log really has.</summary>
internal sealed class HandoverModel
{
    public const string TaskId = "t_handover";

    private static readonly string[] Channels = ["main", "notes", "a\\\"b"];

    private readonly List<EpochLog> _logs = [];
    private readonly List<HandoverSession> _sessions;
    private bool _held;
    private int _written;

    public HandoverModel() => _sessions = [.. Enumerable.Range(0, HandoverCommand.Sessions).Select(_ => new HandoverSession(this))];

    public FeedRig Rig { get; } = new();

    public bool Deleted { get; private set; }

    public int Epochs => _logs.Count;

    private EpochLog Log => _logs[^1];

    public async Task RunAsync(IReadOnlyList<HandoverCommand> commands)
    {
        await BeginAsync();
        foreach (var command in commands)
        {
            await DoAsync(command);
        }

        // Whatever was lost on the way: in the end the task ends, the log answers, and one renewal comes through.
        await ReleaseAsync();
        if (!Deleted)
        {
            await WriteAsync(task => task.Complete());
        }

        Feeds().ForEach(feed => feed.Learn(Log.Positions[^1]));
        foreach (var (session, n) in _sessions.Select((session, n) => (session, n)))
        {
            await session.DrainAsync(compact: n % 2 == 0);
        }
    }

    /// <summary>Where a log stood so many appends before its latest.</summary>
    public FeedPosition PositionOf(string epoch, int ago)
    {
        var positions = _logs.Find(log => log.Epoch == epoch)!.Positions;
        return positions[Math.Max(0, positions.Count - 1 - ago)];
    }

    /// <summary>The last event of a log.</summary>
    public long EndOf(string epoch) => _logs.Find(log => log.Epoch == epoch)!.Events.Count;

    /// <summary>Checks one message against the log: the next event as it was stored, or a row of tokens merged.</summary>
    public void Check(string epoch, long after, Message message, bool compact)
    {
        var log = _logs.Find(candidate => candidate.Epoch == epoch)!;
        Assert.True(message.SeqFrom == after + 1, $"After event {after} came {message.Raw}.");
        Assert.True(message.Seq <= log.Events.Count, $"Event {message.Seq} was shown and is not stored.");
        if (message.SeqFrom == message.Seq)
        {
            Assert.Equal(log.Events[(int)after], message.Raw);
            return;
        }

        Assert.True(compact, $"Merged without having been asked: {message.Raw}");
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(message.Raw) <= Rig.Limits.MergedBytes, "A merged event is too large.");
        var merged = log.Events.Skip((int)after).Take((int)(message.Seq - after)).Select(text => new Message(text)).ToList();
        var channel = message.Data.GetProperty("channel").GetString();
        Assert.All(merged, one => Assert.Equal(("token", channel), (one.Type, one.Data.GetProperty("channel").GetString())));
        Assert.Equal(string.Concat(merged.Select(one => one.Data.GetProperty("delta").GetString())), message.Data.GetProperty("delta").GetString());
        Assert.Equal(merged[^1].Text("ts"), message.Text("ts"));
        log.Merged.Add((message.SeqFrom, message.Seq));
    }

    /// <summary>Whatever was merged, no broken try ever began in the midst of it: not then, and not later.</summary>
    public void CheckCuts()
    {
        foreach (var log in _logs)
        {
            var cuts = log.Events.Select(text => new Message(text)).Where(one => one.Type == "retrying").Select(one => one.Data.GetProperty("supersedes_after").GetInt64());
            foreach (var cut in cuts)
            {
                Assert.DoesNotContain(log.Merged, merged => merged.From <= cut && cut < merged.To);
            }
        }
    }

    private async Task DoAsync(HandoverCommand command)
    {
        switch (command)
        {
            case HandoverCommand.Write write:
                await WriteAsync(task => task.Append(write.Checkpoint, [.. Enumerable.Range(0, write.Events).Select(_ => Draft(write.Channel))]));
                break;
            case HandoverCommand.Break { Interrupted: var interrupted }:
                await WriteAsync(task => (interrupted ? (Action)task.Interrupt : task.FailAttempt)());
                break;
            case HandoverCommand.Finish:
                await WriteAsync(task => task.Complete());
                break;
            case HandoverCommand.Deliver deliver:
                foreach (var feed in Feeds())
                {
                    var position = PositionOf(Log.Epoch, deliver.Ago);
                    var events = Log.Run.UpTo(position.LastSeq).After(Math.Max(0, position.LastSeq - deliver.Events));
                    await feed.OnBatchAsync(new FeedBatch(position, deliver.Events == 0 ? RecordRun.Empty : events));
                }

                break;
            case HandoverCommand.Renew renew:
                Feeds().ForEach(feed => feed.Learn(PositionOf(Log.Epoch, renew.Ago)));
                break;
            case HandoverCommand.Connect connect:
                await _sessions[connect.Session].ConnectAsync(connect);
                break;
            case HandoverCommand.Step step:
                await _sessions[step.Session].StepAsync(step.Steps, step.Bytes, wait: !_held);
                break;
            case HandoverCommand.HoldReads:
                Rig.Reader.Hold();
                _held = true;
                break;
            case HandoverCommand.ReleaseReads:
                await ReleaseAsync();
                break;
            case HandoverCommand.NewEpoch when !Deleted:
                await Rig.Store.DeleteAsync(TaskId);
                await BeginAsync();
                break;
            case HandoverCommand.Delete when !Deleted && Log.Positions[^1].Sealed:
                await Rig.Store.DeleteAsync(TaskId);
                Deleted = true;
                break;
        }
    }

    /// <summary>Every feed that was ever made and still hears: messages that are under way reach it whether it is in use or not.</summary>
    private List<WebFront.Feeds.TaskFeed> Feeds() => [.. Rig.Feeds.All];

    private EventDraft Draft(int channel) => channel < Channels.Length
        ? EventDraft.Token(Channels[channel], string.Create(CultureInfo.InvariantCulture, $"{++_written}\"é\n{new string('.', _written % 60)}"))
        : EventDraft.Debug("between");

    private async Task ReleaseAsync()
    {
        Rig.Reader.Release();
        _held = false;
        foreach (var session in _sessions)
        {
            await session.SettleAsync();
        }
    }

    private async Task BeginAsync()
    {
        var task = await TaskByHand.StartAsync(Rig.Store, TaskId, new TaskOptions { MaxCuts = 3 }, Rig.Clock);
        _logs.Add(new EpochLog(task, (await Rig.Store.ReadAsync(TaskId, 0, new LogLimit(1000, 1 << 20)))!.Records));
    }

    private async Task WriteAsync(Action<TaskByHand> write)
    {
        if (!Deleted && !Log.Positions[^1].Sealed)
        {
            write(Log.Task);
            Log.Add(await Log.Task.StoreAsync());
        }
    }

    /// <summary>What a log has, and where it stood after each append.</summary>
    private sealed class EpochLog
    {
        public EpochLog(TaskByHand task, RecordRun run)
        {
            Task = task;
            Add(run);
        }

        public TaskByHand Task { get; }

        public string Epoch => Task.Position.Epoch;

        public List<string> Events { get; } = [];

        public RecordRun Run { get; private set; } = RecordRun.Empty;

        public List<FeedPosition> Positions { get; } = [];

        public List<(long From, long To)> Merged { get; } = [];

        public void Add(RecordRun run)
        {
            Run = RecordRun.Join([Run, run]);
            Events.AddRange(run.Texts());
            Positions.Add(Task.Position);
        }
    }
}
