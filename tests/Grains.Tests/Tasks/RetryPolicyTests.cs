using FsCheck;
using FsCheck.Fluent;

using Holdfast.Grains.Tasks;

namespace Holdfast.Grains.Tests.Tasks;

public sealed class RetryPolicyTests
{
    private readonly TaskOptions _options = new();

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 4)]
    [InlineData(5, 8)]
    [InlineData(6, 16)]
    [InlineData(7, 30)]
    [InlineData(8, 30)]
    [InlineData(int.MaxValue, 30)]
    public void TheWait_Doubles_UpToItsLimit(int attempt, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetryPolicy.DelayBefore(attempt, _options, 0.5));

    [Theory]
    [InlineData(0, 800)]
    [InlineData(1, 1200)]
    public void TheWait_IsSpread_ToEitherSide(double random, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), RetryPolicy.DelayBefore(2, _options, random));

    [Fact]
    public void AnyAttempt_WaitsWithinTheSpread_AndNoLessThanTheOneBefore() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(
            Gen.OneOf(Gen.Choose(2, 12), Gen.Choose(2, int.MaxValue - 1)).ToArbitrary(), Gen.Choose(0, 1000).Select(n => n / 1000.0).ToArbitrary(),
            (attempt, random) =>
            {
                var wait = RetryPolicy.DelayBefore(attempt, _options, random);
                var plain = Math.Min(Math.Pow(2, Math.Min(attempt - 2, 30)), 30);
                Assert.InRange(wait.TotalSeconds, (plain * 0.8) - 0.001, (plain * 1.2) + 0.001);
                Assert.True(RetryPolicy.DelayBefore(attempt + 1, _options, random) >= wait);
            }));
}
