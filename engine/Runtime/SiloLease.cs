using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Holdfast.Engine;

/// <summary>Keeps a silo in the cluster's table, and the silo's picture of the cluster fresh.</summary>
internal sealed partial class SiloLease : IDisposable
{
    private readonly Silo _silo;
    private readonly TimeSpan _period;
    private readonly CancellationTokenSource _stopped = new();
    private long _renewed;
    private bool _known;
    private int _dead = -1;
    private int _hurrying;

    public SiloLease(Silo silo, ClusterMembershipOptions options)
    {
        if (options.ProbeTimeout <= TimeSpan.Zero || options.NumMissedProbesLimit < 1)
        {
            throw new OrleansConfigurationException("ClusterMembershipOptions.ProbeTimeout must be positive and NumMissedProbesLimit at least 1: their product is the lease.");
        }

        _silo = silo;
        _period = options.ProbeTimeout;
        _renewed = silo.Time.GetTimestamp();
    }

    /// <summary>Others cannot have declared this silo dead yet.</summary>
    public bool IsHeld => _silo.Table.Lease is not { } lease || _silo.Time.GetElapsedTime(Volatile.Read(ref _renewed)) < lease;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _silo.Table.Watch(Apply);
        await RenewAsync().WaitAsync(cancellationToken);
        _ = _silo.KeepAskingAsync(_period, RenewAsync, _stopped.Token);
    }

    /// <summary>Renews the lease and takes in what the table says.</summary>
    public async Task RenewAsync()
    {
        // From before the request: that is the latest moment from which on others may count.
        var started = _silo.Time.GetTimestamp();
        var renewal = await _silo.Table.RenewAsync(_silo.Row, _silo.Links.Refusing);
        Volatile.Write(ref _renewed, started);
        Apply(renewal.Rows);
        _silo.Membership.Take(renewal.Rows, _silo.Clock.Now, _silo.SilenceLimit);
        if (renewal.WasUnknown && _known)
        {
            LogForgotten(_silo.Logger);
            await _silo.ReclaimAsync();
        }

        _known = true;
        await SweepAsync();
    }

    /// <summary>Looks more often while some silo's machine refuses connections: most likely it is dead.</summary>
    public void Hurry()
    {
        if (Interlocked.Exchange(ref _hurrying, 1) == 0)
        {
            _ = HurryAsync();
        }
    }

    public async Task LeaveAsync()
    {
        try
        {
            await _silo.Table.RenewAsync(_silo.Row);
        }
        catch (Exception e)
        {
            _silo.LogTableAway(LogLevel.Warning, e);
        }
    }

    public void Dispose()
    {
        _silo.Table.Unwatch(Apply);
        _stopped.Cancel();
    }

    private async Task HurryAsync()
    {
        try
        {
            do
            {
                await Task.Delay(_period / 4, _silo.Time, _stopped.Token);
                await RenewAsync();
            }
            while (_silo.Links.Refusing.Count > 0);
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
        catch (Exception e)
        {
            // The next attempt to connect brings it back here.
            _silo.LogTableAway(LogLevel.Debug, e);
        }
        finally
        {
            Volatile.Write(ref _hurrying, 0);
        }
    }

    private void Apply(IReadOnlyList<SiloRow> rows)
    {
        if (_silo.IsKilled)
        {
            return;
        }

        if (_silo.Row.Status != SiloStatus.Dead && rows.Any(r => r.Address.Equals(_silo.SiloAddress) && r.Status == SiloStatus.Dead))
        {
            _silo.Die("It did not renew its lease in time, so the other silos have declared it dead.");
            return;
        }

        _silo.Membership.Apply(rows);
    }

    // Once after each death, and at the first renewal, by one silo for all.
    private async Task SweepAsync()
    {
        var dead = _silo.Membership.Rows.Count(r => r.Status == SiloStatus.Dead);
        if (dead > _dead && _silo.Membership.Active is [var first, ..] && first.Equals(_silo.SiloAddress))
        {
            await _silo.Table.SweepAsync();
        }

        _dead = dead;
    }
}
