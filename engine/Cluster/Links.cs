using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>Opens links to silos: over sockets, or within the process.</summary>
internal interface IConnector
{
    /// <summary>A link that may still be connecting; it buffers until then.</summary>
    Link Connect(Node node, SiloAddress silo);

    /// <summary>Lets others connect to a silo.</summary>
    Task ListenAsync(Silo silo, CancellationToken cancellationToken);

    /// <summary>How long to wait before a silo is tried again: so long at first, twice as long each time, and never longer than that.</summary>
    (TimeSpan First, TimeSpan Longest) Patience => (EngineOptions.DefaultReconnectDelay, EngineOptions.DefaultReconnectDelay);
}

/// <summary>The links of one node: its own ones to every silo that is alive, and those of clients to it.</summary>
internal sealed partial class Links(Node node, IConnector connector) : ISiloStatusListener
{
    private readonly Node _node = node;
    private readonly IConnector _connector = connector;
    private readonly ConcurrentDictionary<SiloAddress, Link> _silos = new();
    private readonly ConcurrentDictionary<SiloAddress, Keeper> _keepers = new();
    private readonly ConcurrentDictionary<string, Link> _clients = new();
    private readonly ConcurrentDictionary<Link, bool> _incoming = new();
    private volatile bool _closed;

    public IEnumerable<Link> ToSilos => _silos.Values;

    /// <summary>Silos that count as alive, and whose machines refused the last attempt to connect.</summary>
    public IReadOnlyCollection<SiloAddress> Refusing => [.. _keepers.Values.Where(keeper => keeper.IsRefused).Select(keeper => keeper.Silo)];

    /// <summary>All links, those that others opened too.</summary>
    public IEnumerable<Link> All => _silos.Values.Concat(_incoming.Keys);

    /// <summary>Whether a silo is connected.</summary>
    public bool IsReady(SiloAddress silo) => _silos.TryGetValue(silo, out var link) && link.IsReady;

    /// <summary>Whether a silo is connected, or is being connected: calls wait for that.</summary>
    public bool IsOpen(SiloAddress silo) => _silos.TryGetValue(silo, out var link) && link.IsOpen;

    /// <summary>Sends a call to a silo. False when there is no open link to it.</summary>
    public bool TrySend(SiloAddress silo, ICall call) => _silos.TryGetValue(silo, out var link) && link.TrySend(call);

    /// <summary>Sends a call to a client that is connected here. False when it is not.</summary>
    public bool TrySend(ReadOnlySpan<char> client, ICall call) => _clients.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(client, out var link) && link.TrySend(call);

    /// <summary>Takes a link that another node opened.</summary>
    public void Accept(Link link)
    {
        _incoming[link] = true;
        if (link.Silo is null)
        {
            _clients[link.Peer] = link;
        }

        if (_closed)
        {
            link.Close("this node stops");
        }
    }

    /// <summary>Forgets a link that was closed.</summary>
    public void Closed(Link link, string reason, Exception? exception)
    {
        var lost = false;
        if (link.IsConnected)
        {
            LogClosed(_node.Logger, link.Peer, reason);
            lost = link.Silo is not null;
        }
        else if (link.Silo is { } target && _keepers.TryGetValue(target, out var keeper))
        {
            keeper.Failed(reason, exception);
        }

        _incoming.TryRemove(link, out _);
        if (link.Silo is { } silo)
        {
            _silos.TryRemove(KeyValuePair.Create(silo, link));
        }
        else
        {
            _clients.TryRemove(KeyValuePair.Create(link.Peer, link));
        }

        if (lost)
        {
            _node.SiloLost();
        }
    }

    public void CloseAll(string reason)
    {
        _closed = true;
        foreach (var link in All)
        {
            link.Close(reason);
        }
    }

    void ISiloStatusListener.SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Active)
        {
            var keeper = _keepers[updatedSilo] = new Keeper(this, updatedSilo);
            Open(keeper);
            _node.Clock.Watch(keeper);
        }
        else if (status == SiloStatus.Dead)
        {
            // One that said goodbye closes its links itself, when its last answers are out.
            foreach (var link in All.Where(l => updatedSilo.Equals(l.Silo) && !l.IsLeaving))
            {
                link.Close("it was declared dead");
            }
        }
    }

    private void Open(Keeper keeper)
    {
        if (!_closed && !keeper.Silo.Equals(_node.Address) && !_silos.ContainsKey(keeper.Silo))
        {
            try
            {
                var link = _connector.Connect(_node, keeper.Silo);
                _silos[keeper.Silo] = link;
                if (link.IsClosed)
                {
                    // It failed before it could be found and removed.
                    _silos.TryRemove(KeyValuePair.Create(keeper.Silo, link));
                }
            }
            catch (Exception e)
            {
                keeper.Failed(e.Message, e);
            }
        }
    }

    // Opens a link again and again while its silo is alive.
    private sealed class Keeper(Links links, SiloAddress silo) : ISwept
    {
        private int _failures;
        private volatile int _due;

        public SiloAddress Silo => silo;

        /// <summary>Whether the last attempt found a machine that answers, and nobody on it who listens there.</summary>
        public bool IsRefused { get; private set; }

        public void Failed(string reason, Exception? exception)
        {
            IsRefused = exception is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            var failures = Interlocked.Increment(ref _failures);
            var (first, longest) = links._connector.Patience;
            var delay = first * Math.Min(1 << Math.Min(failures - 1, 20), longest / first);
            _due = links._node.Clock.DeadlineIn(delay);
            LogNotConnected(links._node.Logger, failures == 1 ? LogLevel.Warning : LogLevel.Debug, silo, reason, delay);
            if (IsRefused)
            {
                links._node.SiloRefused();
            }
        }

        public bool Sweep(int now)
        {
            if (links.IsReady(silo))
            {
                IsRefused = false;
                if (Interlocked.Exchange(ref _failures, 0) is > 0 and var failures)
                {
                    LogBack(links._node.Logger, silo, failures);
                }
            }
            else if (now >= _due)
            {
                links.Open(this);
            }

            var keep = !links._closed && links._node.Membership.StatusOf(silo) == SiloStatus.Active;
            if (!keep)
            {
                links._keepers.TryRemove(silo, out _);
            }

            return keep;
        }
    }
}
