using System.Diagnostics.Metrics;

using Holdfast.Grains.Generators;
using Holdfast.Hosting;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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

    [Fact]
    public void AMetricWithTooManySeries_GetsNoMore_AndOneWarningSaysSo()
    {
        var log = new CapturedLog();
        using var services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(log)).AddSingleton<MetricsText>()
            .Configure<ProcessOptions>(options => options.MaxSeries = 2).BuildServiceProvider();
        var text = services.GetRequiredService<MetricsText>();
        var counter = services.GetRequiredService<IMeterFactory>().Create("Holdfast.Tests").CreateCounter<long>("many");
        for (var i = 0; i < 5; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("label", i));
        }

        Assert.Equal(2, text.Render().Split('\n').Count(line => line.StartsWith("many_total{", StringComparison.Ordinal)));
        Assert.Contains("The metric many has 2 series", Assert.Single(log.Warnings), StringComparison.Ordinal);
    }
}
