using System.Diagnostics.CodeAnalysis;

using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// Who watches a task: the fronts, each under a lease and with at most one batch in flight, and their viewers.
/// Pure: it says what to send to whom; the grain sends.
/// </summary>
internal sealed class Watchers(TaskOptions options)
{
    /// <summary>Stands for a call that is about to be made.</summary>
    private static readonly Task s_beingSent = new TaskCompletionSource().Task;

    private readonly Dictionary<string, Front> _fronts = new(StringComparer.Ordinal);
    private readonly Queue<RecordRun> _recent = new();
    private int _recentBytes;
    private FeedPosition? _position;

    /// <summary>Called with a front that did not take a batch.</summary>
    public Action<string, Exception>? Deaf { get; set; }

    /// <summary>Distinct viewers on all fronts.</summary>
    public int Viewers { get; private set; }

    /// <summary>Since when nobody watches; null while somebody does, or when nobody ever did.</summary>
    public DateTimeOffset? DesertedSince { get; private set; }

    /// <summary>When the next front's lease runs out; null when there is none.</summary>
    public DateTimeOffset? NextExpiry => _fronts.Count == 0 ? null : _fronts.Values.Min(front => front.ExpiresAt);

    /// <summary>A front begins to watch at <paramref name="position"/>; everything after it will be sent.</summary>
    public void Watch(FrontWatch watch, FeedPosition position, DateTimeOffset now)
    {
        var front = Renewed(watch.Front, now);
        front.Observer = watch.Observer;
        front.Generation++;
        front.SentTo = position.LastSeq;
        (front.Call, front.Awaited) = (null, false);
        SetSessions(front, watch.Sessions, now);
    }

    /// <summary>Extends a lease. False when the front is not watching: it has to begin anew.</summary>
    public bool Renew(FrontRenewal renewal, DateTimeOffset now)
    {
        var front = Renewed(renewal.Front, now);
        SetSessions(front, renewal.Sessions, now);
        Settle(front);
        return front.Observer is not null;
    }

    /// <summary>A viewer has come.</summary>
    public void Join(string front, string session, DateTimeOffset now)
    {
        var entry = Renewed(front, now);
        entry.Sessions.Add(session);
        entry.Joined.Add(session);
        Count(now);
    }

    /// <summary>A viewer has left.</summary>
    public void Leave(string front, string session, DateTimeOffset now)
    {
        if (_fronts.TryGetValue(front, out var entry) && entry.Sessions.Remove(session))
        {
            entry.Joined.Remove(session);
            Count(now);
        }
    }

    /// <summary>A front watches no more.</summary>
    public void Remove(string front, DateTimeOffset now)
    {
        if (_fronts.Remove(front))
        {
            Count(now);
        }
    }

    /// <summary>The log is written elsewhere, or not at all: fronts are sent nothing until they watch anew. Their viewers stay until the lease runs out.</summary>
    public void StopSending()
    {
        foreach (var front in _fronts.Values)
        {
            (front.Observer, front.Call, front.Awaited) = (null, null, false);
            front.Generation++;
        }

        (_position, _recentBytes) = (null, 0);
        _recent.Clear();
    }

    /// <summary>Drops fronts whose lease has run out.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach (var (id, front) in _fronts)
        {
            if (front.ExpiresAt <= now)
            {
                _fronts.Remove(id);
            }
        }

        Count(now);
    }

    /// <summary>The log has grown; what has been stored is kept for pushing while it is recent.</summary>
    public void Grown(FeedPosition position, RecordRun run)
    {
        _position = position;
        if (_fronts.Count == 0)
        {
            _recent.Clear();
            _recentBytes = 0;
            return;
        }

        if (!run.IsEmpty)
        {
            _recent.Enqueue(run);
            _recentBytes += run.Bytes.Length;
            while (_recentBytes > options.MaxBatchBytes)
            {
                _recentBytes -= _recent.Dequeue().Bytes.Length;
            }
        }
    }

    /// <summary>
    /// What has to be sent now, one after the other: to every front that has nothing in flight and does not know it all.
    /// <see cref="Sent"/> is called for each; until then its front is given nothing else.
    /// </summary>
    public bool TryTakeSending(out Sending sending)
    {
        foreach (var front in _fronts.Values)
        {
            if (NextFor(front) is { } next)
            {
                sending = next;
                return true;
            }
        }

        sending = default;
        return false;
    }

    /// <summary>A batch is on its way to its front until <paramref name="call"/> is complete.</summary>
    public void Sent(Sending sending, Task call)
    {
        if (_fronts.TryGetValue(sending.Front, out var front) && front.Generation == sending.Generation)
        {
            front.Call = call;
        }
    }

    /// <summary>
    /// A batch in flight whose end has to be awaited, because there is news for its front already; each is given once. All others are looked at when
    /// there is news: most tasks speak so seldom that the answer is there by then, and thousands of them need not be woken for it.
    /// </summary>
    public bool TryTakeAwaited([NotNullWhen(true)] out Task? call)
    {
        foreach (var front in _fronts.Values)
        {
            if (front is { Call: { } inFlight, Awaited: false } && inFlight != s_beingSent && _position is not null && front.SentTo < _position.LastSeq)
            {
                front.Awaited = true;
                call = inFlight;
                return true;
            }
        }

        call = null;
        return false;
    }

    private Sending? NextFor(Front front)
    {
        if (!Settle(front) || front.Observer is null || _position is null || front.SentTo >= _position.LastSeq)
        {
            return null;
        }

        var batch = new FeedBatch(_position, Recent(front.SentTo));
        (front.SentTo, front.Call) = (_position.LastSeq, s_beingSent);
        ForgetSent();
        return new Sending(front.Id, front.Generation, front.Observer, batch);
    }

    /// <summary>
    /// Sees whether the batch in flight has arrived; false while it has not. A front that did not take it is sent nothing more until it watches anew;
    /// its viewers stay until its lease runs out.
    /// </summary>
    private bool Settle(Front front)
    {
        if (front.Call is not { } call)
        {
            return true;
        }

        if (!call.IsCompleted)
        {
            return false;
        }

        (front.Call, front.Awaited) = (null, false);
        if (!call.IsCompletedSuccessfully)
        {
            front.Observer = null;
            Deaf?.Invoke(front.Id, call.Exception?.InnerException ?? new TaskCanceledException(call));
        }

        return true;
    }

    /// <summary>What every front that listens has been sent is needed no more: whoever lost it reads it from the log.</summary>
    private void ForgetSent()
    {
        var sent = long.MaxValue;
        foreach (var front in _fronts.Values)
        {
            if (front.Observer is not null && front.SentTo < sent)
            {
                sent = front.SentTo;
            }
        }

        while (_recent.TryPeek(out var oldest) && oldest.Last <= sent)
        {
            _recentBytes -= _recent.Dequeue().Bytes.Length;
        }
    }

    /// <summary>The events after <paramref name="after"/> in one run, or none when they are not all at hand any more.</summary>
    private RecordRun Recent(long after)
    {
        if (_recent.Count == 0 || _recent.Peek().First > after + 1)
        {
            return RecordRun.Empty;
        }

        if (_recent.Count == 1)
        {
            return _recent.Peek().After(after);
        }

        List<RecordRun> runs = [];
        foreach (var run in _recent)
        {
            if (run.Last > after)
            {
                runs.Add(run.After(after));
            }
        }

        return RecordRun.Join(runs);
    }

    private Front Renewed(string id, DateTimeOffset now)
    {
        if (!_fronts.TryGetValue(id, out var front))
        {
            _fronts[id] = front = new Front(id);
        }

        front.ExpiresAt = now + options.FeedLease;
        return front;
    }

    /// <summary>The front's word counts, but it may have been on its way already when a viewer joined: the next one knows of that viewer.</summary>
    private void SetSessions(Front front, string[] sessions, DateTimeOffset now)
    {
        front.Sessions.Clear();
        front.Sessions.UnionWith(sessions);
        front.Sessions.UnionWith(front.Joined);
        front.Joined.Clear();
        Count(now);
    }

    private void Count(DateTimeOffset now)
    {
        var before = Viewers;
        Viewers = _fronts.Count switch
        {
            0 => 0,
            1 => _fronts.Values.First().Sessions.Count,
            _ => _fronts.Values.SelectMany(front => front.Sessions).Distinct(StringComparer.Ordinal).Count(),
        };
        if (Viewers > 0)
        {
            DesertedSince = null;
        }
        else if (before > 0)
        {
            DesertedSince = now;
        }
    }

    /// <summary>After a restart of a task that had been watched: nobody does, from now on.</summary>
    public void Deserted(DateTimeOffset now) => DesertedSince = Viewers > 0 ? null : now;

    private sealed class Front(string id)
    {
        public string Id { get; } = id;

        public IFeedObserver? Observer { get; set; }

        public int Generation { get; set; }

        public DateTimeOffset ExpiresAt { get; set; }

        public HashSet<string> Sessions { get; } = new(StringComparer.Ordinal);

        public Task? Call { get; set; }

        public bool Awaited { get; set; }

        /// <summary>Those who joined since the front last said who is here.</summary>
        public HashSet<string> Joined { get; } = new(StringComparer.Ordinal);

        public long SentTo { get; set; }
    }
}

/// <summary>A batch on its way to one front.</summary>
internal readonly record struct Sending(string Front, int Generation, IFeedObserver Observer, FeedBatch Batch);
