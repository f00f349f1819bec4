using Orleans.Runtime;

namespace Holdfast.Engine;

// What this silo tells of the cluster.
internal sealed partial class Silo
{
    SiloStatus ISiloStatusOracle.CurrentStatus => _status;

    string ISiloStatusOracle.SiloName => Name;

    SiloStatus ISiloStatusOracle.GetApproximateSiloStatus(SiloAddress siloAddress) => siloAddress.Equals(SiloAddress) ? _status : Membership.StatusOf(siloAddress);

    Dictionary<SiloAddress, SiloStatus> ISiloStatusOracle.GetApproximateSiloStatuses(bool onlyActive) =>
        Membership.Rows.Where(r => !onlyActive || r.Status == SiloStatus.Active).ToDictionary(r => r.Address, r => r.Status);

    SiloAddress[] ISiloStatusOracle.GetActiveSilos() => [.. Membership.Active];

    bool ISiloStatusOracle.TryGetSiloName(SiloAddress siloAddress, out string? siloName)
    {
        siloName = Membership.NameOf(siloAddress);
        return siloName is not null;
    }

    bool ISiloStatusOracle.IsDeadSilo(SiloAddress silo) => Membership.StatusOf(silo) == SiloStatus.Dead;

    bool ISiloStatusOracle.SubscribeToSiloStatusEvents(ISiloStatusListener observer) => Membership.Subscribe(observer);

    bool ISiloStatusOracle.UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer) => Membership.Unsubscribe(observer);
}
