using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Holdfast.Engine.Tests.Cluster;

/// <summary>The section <c>Engine</c> of the configuration.</summary>
public class EngineOptionsTests
{
    [Theory]
    [InlineData("ConnectTimeout", "0", "Engine:ConnectTimeout is '0'; it is a time, like 00:00:05 for five seconds, and positive.")]
    [InlineData("ConnectTimeout", "00:00:00", "Engine:ConnectTimeout is '00:00:00'; it is a time")]
    [InlineData("MaxReconnectDelay", "00:00:00.1", "Engine:MaxReconnectDelay is 00:00:00.1000000; it is not less than Engine:ReconnectDelay, 00:00:00.5000000.")]
    [InlineData("MaxIntroductions", "0", "Engine:MaxIntroductions is '0'; it is a whole number, like 128, and at least 1.")]
    [InlineData("MaxLinkBytes", "much", "Engine:MaxLinkBytes is 'much'; it is a whole number, like 67108864, and at least 1.")]
    [InlineData("Certificate", "none.pfx", "Engine:Certificate is 'none.pfx', which can't be read: ")]
    [InlineData("SharedSecet", "secret", "There is no option Engine:SharedSecet; there are SharedSecret, Certificate,")]
    public void A_wrong_value_is_refused_with_the_cure(string name, string value, string cure) =>
        Assert.StartsWith(cure, Assert.Throws<OrleansConfigurationException>(() => Read(name, value)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_not_given_has_its_default()
    {
        var options = Read("MaxPlaces", "7");

        Assert.Equal((7, 10_000, TimeSpan.FromSeconds(5)), (options.MaxPlaces, options.MaxObserverCalls, options.ConnectTimeout));
    }

    [Fact]
    public async Task A_silo_alone_is_stopped_by_them_too()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration["Engine:MaxObserverCalls"] = "-1";
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<OrleansConfigurationException>(() => host.StartAsync());

        Assert.Contains("Engine:MaxObserverCalls", refusal.Message, StringComparison.Ordinal);
    }

    private static EngineOptions Read(string name, string value) =>
        EngineOptions.Read(new ConfigurationBuilder().AddInMemoryCollection([new("Engine:" + name, value)]).Build());
}
