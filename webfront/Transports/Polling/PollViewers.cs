using Holdfast.Grains.Monitoring;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

using Holdfast.Grains.Sessions;
using Holdfast.WebFront.Feeds;
using Holdfast.WebFront.Live;
using Holdfast.WebFront.Problems;
using Holdfast.WebFront.Security;
using Holdfast.WebFront.Viewers;

namespace Holdfast.WebFront.Transports.Polling;

/// <summary>
/// Long polls as viewers: one counts while it waits and a while after, so that the pause between two polls is no leaving. Polls of one client on
/// one task are one viewer: told apart by <c>session_id</c> where it is given, else by principal, address and user agent.
/// </summary>
internal sealed class PollViewers
{
    private readonly FrontContext _front;
    private readonly ConcurrentDictionary<string, Viewer> _viewers = new(StringComparer.Ordinal);

    public PollViewers(FrontContext front)
    {
        _front = front;
        front.Metrics.Observe(FigureNames.Polling, "Clients that poll now, or did a moment ago.", () => _viewers.Count);
    }

    /// <summary>A poll begins.</summary>
    /// <param name="http">Its request.</param>
    /// <param name="feed">Its task's feed.</param>
    /// <param name="sessionId">Who it says it is.</param>
    /// <param name="came">What became of the cursor that it came with; null where it came with none.</param>
    /// <exception cref="ProblemException">There is no place for it, or the front is going away.</exception>
    public async Task<PollWait> EnterAsync(HttpContext http, TaskFeed feed, string? sessionId, ReturnOutcome? came)
    {
        var who = sessionId ?? $"{Principals.Of(http)}|{http.Connection.RemoteIpAddress}|{http.Request.Headers.UserAgent}";
        var id = "p_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{feed.TaskId}|{feed.Position.Epoch}|{who}")).AsSpan(0, 16));
        if (ViewerLimits.Leaving(_front) is { } refusal)
        {
            throw new ProblemException(refusal);
        }

        while (true)
        {
            var viewer = FindOrAdd(id, feed);
            if (viewer.TryEnter(_front) is { } place)
            {
                var poll = new PollWait(_front, viewer, feed, place);
                try
                {
                    await viewer.JoinAsync(_front, came);
                    return poll;
                }
                catch
                {
                    await poll.DisposeAsync();
                    throw;
                }
            }

            _viewers.TryRemove(new KeyValuePair<string, Viewer>(id, viewer));
        }
    }

    /// <summary>Lets those go who have not polled for a while.</summary>
    public void Tick()
    {
        foreach (var (id, viewer) in _viewers)
        {
            if (viewer.TryLeave(_front))
            {
                _viewers.TryRemove(new KeyValuePair<string, Viewer>(id, viewer));
            }
        }
    }

    /// <summary>Nobody is here without a place: any name may be sent for a session.</summary>
    private Viewer FindOrAdd(string id, TaskFeed feed)
    {
        if (_viewers.TryGetValue(id, out var known))
        {
            return known;
        }

        var place = Take(_front);
        var fresh = new Viewer(id, feed, place, _front.Clock.GetTimestamp());
        var viewer = _viewers.GetOrAdd(id, fresh);
        if (viewer != fresh)
        {
            place.Dispose();
        }

        return viewer;
    }

    private static Places.Place Take(FrontContext front) => ViewerLimits.Enter(front, out var refusal) ?? throw new ProblemException(refusal!);

    /// <summary>One client that polls one task.</summary>
    /// <param name="id">What it is told apart by.</param>
    /// <param name="feed">The task's feed.</param>
    /// <param name="place">Its place, which it keeps between two polls.</param>
    /// <param name="now">The clock's timestamp.</param>
    internal sealed class Viewer(string id, TaskFeed feed, Places.Place place, long now) : IFeedViewer
    {
        private readonly Lock _gate = new();
        private Places.Place? _kept = place;
        private int _polls;
        private bool _left;
        private bool _joined;
        private long _idleSince = now;

        public string SessionId => id;

        public void Wake()
        {
            // Polls have ears of their own; this one is here to be counted.
        }

        /// <summary>A poll begins.</summary>
        /// <returns>Its place: the one that was kept for it, or one more where another poll waits already. Null: the viewer has just left.</returns>
        public Places.Place? TryEnter(FrontContext front)
        {
            lock (_gate)
            {
                if (_left)
                {
                    return null;
                }

                var taken = _kept ?? Take(front);
                (_kept, _polls) = (null, _polls + 1);
                return taken;
            }
        }

        public async Task JoinAsync(FrontContext front, ReturnOutcome? came)
        {
            lock (_gate)
            {
                if (_joined)
                {
                    return;
                }

                _joined = true;
            }

            front.Metrics.Opened("poll");
            if (came is { } outcome)
            {
                front.Metrics.Returned(outcome);
            }

            feed.Add(this);
            await feed.JoinAsync(id).WaitAsync(front.Options.AttachTimeout, front.Clock);
        }

        /// <summary>A poll has ended. The last one's place is kept for the next.</summary>
        public void Exit(Places.Place taken, long at)
        {
            lock (_gate)
            {
                _idleSince = at;
                if (--_polls == 0)
                {
                    _kept = taken;
                    return;
                }
            }

            taken.Dispose();
        }

        public bool TryLeave(FrontContext front)
        {
            lock (_gate)
            {
                if (_polls > 0 || front.Clock.GetElapsedTime(_idleSince) < front.Options.PollLinger)
                {
                    return false;
                }

                _left = true;
            }

            _kept?.Dispose();

            if (_joined)
            {
                front.Metrics.Closed("poll", CloseCodes.Normal, stop: false);
            }

            feed.Remove(this);
            _ = feed.LeaveAsync(id);
            return true;
        }
    }
}

/// <summary>One poll that waits.</summary>
internal sealed class PollWait : IFeedViewer, IAsyncDisposable
{
    private readonly WakeSignal _signal = new();
    private readonly FrontContext _front;
    private readonly PollViewers.Viewer _viewer;
    private readonly TaskFeed _feed;
    private readonly Places.Place _place;
    private volatile bool _timeUp;

    public PollWait(FrontContext front, PollViewers.Viewer viewer, TaskFeed feed, Places.Place place)
    {
        (_front, _viewer, _feed, _place) = (front, viewer, feed, place);
        feed.Add(this);
    }

    /// <inheritdoc/>
    public string SessionId => _viewer.SessionId;

    /// <inheritdoc/>
    public void Wake() => _signal.Wake();

    /// <summary>Complete when there is an event after <paramref name="seq"/>, when the task has ended, or when the time is up.</summary>
    public async Task WaitForAsync(long seq, TimeSpan wait, CancellationToken cancellationToken)
    {
        await using var alarm = _front.Clock.CreateTimer(static state => ((PollWait)state!).TimeUp(), this, wait, Timeout.InfiniteTimeSpan);
        await using var gone = cancellationToken.UnsafeRegister(static state => ((PollWait)state!).Wake(), this);
        while (_feed.Position is { Sealed: false } position && position.LastSeq <= seq && !_feed.Gone
            && !_front.Draining && !_timeUp)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await _signal.WaitAsync();
        }
    }

    private void TimeUp()
    {
        _timeUp = true;
        Wake();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _feed.Remove(this);
        _viewer.Exit(_place, _front.Clock.GetTimestamp());
        return ValueTask.CompletedTask;
    }
}
