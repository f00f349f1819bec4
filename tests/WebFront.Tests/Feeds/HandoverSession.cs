using System.Buffers;

using Holdfast.Grains.Events;
using Holdfast.Grains.Logs;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Transports.WebSockets;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Tests.Feeds;

/// <summary>
/// One session's place in a task, driven step by step as a connection's loop drives it, and checked at every step against the log that its epoch
/// really has.
/// </summary>
internal sealed class HandoverSession(HandoverModel model)
{
    private TaskFeed? _feed;
    private ViewerScript? _script;
    private Task _stepping = Task.CompletedTask;
    private bool _compact;
    private bool _batch;
    private bool _caughtUp;
    private long _mustPrecede;
    private Cursor? _cursor;

    /// <summary>Nothing comes any more: the task is told to its end, or is gone.</summary>
    public bool Over { get; private set; }

    /// <summary>Connects as new, in place of what was.</summary>
    public async Task ConnectAsync(HandoverCommand.Connect how)
    {
        if (!_stepping.IsCompleted)
        {
            return;
        }

        (_compact, _batch, _caughtUp, Over) = (how.Compact, how.Batch, false, false);
        if (await model.Rig.Feeds.FindAsync(HandoverModel.TaskId, CancellationToken.None) is not { } found)
        {
            Assert.True(model.Deleted, "The log was not found.");
            Over = true;
            return;
        }

        _feed = found.Feed;
        var position = _feed.Position;
        var status = model.PositionOf(position.Epoch, how.StatusAgo);
        Cursor? after = how.Beginning switch
        {
            Beginning.Cursor => _cursor,
            Beginning.Ahead => new Cursor(position.Epoch, position.LastSeq + 1),
            _ => null,
        };
        _script = new ViewerScript(new ViewerStart(after, how.Beginning == Beginning.Start), position, TaskFeed.VisibleEnd(status));

        var expected = after is null ? null : after.Value.Epoch != position.Epoch ? "epoch_changed" : after.Value.Seq > position.LastSeq ? "cursor_ahead" : null;
        Assert.Equal(expected, _script.ResetReason);
        var begin = after is { } cursor ? (expected is null ? cursor.Seq : 0) : how.Beginning == Beginning.Start ? 0 : TaskFeed.VisibleEnd(status);
        Assert.Equal(begin, _script.Position);
        _cursor = new Cursor(position.Epoch, begin);
        _mustPrecede = TaskFeed.VisibleEnd(position);
    }

    /// <summary>Does what comes next, so many times, unless it still waits for the log.</summary>
    public async Task StepAsync(int steps, int bytes, bool wait)
    {
        if (!_stepping.IsCompleted)
        {
            return;
        }

        await _stepping;
        _stepping = GoAsync(steps, bytes);
        if (wait)
        {
            await _stepping;
        }
    }

    /// <summary>Waits for the log's answer, if one is under way.</summary>
    public Task SettleAsync() => _stepping;

    /// <summary>Reads on to the end.</summary>
    public async Task DrainAsync(bool compact)
    {
        await _stepping;
        for (var round = 0; !Over; round++)
        {
            Assert.True(round < 1000, $"The session stands still at {_cursor} of {_feed?.Position}.");
            if (_script is null)
            {
                await ConnectAsync(new HandoverCommand.Connect(0, Beginning.Start, compact, true, 0));
            }
            else
            {
                await GoAsync(1, 500);
            }
        }
    }

    private async Task GoAsync(int steps, int bytes)
    {
        for (; steps > 0 && !Over && _script is { } script && _feed is { } feed; steps--)
        {
            if (feed.Gone)
            {
                await ComeBackAsync();
                continue;
            }

            var position = feed.Position;
            switch (script.Next(position))
            {
                case ViewerStep.Events:
                    var behind = script.Replaying || position.LastSeq - script.Position > model.Rig.Limits.CompactLag;
                    await TakeAsync(await feed.ReadAsync(script.Position, _compact && behind, bytes), terminal: false);
                    break;
                case ViewerStep.CaughtUp:
                    Assert.False(_caughtUp, "History ended twice.");
                    Assert.True(script.Position >= _mustPrecede, $"History ended at {script.Position}, and the log had {_mustPrecede} events.");
                    _caughtUp = true;
                    script.SentCaughtUp();
                    break;
                case ViewerStep.Terminal:
                    Assert.True(_caughtUp, "The terminal event came before history had ended.");
                    await TakeAsync(await feed.ReadTerminalAsync(), terminal: true);
                    break;
                case ViewerStep.Finished:
                    Assert.True(_caughtUp, "The end came before history had ended.");
                    Assert.Equal(model.EndOf(position.Epoch), _cursor!.Value.Seq);
                    Over = true;
                    break;
                case ViewerStep.Wait:
                    return;
            }
        }
    }

    private async Task TakeAsync(FeedSlice? slice, bool terminal)
    {
        if (slice is not { } read)
        {
            await ComeBackAsync();
            return;
        }

        var before = _cursor!.Value;
        foreach (var message in Messages(read))
        {
            Assert.Equal(terminal, message.IsTerminal);
            model.Check(before.Epoch, _cursor!.Value.Seq, message, _compact);
            _cursor = new Cursor(before.Epoch, message.Seq);
        }

        Assert.Equal(read.Last, _cursor!.Value.Seq);
        _script!.Sent(read.Last);
    }

    /// <summary>The messages in a slice, through the array form and back where the session asked for it.</summary>
    private List<Message> Messages(FeedSlice slice)
    {
        var texts = Texts(new RecordRun(1, slice.Messages, slice.Frames));
        if (_batch)
        {
            var output = new ArrayBufferWriter<byte>();
            BatchFrames.Write(output, slice, 400);
            var frames = Texts(new RecordRun(1, 0, output.WrittenMemory));
            Assert.Equal(texts, frames.SelectMany(frame => System.Text.Json.JsonElement.Parse(frame).EnumerateArray().Select(one => one.GetRawText())));
        }

        return [.. texts.Select(text => new Message(text))];
    }

    private static List<string> Texts(RecordRun run)
    {
        List<string> texts = [];
        foreach (var (_, bytes) in run)
        {
            texts.Add(System.Text.Encoding.UTF8.GetString(bytes.Span));
        }

        return texts;
    }

    /// <summary>The log is gone, or is another one: whoever has a cursor comes back with it.</summary>
    private async Task ComeBackAsync()
    {
        (_feed, _script) = (null, null);
        Assert.True(model.Deleted || model.Epochs > 1, "The feed was gone, and its log was not.");
        var stepping = _stepping;
        _stepping = Task.CompletedTask;
        await ConnectAsync(new HandoverCommand.Connect(0, Beginning.Cursor, _compact, _batch, 0));
        _stepping = stepping;
    }
}
