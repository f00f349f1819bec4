using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>The objects of one node that grains can call. They are held weakly.</summary>
internal sealed class ObserverHost(Node node)
{
    /// <summary>The grain type of all observers; their key is the node's name, a plus sign and a number.</summary>
    public static readonly GrainType Type = GrainType.Create("sys.client");

    /// <summary>Characters of a node's name at most: that of a silo has its address and a number.</summary>
    public const int LongestName = 100;

    private readonly ConcurrentDictionary<GrainId, Observer> _observers = new();
    private long _last;

    public object Add(Type interfaceType, object target)
    {
        var number = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        var id = new GrainId(Type, IdSpan.Create($"{node.ClientId}+{number}"));
        var observer = new Observer(node, target);
        _observers[id] = observer;
        node.Clock.Watch(new Pruner(this, id, observer));
        return node.Refer(interfaceType, id);
    }

    public void Remove(GrainId id) => _observers.TryRemove(id, out _);

    /// <summary>The name of the node that an observer lives in; empty when the key is none of an observer.</summary>
    /// <param name="observer">The observer.</param>
    /// <param name="room">Where the name is written: names of nodes have <see cref="LongestName"/> characters at most.</param>
    public static ReadOnlySpan<char> NodeOf(GrainId observer, Span<char> room)
    {
        var key = observer.Key.AsSpan();
        return Encoding.UTF8.TryGetChars(key[..Math.Max(0, key.LastIndexOf((byte)'+'))], room, out var length) ? room[..length] : default;
    }

    public void Deliver(ICall call)
    {
        if (!_observers.TryGetValue(call.Target, out var observer) || !observer.Enqueue(call))
        {
            node.Lose(call);
        }
    }

    // Forgets an object that the garbage collector took.
    private sealed class Pruner(ObserverHost host, GrainId id, Observer observer) : ISwept
    {
        public bool Sweep(int now)
        {
            if (observer.IsAlive && host._observers.ContainsKey(id))
            {
                return true;
            }

            host.Remove(id);
            return false;
        }
    }
}

/// <summary>One object that grains can call: its calls run one at a time, on the thread pool.</summary>
internal sealed class Observer(Node node, object target) : ITurnHost, IThreadPoolWorkItem, ISwept
{
    private const int SliceLimit = 100;

    private readonly WeakReference _target = new(target);
    private readonly Queue<ICall> _calls = new();
    private object? _held;
    private ICall? _current;
    private bool _scheduled;
    private bool _watched;

    public bool IsAlive => _target.IsAlive;

    /// <summary>Takes a call. False when the object is gone.</summary>
    public bool Enqueue(ICall call)
    {
        if (!_target.IsAlive)
        {
            return false;
        }

        bool wake;
        lock (_calls)
        {
            if (_calls.Count >= node.Options.MaxObserverCalls)
            {
                throw new LimitExceededException($"{_calls.Count} calls wait for the observer {call.Target} already (Engine:MaxObserverCalls).");
            }

            _calls.Enqueue(call);
            wake = !_scheduled && _current is null;
            _scheduled |= wake;
            if (!_watched)
            {
                _watched = true;
                node.Clock.Watch(this);
            }
        }

        if (wake)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, Fairness.PreferLocal());
        }

        return true;
    }

    public object TargetOf(Method method) => _held!;

    public void Failed(Exception exception)
    {
        // The caller is told; an observer has no state to give up.
    }

    public void Ended(ITurn turn)
    {
        bool wake;
        lock (_calls)
        {
            _current = null;
            _held = null;
            wake = !_scheduled && _calls.Count > 0;
            _scheduled |= wake;
        }

        if (wake)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, Fairness.PreferLocal());
        }
    }

    public void Execute()
    {
        for (var left = SliceLimit; left > 0; left--)
        {
            lock (_calls)
            {
                // A turn that awaits something goes on by itself and wakes the next one.
                if (_current is not null || !TryTake())
                {
                    _scheduled = false;
                    return;
                }
            }

            if (_held is null)
            {
                node.Lose(_current);
                Ended(_current);
            }
            else
            {
                _current.Run(this);
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    bool ISwept.Sweep(int now)
    {
        List<ICall>? due = null;
        bool keep;
        lock (_calls)
        {
            foreach (var call in _calls)
            {
                if (call.Deadline <= now && !call.IsOver)
                {
                    (due ??= []).Add(call);
                }
            }

            if (_current is { IsOver: false } current && current.Deadline <= now)
            {
                (due ??= []).Add(current);
            }

            keep = _scheduled || _current is not null || _calls.Count > 0;
            _watched = keep;
        }

        due?.ForEach(c => c.TimeOut());
        return keep;
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(_current))]
    private bool TryTake()
    {
        while (_calls.TryDequeue(out var next))
        {
            if (!next.IsOver)
            {
                _current = next;
                _held = _target.Target;
                return true;
            }
        }

        return false;
    }
}
