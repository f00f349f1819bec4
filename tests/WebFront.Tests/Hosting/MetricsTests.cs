using System.Diagnostics.Metrics;

using Holdfast.Grains.Monitoring;
using Holdfast.Grains.Tasks;
using Holdfast.Hosting;
using Holdfast.TestSupport;
using Holdfast.WebFront.Live;

using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.WebFront.Tests.Hosting;

/// <summary>What stands at <c>/metrics</c>: our own metrics under names that dashboards and alerts know, and those of Orleans, the web server and .NET.</summary>
public sealed class MetricsTests
{
    private static readonly string[] OurOwn =
    [
        "holdfast_append_seconds histogram",
        "holdfast_connections gauge",
        "holdfast_connections_closed_total counter",
        "holdfast_connections_opened_total counter",
        "holdfast_cursors_returned_total counter",
        "holdfast_events_appended_total counter",
        "holdfast_feeds gauge",
        "holdfast_gaps_total counter",
        "holdfast_generators_running gauge",
        "holdfast_messages_delivered_total counter",
        "holdfast_page_cache_bytes gauge",
        "holdfast_tasks_ended_total counter",
        "holdfast_tasks_interrupted_total counter",
        "holdfast_tasks_owned gauge",
        "holdfast_viewers_largest_lag gauge",
        "holdfast_viewers_polling gauge",
        "holdfast_viewers_slow gauge",
        "holdfast_worker_leases gauge",
    ];

    [Fact]
    public async Task OurMetrics_KeepTheirNamesAndKinds()
    {
        await using var host = await EmbeddedFront.StartAsync();
        MeasureEverything(host.Services);
        var text = await ReadAsync(host);
        Assert.Equal(OurOwn, Lines(text, "# TYPE holdfast_").Select(line => line["# TYPE ".Length..]).Order(StringComparer.Ordinal));
        Assert.Contains("holdfast_tasks_ended_total{kind=\"echo\",status=\"completed\"} 1", Lines(text, "holdfast_tasks_ended"));
        Assert.Contains("holdfast_append_seconds_bucket{le=\"0.0025\"} 1", Lines(text, "holdfast_append_seconds_bucket"));
    }

    [Theory]
    [InlineData("orleans_grains{")]
    [InlineData("kestrel_active_connections{")]
    [InlineData("http_server_request_duration_seconds_count{")]
    [InlineData("dotnet_gc_collections_total{")]
    public async Task OrleansTheServerAndDotNet_StandBesideThem(string series)
    {
        await using var host = await EmbeddedFront.StartAsync();
        await Waiting.UntilAsync(series, async () => Lines(await ReadAsync(host), series).Length > 0);
    }

    [Fact]
    public async Task WhatAnotherHostOfTheProcessMeasures_IsItsOwn()
    {
        await using var host = await EmbeddedFront.StartAsync();
        await using var other = await EmbeddedFront.StartAsync();
        other.Services.GetRequiredService<FrontMetrics>().Gap();
        Assert.Single(Lines(await ReadAsync(other), "holdfast_gaps_total"));
        Assert.Empty(Lines(await ReadAsync(host), "holdfast_gaps_total"));
        Assert.DoesNotContain(host.Services.GetRequiredService<FiguresReader>().Read(), figure => figure.Name == FigureNames.Gaps);
    }

    [Fact]
    public async Task AMetricWithTooManySeries_GetsOneMoreForTheRest()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Process:MaxSeries"] = "2" });
        var counter = host.Services.GetRequiredService<IMeterFactory>().Create("Holdfast.Tests").CreateCounter<long>("many");
        for (var i = 0; i < 5; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("label", i));
        }

        Assert.Equal(
            ["many_total{label=\"0\"} 1", "many_total{label=\"1\"} 1", "many_total{otel_metric_overflow=\"true\"} 3"],
            Lines(await ReadAsync(host), "many_total{").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AFigureWithTooManySeries_HasNoMore()
    {
        await using var host = await EmbeddedFront.StartAsync(new Dictionary<string, string> { ["Process:MaxSeries"] = "2" });
        for (var code = 4000; code < 4005; code++)
        {
            host.Services.GetRequiredService<FrontMetrics>().Closed("websocket", code, stop: true);
        }

        Assert.Equal(2, host.Services.GetRequiredService<FiguresReader>().Read().Count(figure => figure.Name == FigureNames.Closed));
    }

    private static void MeasureEverything(IServiceProvider services)
    {
        var tasks = services.GetRequiredService<TaskMetrics>();
        tasks.Stored(3, TimeSpan.FromMilliseconds(2));
        tasks.Ended("echo", GenerationStatus.Completed);
        tasks.Interrupted();
        var front = services.GetRequiredService<FrontMetrics>();
        front.Opened("sse");
        front.Closed("sse", 1000, stop: true);
        front.Delivered(3);
        front.Returned(ReturnOutcome.Resumed);
        front.Gap();
    }

    private static async Task<string> ReadAsync(EmbeddedFront host) => (await host.Api.GetAsync("/metrics")).Text;

    private static string[] Lines(string text, string start) => [.. text.Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal))];
}
