using Holdfast.Grains;
using Holdfast.Grains.Monitoring;
using Holdfast.Grains.Setup;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Hosting;

/// <summary>Writes this process's figures on the cluster's board, for the monitor, again and again.</summary>
public sealed partial class FiguresReporter(
    FiguresReader figures,
    IGrainFactory grains,
    IHostApplicationLifetime lifetime,
    IOptions<MonitorOptions> options,
    TimeProvider clock,
    ILogger<FiguresReporter> logger) : BackgroundService
{
    private readonly string _node = NewId.Node();

    /// <summary>This process's figures as they stand now.</summary>
    public NodeFigures Read() => new(_node, figures.Read());

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await lifetime.WhenStartedAsync(stoppingToken);
            using var timer = new PeriodicTimer(options.Value.ReportPeriod, clock);
            do
            {
                await ReportAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Going down.
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await grains.GetGrain<IFiguresGrain>(FiguresBoard.Key).LeaveAsync(_node).WaitAsync(options.Value.ReportPeriod, clock, cancellationToken);
        }
        catch (Exception e)
        {
            // They are forgotten by themselves.
            NotReported(logger, e);
        }
    }

    private async Task ReportAsync(CancellationToken stoppingToken)
    {
        try
        {
            await grains.GetGrain<IFiguresGrain>(FiguresBoard.Key).ReportAsync(Read()).WaitAsync(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // The monitor shows the others until the next try.
            NotReported(logger, e);
        }
    }
}

/// <summary>Adds figures.</summary>
public static class FiguresExtensions
{
    /// <summary>Measures what this process does, for <c>/metrics</c> and for the cluster's monitor.</summary>
    public static IServiceCollection AddFigures(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSection<MonitorOptions>();
        services.AddTelemetry();
        services.AddSingleton<FiguresReader>();
        services.AddSingleton<FiguresReporter>();
        return services.AddHostedService(provider => provider.GetRequiredService<FiguresReporter>());
    }
}
