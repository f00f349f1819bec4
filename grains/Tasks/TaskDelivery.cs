using System.Diagnostics.CodeAnalysis;

using Holdfast.Grains.Feeds;
using Holdfast.Grains.Logs;

namespace Holdfast.Grains.Tasks;

/// <summary>
/// From a task's log to the fronts that watch it, on whatever thread the store's answer came: no turn of the grain stands between an append that is
/// stored and its viewers. <see cref="Watchers"/> decides what goes to whom; this keeps it to one thread at a time, and sends.
/// </summary>
/// <remarks>Any thread. Nothing is sent while the lock is held, and each front has one batch in flight at most, so each is told in order.</remarks>
internal sealed class TaskDelivery
{
    private readonly Lock _gate = new();
    private readonly Watchers _watchers;
    private object? _writer;
    private FeedPosition? _position;

    /// <summary>Nobody watches yet.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="unresponsive">Called with a front that did not take a batch, inside the lock.</param>
    public TaskDelivery(TaskOptions options, Action<string, Exception> unresponsive) => _watchers = new Watchers(options) { Deaf = unresponsive };

    /// <summary>Distinct viewers on all fronts.</summary>
    public int Viewers
    {
        get
        {
            lock (_gate)
            {
                return _watchers.Viewers;
            }
        }
    }

    /// <summary>Since when nobody watches; null while somebody does, or when nobody ever did.</summary>
    public DateTimeOffset? DesertedSince
    {
        get
        {
            lock (_gate)
            {
                return _watchers.DesertedSince;
            }
        }
    }

    /// <summary>When the next front's lease runs out; null when there is none.</summary>
    public DateTimeOffset? NextExpiry
    {
        get
        {
            lock (_gate)
            {
                return _watchers.NextExpiry;
            }
        }
    }

    /// <summary>A writer has taken the log over at <paramref name="position"/>: what any other has stored is not sent any more.</summary>
    /// <param name="writer">By which its appends are known.</param>
    /// <param name="position">Where the log stands.</param>
    /// <param name="desertedSince">Since when nobody watches, of a task that was watched before; null of one that was not.</param>
    public void Begin(object writer, FeedPosition position, DateTimeOffset? desertedSince)
    {
        lock (_gate)
        {
            _watchers.StopSending();
            (_writer, _position) = (writer, position);
            if (desertedSince is { } since)
            {
                _watchers.Deserted(since);
            }
        }
    }

    /// <summary>The log has no writer here any more: fronts are sent nothing until they watch anew.</summary>
    public void End()
    {
        lock (_gate)
        {
            _watchers.StopSending();
            (_writer, _position) = (null, null);
        }
    }

    /// <summary>An append is stored: whoever watches is sent it.</summary>
    public void Stored(object writer, FeedPosition position, RecordRun records)
    {
        lock (_gate)
        {
            if (_writer != writer)
            {
                return;
            }

            _position = position;
            _watchers.Grown(position, records);
        }

        Send();
    }

    /// <summary>A front watches from now on. Gives the position after which it is sent everything; null when nobody writes the log here.</summary>
    public FeedPosition? Watch(FrontWatch watch, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_position is not null)
            {
                _watchers.Watch(watch, _position, now);
            }

            return _position;
        }
    }

    /// <summary>Extends a front's lease. Gives where the log stands, and whether the front is sent what comes; null when nobody writes the log here.</summary>
    public (FeedPosition Position, bool Watching)? Renew(FrontRenewal renewal, DateTimeOffset now)
    {
        lock (_gate)
        {
            return _position is null ? null : (_position, _watchers.Renew(renewal, now));
        }
    }

    /// <summary>A viewer has come.</summary>
    public void Join(string front, string session, DateTimeOffset now)
    {
        lock (_gate)
        {
            _watchers.Join(front, session, now);
        }
    }

    /// <summary>A viewer has left.</summary>
    public void Leave(string front, string session, DateTimeOffset now)
    {
        lock (_gate)
        {
            _watchers.Leave(front, session, now);
        }
    }

    /// <summary>A front watches no more.</summary>
    public void Remove(string front, DateTimeOffset now)
    {
        lock (_gate)
        {
            _watchers.Remove(front, now);
        }
    }

    /// <summary>Drops fronts whose lease has run out.</summary>
    public void Expire(DateTimeOffset now)
    {
        lock (_gate)
        {
            _watchers.Expire(now);
        }
    }

    /// <summary>Sends what is new to every front that has nothing in flight.</summary>
    private void Send()
    {
        while (TryTake(out var sending))
        {
            var call = Begin(sending);
            lock (_gate)
            {
                _watchers.Sent(sending, call);
            }
        }

        while (TryTakeAwaited(out var call))
        {
            _ = call.ContinueWith(
                static (_, self) => ((TaskDelivery)self!).Send(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private bool TryTake(out Sending sending)
    {
        lock (_gate)
        {
            return _watchers.TryTakeSending(out sending);
        }
    }

    private bool TryTakeAwaited([NotNullWhen(true)] out Task? call)
    {
        lock (_gate)
        {
            return _watchers.TryTakeAwaited(out call);
        }
    }

    private static Task Begin(Sending sending)
    {
        try
        {
            var call = sending.Observer.OnBatchAsync(sending.Batch);
            return call.IsCompletedSuccessfully ? Task.CompletedTask : call.AsTask();
        }
        catch (Exception e)
        {
            return Task.FromException(e);
        }
    }
}
