using System.Collections.Concurrent;

using Holdfast.Grains.Feeds;
using Holdfast.Grains.Tasks;
using Holdfast.TestSupport;
using Holdfast.TestSupport.Logs;

namespace Holdfast.Grains.Tests.Tasks;

/// <summary>Whatever fronts do and whenever they answer: each is told of the log in order, once, one batch at a time, and nobody waits for another.</summary>
public sealed class TaskDeliveryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void AnySchedule_TellsEveryFrontInOrder_AndOnce()
    {
        for (var run = 0; run < 300; run++)
        {
            var seed = Random.Shared.Next();
            try
            {
                new Schedule(seed).Run();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}", e);
            }
        }
    }

    [Fact]
    public async Task AnswersFromManyThreads_WhileTheLogGrows_KeepTheOrder()
    {
        var model = new Model(new Random(1), answerAtOnce: false);
        for (var n = 0; n < 4; n++)
        {
            model.Watch(n);
        }

        using var stop = new CancellationTokenSource();
        var answering = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                model.AnswerOne(fail: false);
            }
        })).ToArray();
        await Task.Run(() =>
        {
            for (var n = 0; n < 5000; n++)
            {
                model.Store(1);
            }
        });
        await Waiting.UntilAsync("all fronts know all", () => model.AllKnowAll);
        await stop.CancelAsync();
        await Task.WhenAll(answering);
        model.Check();
    }

    [Fact]
    public void WhatAnEarlierWriterStored_IsToldToNobody()
    {
        var (delivery, heard) = (new TaskDelivery(new TaskOptions(), (_, _) => { }), new List<FeedBatch>());
        var (early, late) = (new object(), new object());
        delivery.Begin(early, Model.At(3), null);
        delivery.Begin(late, Model.At(3), null);
        Assert.NotNull(delivery.Watch(new FrontWatch("f", new Heard(heard), []), Noon));
        delivery.Stored(early, Model.At(4), Runs.Of(4, "4"));
        Assert.Empty(heard);
        delivery.Stored(late, Model.At(4), Runs.Of(4, "4"));
        Assert.Equal([4L], heard.Select(batch => batch.Position.LastSeq));
    }

    [Fact]
    public void ANewWriter_TellsNobodyBeforeTheyWatchAnew()
    {
        var (delivery, heard, writer) = (new TaskDelivery(new TaskOptions(), (_, _) => { }), new List<FeedBatch>(), new object());
        delivery.Begin(writer, Model.At(0), null);
        delivery.Watch(new FrontWatch("f", new Heard(heard), ["s"]), Noon);
        delivery.End();
        Assert.Null(delivery.Watch(new FrontWatch("f", new Heard(heard), ["s"]), Noon));
        Assert.Null(delivery.Renew(new FrontRenewal("f", ["s"]), Noon));
        delivery.Begin(writer, Model.At(0), null);
        delivery.Stored(writer, Model.At(1), Runs.Of(1, "1"));
        Assert.Empty(heard);
        Assert.False(delivery.Renew(new FrontRenewal("f", ["s"]), Noon)!.Value.Watching);
        Assert.Equal(1, delivery.Viewers);
    }

    private sealed class Heard(List<FeedBatch> heard) : IFeedObserver
    {
        public ValueTask OnBatchAsync(FeedBatch batch)
        {
            heard.Add(batch);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Commands at random; at the end everything is answered, and whoever is not sent anything watches anew.</summary>
    private sealed class Schedule(int seed)
    {
        public void Run()
        {
            var random = new Random(seed);
            var model = new Model(random, answerAtOnce: random.Next(2) == 0);
            for (var step = 0; step < 120; step++)
            {
                switch (random.Next(9))
                {
                    case 0:
                        model.Watch(random.Next(3));
                        break;
                    case 1:
                        model.Renew(random.Next(3));
                        break;
                    case 2:
                        model.AnswerOne(fail: true);
                        break;
                    case 3 when random.Next(8) == 0:
                        model.NewWriter();
                        break;
                    case 4 or 5:
                        model.AnswerOne(fail: false);
                        break;
                    default:
                        model.Store(random.Next(4));
                        break;
                }
            }

            model.Settle();
            model.Check();
        }
    }

    /// <summary>A log, fronts that answer late, badly or at once, and what each was told.</summary>
    private sealed class Model
    {
        private readonly Random _random;
        private readonly bool _answerAtOnce;
        private readonly TaskDelivery _delivery = new(new TaskOptions { MaxBatchBytes = 40 }, (_, _) => { });
        private readonly ConcurrentDictionary<int, Front> _fronts = new();
        private readonly ConcurrentQueue<(Front Front, TaskCompletionSource Call)> _calls = new();
        private object _writer = new();
        private long _last;

        public Model(Random random, bool answerAtOnce)
        {
            (_random, _answerAtOnce) = (random, answerAtOnce);
            _delivery.Begin(_writer, At(0), null);
        }

        public bool AllKnowAll => _fronts.Values.All(front => front.Position == Volatile.Read(ref _last));

        public static FeedPosition At(long last) => new("e", 1, last, false, 0, [], 0);

        public void Store(int records)
        {
            var run = Runs.Of(_last + 1, [.. Enumerable.Range(0, records).Select(n => $"{_last + 1 + n}")]);
            Volatile.Write(ref _last, run.Last);
            _delivery.Stored(_writer, At(run.Last), run);
        }

        public void Watch(int front)
        {
            var one = _fronts[front] = new Front(this);
            one.Begin(_delivery.Watch(new FrontWatch($"f{front}", one, [$"s{front}"]), Noon)!.LastSeq);
        }

        public void Renew(int front)
        {
            if (_fronts.ContainsKey(front) && !_delivery.Renew(new FrontRenewal($"f{front}", []), Noon)!.Value.Watching)
            {
                Watch(front);
            }
        }

        public void NewWriter()
        {
            _writer = new object();
            _delivery.End();
            _delivery.Begin(_writer, At(_last), null);
        }

        public void AnswerOne(bool fail)
        {
            if (_calls.TryDequeue(out var next))
            {
                next.Front.Answered();
                if (fail)
                {
                    next.Call.SetException(new TimeoutException("no answer"));
                }
                else
                {
                    next.Call.SetResult();
                }
            }
        }

        /// <summary>All answers come; one renewal of each front; and one more event.</summary>
        public void Settle()
        {
            AnswerAll();
            foreach (var front in _fronts.Keys)
            {
                Renew(front);
            }

            Store(1);
            AnswerAll();
        }

        public void Check() => Assert.All(_fronts.Values, front => Assert.Equal(_last, front.Position));

        private void AnswerAll()
        {
            while (!_calls.IsEmpty)
            {
                AnswerOne(fail: false);
            }
        }

        private sealed class Front(Model model) : IFeedObserver
        {
            private int _inFlight;

            /// <summary>How far it was told that the log goes.</summary>
            public long Position { get; private set; }

            public void Begin(long position) => Position = Math.Max(Position, position);

            public void Answered() => Interlocked.Decrement(ref _inFlight);

            public ValueTask OnBatchAsync(FeedBatch batch)
            {
                Assert.True(Interlocked.Increment(ref _inFlight) == 1, "Two batches were in flight.");
                Assert.True(batch.Position.LastSeq > Position, $"{batch.Position.LastSeq} came after {Position}.");
                if (!batch.Events.IsEmpty)
                {
                    Assert.Equal((Position + 1, batch.Position.LastSeq), (batch.Events.First, batch.Events.Last));
                    Assert.Equal(Enumerable.Range((int)batch.Events.First, batch.Events.Count).Select(n => $"{n}"), batch.Events.Texts());
                }

                Position = batch.Position.LastSeq;
                if (model._answerAtOnce && model._random.Next(2) == 0)
                {
                    Answered();
                    return ValueTask.CompletedTask;
                }

                var call = new TaskCompletionSource();
                model._calls.Enqueue((this, call));
                return new ValueTask(call.Task);
            }
        }
    }
}
