using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>What the cluster knows of one silo.</summary>
internal sealed record SiloRow(SiloAddress Address, string Name, SiloStatus Status);

/// <summary>The place that all silos of a cluster share: who is there, and which silo has which grain.</summary>
internal interface IClusterTable
{
    /// <summary>How long a silo counts as alive after its last renewal; null when silence says nothing here.</summary>
    TimeSpan? Lease { get; }

    /// <summary>Has a delegate called where the table knows by itself that something changed.</summary>
    void Watch(Action<IReadOnlyList<SiloRow>> changed);

    /// <summary>Takes <see cref="Watch"/> back.</summary>
    void Unwatch(Action<IReadOnlyList<SiloRow>> changed);

    /// <summary>Writes this silo's row, renews its lease, declares dead whose lease is over, and reads all rows.</summary>
    /// <param name="self">The silo's own row.</param>
    /// <param name="refusing">Silos whose machines refuse connections: one of them that is late with a renewal, too, is dead without waiting for its lease.</param>
    /// <remarks>A silo that was declared dead stays dead: it finds its own row saying so.</remarks>
    Task<Renewal> RenewAsync(SiloRow self, IReadOnlyCollection<SiloAddress>? refusing = null);

    /// <summary>Reads all rows.</summary>
    Task<IReadOnlyList<SiloRow>> ReadAsync();

    /// <summary>Registers a grain with a silo, unless another one that is not dead has it; says which one has it.</summary>
    Task<SiloAddress> ClaimAsync(GrainId grain, SiloAddress silo);

    /// <summary>Takes a registration back, if it is this silo's.</summary>
    Task ReleaseAsync(GrainId grain, SiloAddress silo);

    /// <summary>Deletes registrations with silos that are dead.</summary>
    Task SweepAsync();
}

/// <summary>What a renewal brought.</summary>
/// <param name="Rows">All rows.</param>
/// <param name="WasUnknown">The table did not know this silo before.</param>
internal sealed record Renewal(IReadOnlyList<SiloRow> Rows, bool WasUnknown);

/// <summary>The table of a cluster that lives in one process.</summary>
internal sealed class MemoryTable : IClusterTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, SiloRow> _rows = [];
    private readonly Dictionary<GrainId, SiloAddress> _grains = [];
    private Action<IReadOnlyList<SiloRow>>? _changed;

    public TimeSpan? Lease => null;

    public void Watch(Action<IReadOnlyList<SiloRow>> changed)
    {
        lock (_gate)
        {
            _changed += changed;
        }
    }

    public void Unwatch(Action<IReadOnlyList<SiloRow>> changed)
    {
        lock (_gate)
        {
            _changed -= changed;
        }
    }

    public async Task<Renewal> RenewAsync(SiloRow self, IReadOnlyCollection<SiloAddress>? refusing = null)
    {
        Set(self);
        return new Renewal(await ReadAsync(), false);
    }

    public Task<IReadOnlyList<SiloRow>> ReadAsync()
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<SiloRow>>([.. _rows.Values]);
        }
    }

    public Task<SiloAddress> ClaimAsync(GrainId grain, SiloAddress silo)
    {
        lock (_gate)
        {
            if (_grains.TryGetValue(grain, out var owner) && !owner.Equals(silo) && _rows.TryGetValue(owner, out var row) && row.Status != SiloStatus.Dead)
            {
                return Task.FromResult(owner);
            }

            _grains[grain] = silo;
            return Task.FromResult(silo);
        }
    }

    public Task ReleaseAsync(GrainId grain, SiloAddress silo)
    {
        lock (_gate)
        {
            if (_grains.TryGetValue(grain, out var owner) && owner.Equals(silo))
            {
                _grains.Remove(grain);
            }
        }

        return Task.CompletedTask;
    }

    public Task SweepAsync()
    {
        lock (_gate)
        {
            foreach (var (grain, silo) in _grains.ToList())
            {
                if (!_rows.TryGetValue(silo, out var row) || row.Status == SiloStatus.Dead)
                {
                    _grains.Remove(grain);
                }
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Declares a silo dead.</summary>
    public void Bury(SiloAddress silo)
    {
        SiloRow? row;
        lock (_gate)
        {
            _rows.TryGetValue(silo, out row);
        }

        if (row is not null)
        {
            Set(row with { Status = SiloStatus.Dead });
        }
    }

    /// <summary>Forgets where some grains are, as a directory does that lost a part of itself.</summary>
    public void Forget(Func<GrainId, bool> which)
    {
        lock (_gate)
        {
            foreach (var grain in _grains.Keys.Where(which).ToList())
            {
                _grains.Remove(grain);
            }
        }
    }

    private void Set(SiloRow row)
    {
        List<SiloRow> rows;
        lock (_gate)
        {
            if (_rows.TryGetValue(row.Address, out var known) && (known == row || known.Status == SiloStatus.Dead))
            {
                return;
            }

            _rows[row.Address] = row;
            rows = [.. _rows.Values];
        }

        _changed?.Invoke(rows);
    }
}
