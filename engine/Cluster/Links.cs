using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>Opens links to silos: over sockets, or within the process.</summary>
internal interface IConnector
{
    /// <summary>A link that may still be connecting; it buffers until then.</summary>
    Link Connect(Node node, SiloAddress silo);

    /// <summary>Lets others connect to a silo.</summary>
    Task ListenAsync(Silo silo, CancellationToken cancellationToken);
}

/// <summary>The links of one node: its own ones to every silo that is alive, and those of clients to it.</summary>
internal sealed partial class Links(Node node, IConnector connector) : ISiloStatusListener
{
    private const int TicksBetweenAttempts = 2;

    private readonly ConcurrentDictionary<SiloAddress, Link> _silos = new();
    private readonly ConcurrentDictionary<string, Link> _clients = new();
    private readonly ConcurrentDictionary<Link, bool> _incoming = new();
    private volatile bool _closed;

    public IEnumerable<Link> ToSilos => _silos.Values;

    /// <summary>All links, those that others opened too.</summary>
    public IEnumerable<Link> All => _silos.Values.Concat(_incoming.Keys);

    /// <summary>Whether calls can be sent to a silo.</summary>
    public bool IsOpen(SiloAddress silo) => _silos.TryGetValue(silo, out var link) && link.IsReady;

    /// <summary>Sends a call to a silo. False when there is no open link to it.</summary>
    public bool TrySend(SiloAddress silo, ICall call) => _silos.TryGetValue(silo, out var link) && link.TrySend(call);

    /// <summary>Sends a call to a client that is connected here. False when it is not.</summary>
    public bool TrySend(string client, ICall call) => _clients.TryGetValue(client, out var link) && link.TrySend(call);

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

    public void Remove(Link link)
    {
        _incoming.TryRemove(link, out _);
        if (link.Silo is { } silo)
        {
            _silos.TryRemove(KeyValuePair.Create(silo, link));
        }
        else
        {
            _clients.TryRemove(KeyValuePair.Create(link.Peer, link));
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
            Open(updatedSilo);
            node.Clock.Watch(new Keeper(this, updatedSilo));
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

    private void Open(SiloAddress silo)
    {
        if (!_closed && !silo.Equals(node.Address) && !_silos.ContainsKey(silo))
        {
            try
            {
                _silos.TryAdd(silo, connector.Connect(node, silo));
            }
            catch (Exception e)
            {
                LogNotConnected(node.Logger, silo, e);
            }
        }
    }

    // Opens a link again and again while its silo is alive.
    private sealed class Keeper(Links links, SiloAddress silo) : ISwept
    {
        private int _left = TicksBetweenAttempts;

        public bool Sweep(int now)
        {
            if (--_left <= 0)
            {
                _left = TicksBetweenAttempts;
                links.Open(silo);
            }

            return !links._closed && links.Alive(silo);
        }
    }

    private bool Alive(SiloAddress silo) => node.Membership.StatusOf(silo) == SiloStatus.Active;
}
