using Holdfast.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>A silo of a test cluster.</summary>
public abstract class SiloHandle : IDisposable, IAsyncDisposable
{
    /// <summary>Which of the cluster's silos it is, from 0.</summary>
    public short InstanceNumber { get; set; }

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its address.</summary>
    public SiloAddress SiloAddress { get; set; } = SiloAddress.Zero;

    /// <summary>Where clients connect.</summary>
    public SiloAddress GatewayAddress { get; set; } = SiloAddress.Zero;

    /// <summary>Whether it runs.</summary>
    public abstract bool IsActive { get; }

    /// <summary>Stops it in good order, or kills it.</summary>
    public abstract Task StopSiloAsync(bool stopGracefully);

    /// <summary>Stops it in good order until the token says otherwise.</summary>
    public abstract Task StopSiloAsync(CancellationToken ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {SiloAddress}";

    /// <summary>Frees what the silo holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A silo in the test's own process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private bool _active = true;

    /// <summary>The silo's host.</summary>
    public IHost SiloHost { get; init; } = null!;

    /// <summary>The services of the silo's host.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;

    /// <inheritdoc/>
    public override bool IsActive => _active;

    /// <inheritdoc/>
    public override async Task StopSiloAsync(bool stopGracefully)
    {
        if (stopGracefully)
        {
            await StopSiloAsync(CancellationToken.None);
            return;
        }

        _active = false;
        ServiceProvider.GetRequiredService<HostileNetwork>().Kill(ServiceProvider.GetRequiredService<Silo>());
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await SiloHost.StopAsync(now.Token);
    }

    /// <inheritdoc/>
    public override async Task StopSiloAsync(CancellationToken ct)
    {
        _active = false;
        await SiloHost.StopAsync(ct);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _active = false;
        if (SiloHost is IAsyncDisposable host)
        {
            await host.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _active = false;
        SiloHost.Dispose();
        base.Dispose(disposing);
    }
}
