using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Holdfast.Engine.Tests.Semantics;

/// <summary>How a host becomes a silo.</summary>
public class HostingTests
{
    [Fact]
    public async Task Every_kind_of_host_can_be_a_silo_and_has_a_client()
    {
        var plain = Host.CreateEmptyApplicationBuilder(new());
        plain.UseOrleans(silo => Setup(silo));
        await CallsAsync(plain.Build(), "plain");

        var web = WebApplication.CreateBuilder();
        web.Logging.ClearProviders();
        web.WebHost.UseUrls("http://127.0.0.1:0");
        web.UseOrleans(silo => Setup(silo));
        await CallsAsync(web.Build(), "web");

        var old = Host.CreateDefaultBuilder().ConfigureLogging(logging => logging.ClearProviders()).UseOrleans((context, silo) => Setup(silo));
        await CallsAsync(old.Build(), "old");
    }

    [Fact]
    public void A_host_is_either_a_silo_or_a_client()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo => Setup(silo));

        Assert.Throws<OrleansConfigurationException>(() => builder.UseOrleansClient(_ => { }));
    }

    [Fact]
    public async Task Streams_without_their_storage_are_refused_at_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo =>
        {
            Setup(silo);
            silo.AddMemoryStreams("notices");
        });
        using var host = builder.Build();

        await Assert.ThrowsAsync<OrleansConfigurationException>(() => host.StartAsync());
    }

    [Fact]
    public async Task A_silo_knows_itself_and_is_active_while_it_runs()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo => Setup(silo).Configure<SiloOptions>(o => o.SiloName = "me"));
        using var host = builder.Build();
        await host.StartAsync();

        var oracle = host.Services.GetRequiredService<ISiloStatusOracle>();
        var details = host.Services.GetRequiredService<ILocalSiloDetails>();

        Assert.Equal(("me", "dev"), (details.Name, details.ClusterId));
        Assert.Equal(details.SiloAddress, oracle.SiloAddress);
        Assert.Equal([details.SiloAddress], oracle.GetActiveSilos());
        Assert.Equal(SiloStatus.Active, oracle.GetApproximateSiloStatus(details.SiloAddress));
        await host.StopAsync();
    }

    private static ISiloBuilder Setup(ISiloBuilder silo) => silo.UseLocalhostClustering();

    private static async Task CallsAsync(IHost host, string key)
    {
        using (host)
        {
            await host.StartAsync();
            Assert.Equal(key, await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IKeyGrain>(key).KeyAsync().ForAsync("the answer"));
            Assert.Equal(key, await host.Services.GetRequiredService<IClusterClient>().GetGrain<IKeyGrain>(key).KeyAsync().ForAsync("the answer"));
            await host.StopAsync();
        }
    }
}
