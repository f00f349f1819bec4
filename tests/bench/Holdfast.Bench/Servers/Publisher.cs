using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Bench.Servers;

/// <summary>Publishes inside the server's process, the same way whichever server it is. Every event carries the time of its publication.</summary>
internal sealed class Publisher
{
    /// <summary>Makes an event of about 200 bytes, with everything around it.</summary>
    private const int TextLength = 78;

    private const int Piece = 100;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<ITopic>> _topics = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, long> _starts = new(StringComparer.Ordinal);

    /// <summary>A topic is there.</summary>
    public void Add(string name, ITopic topic)
    {
        Slot(name).TrySetResult(topic);
        Started(name);
    }

    /// <summary>A topic is gone.</summary>
    public void Remove(string name)
    {
        _topics.TryRemove(name, out _);
        Ended(name);
    }

    /// <summary>The generator of a topic runs here from now on, whoever writes to it.</summary>
    public void Started(string name) => _starts[name] = Stopwatch.GetTimestamp();

    /// <summary>It no longer does.</summary>
    public void Ended(string name) => _starts.TryRemove(name, out _);

    /// <summary>The topics whose generators run here, and since when.</summary>
    public Dictionary<string, long> Starts() => _starts.ToDictionary(StringComparer.Ordinal);

    /// <summary>Publishes. Complete when everything is handed over.</summary>
    public async Task<PublishResult> PublishAsync(PublishPlan plan)
    {
        var topics = await Task.WhenAll(plan.Topics.Select(name => Slot(name).Task));
        var start = Stopwatch.GetTimestamp();
        var events = plan.Mode switch
        {
            PublishMode.Paced => await Task.Factory.StartNew(() => Pace(topics, plan), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
            PublishMode.Closed => (await Task.WhenAll(topics.Select(topic => Task.Run(() => CloseAsync(topic, plan.Seconds))))).Sum(),
            _ => (await Task.WhenAll(topics.Select(topic => Task.Run(() => BurstAsync(topic, plan.Events))))).Sum(),
        };
        return new PublishResult(events, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private TaskCompletionSource<ITopic> Slot(string name) =>
        _topics.GetOrAdd(name, static _ => new TaskCompletionSource<ITopic>(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>On a thread of its own, a look at the clock every millisecond: thousands of timers would be measured otherwise.</summary>
    private static long Pace(ITopic[] topics, PublishPlan plan)
    {
        var total = (long)topics.Length * plan.Events;
        var start = Stopwatch.GetTimestamp();
        for (var done = 0L; done < total;)
        {
            var due = Math.Min(total, (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * plan.PerSecond * topics.Length) + 1);
            for (; done < due; done++)
            {
                var appended = topics[done % topics.Length].AppendAsync([Text()]);
                if (!appended.IsCompletedSuccessfully)
                {
                    appended.AsTask().Wait();
                }
            }

            Thread.Sleep(1);
        }

        return total;
    }

    private static async Task<long> CloseAsync(ITopic topic, double seconds)
    {
        var events = 0L;
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; events++)
        {
            await topic.AppendAsync([Text()]);
            await topic.FlushAsync();
        }

        return events;
    }

    private static async Task<long> BurstAsync(ITopic topic, int events)
    {
        for (var done = 0; done < events; done += Piece)
        {
            await topic.AppendAsync([.. Enumerable.Range(0, Math.Min(Piece, events - done)).Select(_ => Text())]);
        }

        await topic.FlushAsync();
        return events;
    }

    /// <summary>The time, and letters. The clock is the same for all processes of a machine.</summary>
    public static string Text() => string.Create(TextLength, Stopwatch.GetTimestamp(), static (text, now) =>
    {
        now.TryFormat(text, out var at, default, CultureInfo.InvariantCulture);
        text[at++] = ':';
        for (; at < text.Length; at++)
        {
            text[at] = (char)('a' + (at % 26));
        }
    });
}
