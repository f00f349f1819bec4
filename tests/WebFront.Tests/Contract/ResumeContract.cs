using System.Net;

using Holdfast.WebFront.Tests.Clients;
using Holdfast.WebFront.Tests.Hosting;

namespace Holdfast.WebFront.Tests.Contract;

/// <summary>
/// What every transport does: whoever comes back with the cursor of the last event that it has processed gets every later event once, in order,
/// wherever it was cut. A transport's tests derive from this and say how to connect.
/// </summary>
public abstract class ResumeContract(SharedFront front, ITestOutputHelper output)
{
    /// <summary>Fails once, asks for a review once, and is checkpointed all along: every sort of event but the rare ones.</summary>
    private static readonly object Eventful = new { count = 30, interval_ms = 0, size = 12, fail_at = 9, review_at = 18 };

    internal Api Api => front.Api;

    /// <summary>True where tokens may come merged.</summary>
    protected virtual bool Compact => false;

    /// <summary>True where a stream ends by itself after the terminal event, with everything said that section 4 says.</summary>
    protected virtual bool IsStream => true;

    /// <summary>Connects after a cursor, or from the start. Null: the task is told to its end, and there is nothing to connect to.</summary>
    internal abstract Task<Viewer?> ConnectAsync(string task, string? cursor);

    /// <summary>Connects without asking for history.</summary>
    internal abstract Task<Viewer?> ConnectLiveAsync(string task);

    [Fact]
    public async Task FromTheStart_OfAFinishedTask_EveryEventComesOnce_AndThenTheEnd()
    {
        var task = await FinishedAsync();
        await using var viewer = await ConnectAsync(task, null);
        var transcript = await viewer!.ToEndAsync();
        await AssertToldAsync(task, 0, transcript.Events);
        if (IsStream)
        {
            transcript.AssertWhole();
            Assert.Equal("task_finished", transcript.The("closing").Text("reason"));
        }
    }

    [Fact]
    public async Task CutAtEveryPositionInTurn_OfAFinishedTask_EveryEventComesOnce()
    {
        var task = await FinishedAsync();
        await AssertToldAsync(task, 0, await WatchInPiecesAsync(task, () => 1));
    }

    [Fact]
    public async Task CutAtEveryPositionInTurn_WhileTheTaskRuns_EveryEventComesOnce()
    {
        var task = await Api.EchoAsync(new { count = 30, interval_ms = 10, size = 12, fail_at = 9, review_at = 18 });
        var approving = ApproveAsync(task);
        var told = await WatchInPiecesAsync(task, () => 1);
        await approving;
        await AssertToldAsync(task, 0, told);
    }

    [Fact]
    public async Task CutAtRandom_WhileTheTaskRuns_EveryViewerIsToldEveryEventOnce()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var task = await Api.EchoAsync(new { count = 120, interval_ms = 4, size = 30, fail_at = 40, review_at = 80 });
        var approving = ApproveAsync(task);
        var viewers = Enumerable.Range(0, 6).Select(async n =>
        {
            var random = new Random(seed + n);
            return await WatchInPiecesAsync(task, () => random.Next(1, 25));
        });
        var transcripts = await Task.WhenAll(viewers);
        await approving;
        foreach (var told in transcripts)
        {
            await AssertToldAsync(task, 0, told);
        }
    }

    [Fact]
    public async Task LateJoiner_IsToldHistoryAndThenWhatHappens()
    {
        var task = await HandTask.StartAsync(Api);
        await task.TokensAsync("a", "b", "c");
        await using var viewer = await ConnectAsync(task.Id, null);
        await viewer!.UntilSeqAsync(5);
        await task.TokensAsync("d");
        await viewer.UntilSeqAsync(6);
        await task.CompleteAsync();
        var transcript = await viewer.ToEndAsync();
        await AssertToldAsync(task.Id, 0, transcript.Events);
    }

    [Fact]
    public async Task JoinerExactlyAtTheEndOfARunningTask_IsToldOnlyWhatComes()
    {
        var task = await HandTask.StartAsync(Api);
        var last = await task.TokensAsync("a", "b", "c");
        await using var viewer = await ConnectAsync(task.Id, await CursorAsync(task.Id, last));
        var next = viewer!.UntilSeqAsync(last + 1);
        await task.TokensAsync("d");
        Assert.Equal(last + 1, (await next).SeqFrom);
        await task.CompleteAsync();
        await AssertToldAsync(task.Id, last, (await viewer.ToEndAsync()).Events);
    }

    [Fact]
    public async Task JoinerJustBeforeTheTerminalEvent_IsToldThatOneOnly()
    {
        var task = await FinishedAsync();
        var last = (await Api.SnapshotAsync(task)).GetProperty("last_seq").GetInt64();
        await using var viewer = await ConnectAsync(task, await CursorAsync(task, last - 1));
        Assert.Equal("completed", Assert.Single((await viewer!.ToEndAsync()).Events).Type);
    }

    [Fact]
    public async Task CursorOnTheTerminalEvent_NothingComesOnceMore()
    {
        var task = await FinishedAsync();
        var last = (await Api.SnapshotAsync(task)).GetProperty("last_seq").GetInt64();
        await using var viewer = await ConnectAsync(task, await CursorAsync(task, last));
        if (viewer is not null)
        {
            var transcript = await viewer.ToEndAsync();
            Assert.Empty(transcript.Events);
            Assert.True(!IsStream || transcript.Has("caught_up"), transcript.ToString());
        }
    }

    [Fact]
    public async Task CursorAheadOfTheLog_HistoryIsTold_FromTheStart()
    {
        var task = await FinishedAsync();
        await using var viewer = await ConnectAsync(task, await CursorAsync(task, 1_000_000));
        var transcript = await viewer!.ToEndAsync();
        await AssertToldAsync(task, 0, transcript.Events);
        AssertReset(viewer, "cursor_ahead");
    }

    [Fact]
    public async Task CursorOfAnotherEpoch_HistoryIsTold_FromTheStart()
    {
        var task = await FinishedAsync();
        await using var viewer = await ConnectAsync(task, "an-other_1:7");
        var transcript = await viewer!.ToEndAsync();
        await AssertToldAsync(task, 0, transcript.Events);
        AssertReset(viewer, "epoch_changed");
    }

    [Fact]
    public async Task LiveOnly_StartsAfterTheStatusThatItWasShown_AndTellsTheEnd()
    {
        var task = await HandTask.StartAsync(Api);
        await task.TokensAsync("a", "b", "c");
        await using var viewer = await ConnectLiveAsync(task.Id);
        if (viewer is null)
        {
            return;
        }

        var status = await viewer.UntilAsync("current_status");
        await viewer.UntilAsync("caught_up");
        await task.TokensAsync("d", "e");
        await task.CompleteAsync();
        await AssertToldAsync(task.Id, status.Json.GetProperty("last_seq").GetInt64(), (await viewer.ToEndAsync()).Events);
    }

    [Fact]
    public async Task LiveOnly_OnAFinishedTask_IsToldTheTerminalEventAndNothingElse()
    {
        var task = await FinishedAsync();
        await using var viewer = await ConnectLiveAsync(task);
        if (viewer is not null)
        {
            Assert.Equal("completed", Assert.Single((await viewer.ToEndAsync()).Events).Type);
        }
    }

    private void AssertReset(Viewer viewer, string reason)
    {
        if (IsStream)
        {
            Assert.Equal(reason, viewer.Transcript.The("history_reset").Text("reason"));
            Assert.Equal(viewer.Transcript.The("connected").Text("epoch"), viewer.Transcript.The("history_reset").Text("epoch"));
        }
        else
        {
            Assert.True(((PollViewer)viewer).WasReset);
        }
    }

    /// <summary>Watches a task to its end, connection after connection, each cut after some events.</summary>
    private async Task<IReadOnlyList<Message>> WatchInPiecesAsync(string task, Func<int> nextPiece)
    {
        List<Message> told = [];
        string? cursor = null;
        while (true)
        {
            await using var viewer = await ConnectAsync(task, cursor);
            if (viewer is null)
            {
                return told;
            }

            var piece = nextPiece();
            for (var got = 0; got < piece; got++)
            {
                var message = await EventAsync(viewer, $"event {(told.Count == 0 ? 1 : told[^1].Seq + 1)} of task {task}");
                if (message is null)
                {
                    return told;
                }

                told.Add(message);
                cursor = await CursorAsync(task, message.Seq);
            }

            viewer.Cut();
        }
    }

    private static async Task<Message?> EventAsync(Viewer viewer, string step)
    {
        while (await viewer.NextAsync(step) is { } message)
        {
            if (message.IsEvent)
            {
                return message;
            }
        }

        return null;
    }

    private async Task<string> FinishedAsync()
    {
        var task = await Api.EchoAsync(Eventful);
        await ApproveAsync(task);
        Assert.Equal("completed", (await Api.EndOfAsync(task)).GetProperty("status").GetString());
        return task;
    }

    private async Task ApproveAsync(string task)
    {
        await Api.UntilStatusAsync(task, "awaiting_review");
        var review = (await Api.SnapshotAsync(task)).GetProperty("pending_review").GetProperty("review_id").GetString();
        (await Api.PostAsync($"/api/v1/tasks/{task}/review", new { review_id = review, decision = "approve" })).Is(HttpStatusCode.OK);
    }

    private async Task<string> CursorAsync(string task, long seq) => $"{(await Api.SnapshotAsync(task)).GetProperty("epoch").GetString()}:{seq}";

    /// <summary>What was told is the log after a number: byte by byte, merged tokens expanded.</summary>
    private async Task AssertToldAsync(string task, long after, IEnumerable<Message> told)
    {
        var log = (await Api.LogAsync(task)).Where(one => one.Seq > after).ToList();
        var at = 0;
        foreach (var message in told)
        {
            Assert.True(at < log.Count && message.SeqFrom == log[at].Seq, $"Told {message.Raw} where event {(at < log.Count ? log[at].Seq : 0)} is next.");
            var merged = log.Skip(at).TakeWhile(one => one.Seq <= message.Seq).ToList();
            at += merged.Count;
            if (merged.Count == 1)
            {
                Assert.Equal(merged[0].Raw, message.Raw);
                continue;
            }

            Assert.True(Compact, $"Merged without having been asked: {message.Raw}");
            Assert.All(merged, one => Assert.Equal(("token", message.Data.GetProperty("channel").GetString()), (one.Type, one.Data.GetProperty("channel").GetString())));
            Assert.Equal(string.Concat(merged.Select(one => one.Data.GetProperty("delta").GetString())), message.Data.GetProperty("delta").GetString());
            Assert.Equal(merged[^1].Text("ts"), message.Text("ts"));
            Assert.Equal(merged[^1].Seq, message.Seq);
        }

        Assert.Equal(log.Count, at);
    }
}
