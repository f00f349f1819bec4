using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>What one node knows of the silos. A silo's status only goes forward: nobody comes back from the dead.</summary>
internal sealed partial class Membership(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<ISiloStatusListener> _listeners = [];
    private readonly Dictionary<SiloAddress, int> _missing = [];
    private volatile ImmutableDictionary<SiloAddress, SiloRow> _rows = ImmutableDictionary<SiloAddress, SiloRow>.Empty;
    private volatile SiloAddress[] _active = [];

    /// <summary>The silos that take new grains.</summary>
    public SiloAddress[] Active => _active;

    public IEnumerable<SiloRow> Rows => _rows.Values;

    public SiloStatus StatusOf(SiloAddress silo) => _rows.TryGetValue(silo, out var row) ? row.Status : SiloStatus.None;

    public string? NameOf(SiloAddress silo) => _rows.TryGetValue(silo, out var row) ? row.Name : null;

    public bool Subscribe(ISiloStatusListener listener)
    {
        lock (_gate)
        {
            if (_listeners.Contains(listener))
            {
                return false;
            }

            _listeners.Add(listener);
            return true;
        }
    }

    public bool Unsubscribe(ISiloStatusListener listener)
    {
        lock (_gate)
        {
            return _listeners.Remove(listener);
        }
    }

    /// <summary>Takes news in, from the table or from a silo itself, and tells the listeners what changed, in order.</summary>
    public void Apply(IEnumerable<SiloRow> rows)
    {
        lock (_gate)
        {
            foreach (var row in rows)
            {
                if (_rows.TryGetValue(row.Address, out var known) && known.Status >= row.Status)
                {
                    continue;
                }

                _rows = _rows.SetItem(row.Address, row);
                _active = [.. _rows.Values.Where(r => r.Status == SiloStatus.Active).Select(r => r.Address).Order()];
                LogChanged(logger, row.Name, row.Address, row.Status);
                foreach (var listener in _listeners.ToArray())
                {
                    Tell(listener, row);
                }
            }
        }
    }

    /// <summary>
    /// Takes the whole table in. A silo that the table does not know any more counts as dead when it has not come back for
    /// <paramref name="patience"/> ticks: a table that lost its memory learns all living silos again within a lease.
    /// </summary>
    public void Take(IReadOnlyCollection<SiloRow> table, int now, int patience)
    {
        Apply(table);
        List<SiloRow> lost = [];
        lock (_gate)
        {
            var known = table.Select(r => r.Address).ToHashSet();
            foreach (var row in _rows.Values)
            {
                if (known.Contains(row.Address))
                {
                    _missing.Remove(row.Address);
                }
                else if (row.Status == SiloStatus.Dead)
                {
                    _rows = _rows.Remove(row.Address);
                    _missing.Remove(row.Address);
                }
                else if (now - (_missing.TryGetValue(row.Address, out var since) ? since : _missing[row.Address] = now) > patience)
                {
                    lost.Add(row with { Status = SiloStatus.Dead });
                }
            }
        }

        Apply(lost);
    }

    private void Tell(ISiloStatusListener listener, SiloRow row)
    {
        try
        {
            listener.SiloStatusChangeNotification(row.Address, row.Status);
        }
        catch (Exception e)
        {
            LogListenerFailed(logger, listener.GetType(), e);
        }
    }
}
