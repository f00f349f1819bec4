using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Monitoring;

/// <inheritdoc cref="IFiguresGrain"/>
[GrainType("holdfast.figures")]
internal sealed class FiguresGrain(IOptions<MonitorOptions> options, TimeProvider clock) : Grain, IFiguresGrain
{
    private readonly Leases<NodeFigures> _nodes = new(options.Value.KeepFor, clock);

    /// <inheritdoc/>
    public Task ReportAsync(NodeFigures figures)
    {
        _nodes.Renew(figures.Node, figures);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task LeaveAsync(string node)
    {
        _nodes.Remove(node);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<NodeFigures[]> ListAsync() => Task.FromResult(_nodes.Living().ToArray());
}
