using Microsoft.Extensions.Logging;

namespace Holdfast.Hosting;

/// <summary>A front that finds no silo waits for one, for as long as it takes, and says so once.</summary>
/// <param name="settings">How often it tries.</param>
/// <param name="clock">The clock.</param>
/// <param name="logger">Hears that it waits.</param>
internal sealed partial class ConnectionPatience(ClusterSettings settings, TimeProvider clock, ILogger<ConnectionPatience> logger) : IClientConnectionRetryFilter
{
    private readonly Outage _outage = new();

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        var level = _outage.Failed();
        Waits(logger, level, settings.Name, exception);
        await Task.Delay(settings.SiloRefresh, clock, cancellationToken);
        return true;
    }
}
