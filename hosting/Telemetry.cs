using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using OpenTelemetry.Metrics;

namespace Holdfast.Hosting;

/// <summary>OpenTelemetry: what this process, Orleans, the web server and .NET measure.</summary>
public static class Telemetry
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// Collects metrics for <c>/metrics</c>, and sends them to where the environment variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says, if it says so.
    /// Names are as the instruments have them, with Prometheus' suffixes: <c>_total</c> of a counter, the unit where the name does not end with it.
    /// </summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services.AddMetrics();
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) => metrics.AddView(Limits(
            provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<IOptions<ProcessOptions>>().Value.MaxSeries)));
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter("Holdfast.*", "Microsoft.Orleans", "Microsoft.AspNetCore.*", "System.Runtime");
            metrics.AddPrometheusExporter(prometheus => (prometheus.ScopeInfoEnabled, prometheus.TargetInfoEnabled) = (false, false));
            if (Environment.GetEnvironmentVariable(OtlpEndpoint) is { Length: > 0 })
            {
                metrics.AddOtlpExporter();
            }
        });
        return services;
    }

    /// <summary>What other hosts in the same process measure is theirs; of the rest, so many series each.</summary>
    private static Func<Instrument, MetricStreamConfiguration> Limits(IMeterFactory own, int maxSeries)
    {
        var limited = new MetricStreamConfiguration { CardinalityLimit = maxSeries };
        return instrument => instrument.Meter.Scope is IMeterFactory maker && maker != own ? MetricStreamConfiguration.Drop : limited;
    }
}
