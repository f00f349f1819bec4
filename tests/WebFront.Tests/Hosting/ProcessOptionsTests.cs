using Holdfast.Grains.Generators;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>Limits of a process and of what runs in it are what the options say.</summary>
public sealed class ProcessOptionsTests
{
    [Fact]
    public async Task ShutdownTimeoutAndPlacesOfGenerators_AreWhatTheOptionsSay()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Process:ShutdownTimeout"] = "00:00:07", ["Generators:MaxConcurrent:echo"] = "3" });
        Assert.Equal(TimeSpan.FromSeconds(7), host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        var generators = host.Services.GetRequiredService<GeneratorCatalog>();
        Assert.Equal((3, Environment.ProcessorCount), (generators.Find("echo")!.MaxConcurrent, generators.Find("roadmap")!.MaxConcurrent));
    }
}
