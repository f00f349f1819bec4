using Orleans.Runtime;

namespace Holdfast.Engine;

// What this silo tells of the cluster.
internal sealed partial class Silo
{
    SiloStatus ISiloStatusOracle.CurrentStatus => _status;

    string ISiloStatusOracle.SiloName => Name;

    SiloStatus ISiloStatusOracle.GetApproximateSiloStatus(SiloAddress siloAddress) => siloAddress.Equals(SiloAddress) ? _status : Membership.StatusOf(siloAddress);

    SiloAddress[] ISiloStatusOracle.GetActiveSilos() => [.. Membership.Active];

    bool ISiloStatusOracle.IsDeadSilo(SiloAddress silo) => Membership.StatusOf(silo) == SiloStatus.Dead;

    bool ISiloStatusOracle.SubscribeToSiloStatusEvents(ISiloStatusListener observer) => Membership.Subscribe(observer);

    bool ISiloStatusOracle.UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer) => Membership.Unsubscribe(observer);
}
