using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Engine.Tests.Cluster;

/// <summary>Where grains are put, and what is known of the silos.</summary>
public class LocatorTests
{
    [Fact]
    public void A_silo_that_leaves_moves_only_its_own_grains() => Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(
        Gen.Choose(2, 8).ToArbitrary(),
        Gen.Choose(0, 7).ToArbitrary(),
        (count, which) =>
        {
            var silos = Silos(count);
            var gone = silos[which % count];
            var (all, fewer) = (Locator(silos), Locator([.. silos.Where(s => !s.Equals(gone))]));
            return Grains(200).All(g => gone.Equals(all.Place(g, _ => true)) || Equals(all.Place(g, _ => true), fewer.Place(g, _ => true)));
        }));

    [Fact]
    public void Grains_are_spread_evenly()
    {
        var locator = Locator(Silos(5));

        var shares = Grains(5000).GroupBy(g => locator.Place(g, _ => true)).Select(g => g.Count()).ToList();

        Assert.Equal(5, shares.Count);
        Assert.All(shares, s => Assert.InRange(s, 850, 1150));
    }

    [Fact]
    public void A_silo_that_cannot_be_reached_is_passed_over()
    {
        var silos = Silos(3);
        var locator = Locator(silos);

        Assert.All(Grains(100), g => Assert.NotEqual(silos[1], locator.Place(g, s => !s.Equals(silos[1]))));
        Assert.Null(locator.Place(Grains(1)[0], _ => false));
    }

    [Fact]
    public void What_was_seen_elsewhere_is_looked_for_there_until_its_silo_is_gone_or_one_joins()
    {
        var membership = new Membership(NullLogger.Instance);
        var locator = new Locator(membership, maxPlaces: 1000);
        membership.Subscribe(locator);
        var silos = Silos(3);
        membership.Apply(silos.Select(s => new SiloRow(s, "", SiloStatus.Active)));
        var grain = Grains(1)[0];
        var (usual, other) = (locator.Place(grain, _ => true)!, silos.First(s => !s.Equals(locator.Place(grain, _ => true))));

        locator.Note(grain, other);
        Assert.Equal(other, locator.Find(grain, _ => true));
        membership.Apply([new SiloRow(other, "", SiloStatus.ShuttingDown)]);
        Assert.Equal(usual, locator.Find(grain, _ => true));
    }

    [Fact]
    public void A_status_only_goes_forward_and_listeners_see_each_change_once_even_beside_a_bad_one()
    {
        var membership = new Membership(NullLogger.Instance);
        var seen = new Notes();
        membership.Subscribe(new Bad());
        membership.Subscribe(seen);
        var silo = Silos(1)[0];

        foreach (var status in new[] { SiloStatus.Joining, SiloStatus.Active, SiloStatus.Joining, SiloStatus.Dead, SiloStatus.Active, SiloStatus.Dead })
        {
            membership.Apply([new SiloRow(silo, "", status)]);
        }

        Assert.Equal([SiloStatus.Joining, SiloStatus.Active, SiloStatus.Dead], seen.Seen);
        Assert.Empty(membership.Active);
    }

    private static List<SiloAddress> Silos(int count) => [.. Enumerable.Range(0, count).Select(i => SiloAddress.New(IPAddress.Loopback, 11111 + i, 7))];

    private static List<GrainId> Grains(int count) => [.. Enumerable.Range(0, count).Select(i => GrainId.Create("task", $"grain-{i}"))];

    private static Locator Locator(List<SiloAddress> silos)
    {
        var membership = new Membership(NullLogger.Instance);
        membership.Apply(silos.Select(s => new SiloRow(s, "", SiloStatus.Active)));
        return new Locator(membership, maxPlaces: 1000);
    }

    private sealed class Notes : ISiloStatusListener
    {
        public List<SiloStatus> Seen { get; } = [];

        public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status) => Seen.Add(status);
    }

    private sealed class Bad : ISiloStatusListener
    {
        public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status) => throw new InvalidOperationException("a bad listener");
    }
}
