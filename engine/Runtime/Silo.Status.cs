using Orleans.Runtime;

namespace Holdfast.Engine;

// What this silo tells of the cluster.
internal sealed partial class Silo
{
    SiloStatus ISiloStatusOracle.CurrentStatus => _status;

    string ISiloStatusOracle.SiloName => Name;

    SiloStatus ISiloStatusOracle.GetApproximateSiloStatus(SiloAddress siloAddress) => siloAddress.Equals(SiloAddress) ? _status : SiloStatus.None;

    Dictionary<SiloAddress, SiloStatus> ISiloStatusOracle.GetApproximateSiloStatuses(bool onlyActive) => onlyActive && _status != SiloStatus.Active ? [] : new() { [SiloAddress] = _status };

    SiloAddress[] ISiloStatusOracle.GetActiveSilos() => _status == SiloStatus.Active ? [SiloAddress] : [];

    bool ISiloStatusOracle.TryGetSiloName(SiloAddress siloAddress, out string? siloName)
    {
        siloName = siloAddress.Equals(SiloAddress) ? Name : null;
        return siloName is not null;
    }

    bool ISiloStatusOracle.IsDeadSilo(SiloAddress silo) => silo.Equals(SiloAddress) && _status == SiloStatus.Dead;

    bool ISiloStatusOracle.SubscribeToSiloStatusEvents(ISiloStatusListener observer)
    {
        lock (_listeners)
        {
            if (_listeners.Contains(observer))
            {
                return false;
            }

            _listeners.Add(observer);
            return true;
        }
    }

    bool ISiloStatusOracle.UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer)
    {
        lock (_listeners)
        {
            return _listeners.Remove(observer);
        }
    }

    private readonly List<ISiloStatusListener> _listeners = [];
}
